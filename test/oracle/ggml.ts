// ggml itself, from the llama.cpp library that node-llama-cpp ships: quantizes and dequantizes for the tests.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { LibraryHandle } from 'koffi';
import type { Scheme } from '../../src/core/quant/scheme.ts';

export interface Ggml {
  /** Floats as blocks of a type; whole rows of `rowWeights`. */
  quantize(scheme: Scheme, weights: Float32Array, rowWeights: number): Uint8Array;
  /** The floats that ggml reads in the blocks. */
  dequantize(scheme: Scheme, blocks: Uint8Array, weightCount: number): Float32Array;
}

const LIBRARY = path.resolve(
  import.meta.dirname,
  '../../node_modules/@node-llama-cpp/linux-x64/bins/linux-x64/libggml-base.so',
);

/** Why there is no ggml here; null where there is. */
export const GGML_MISSING: string | null =
  process.platform === 'linux' && process.arch === 'x64' && existsSync(LIBRARY)
    ? null
    : `ggml is not installed for ${process.platform}-${process.arch}`;

/** Types that ggml writes only when told how important each column is. */
const NEEDS_IMPORTANCE: ReadonlySet<string> = new Set([
  'IQ1_S',
  'IQ1_M',
  'IQ2_XXS',
  'IQ2_XS',
  'IQ2_S',
  'IQ3_XXS',
  'IQ3_S',
]);

/** Types that only computations write: not by ggml_quantize_chunk. */
const ROW_QUANTIZERS: Readonly<Partial<Record<string, string>>> = {
  Q8_1: 'quantize_row_q8_1_ref',
  Q8_K: 'quantize_row_q8_K_ref',
};

/** The functions that do not bear the name of their type. */
const ROW_DEQUANTIZERS: Readonly<Partial<Record<string, string>>> = {
  F16: 'ggml_fp16_to_fp32_row',
  BF16: 'ggml_bf16_to_fp32_row',
};

export function loadGgml(): Ggml {
  const { load } = createRequire(import.meta.url)('koffi') as { load(path: string): LibraryHandle };
  const library = load(LIBRARY);
  const callRow = (name: string, from: ArrayBufferView, to: ArrayBufferView, count: number): void => {
    library.func(`void ${name}(const void *from, void *to, int64_t count)`)(from, to, count);
  };
  const quantizeChunk = library.func(
    'size_t ggml_quantize_chunk(int type, const float *from, void *to, int64_t start, int64_t rows, int64_t row, const float *importance)',
  );
  return {
    quantize(scheme, weights, rowWeights) {
      const blocks = new Uint8Array((weights.length / scheme.blockWeights) * (scheme.blockBytes ?? 0));
      const quantizeRow = ROW_QUANTIZERS[scheme.name];
      if (quantizeRow !== undefined) {
        callRow(quantizeRow, weights, blocks, weights.length);
        return blocks;
      }
      const importance = NEEDS_IMPORTANCE.has(scheme.name) ? new Float32Array(rowWeights).fill(1) : null;
      const rows = weights.length / rowWeights;
      const written = Number(quantizeChunk(scheme.ggmlId, weights, blocks, 0, rows, rowWeights, importance));
      if (written !== blocks.length)
        throw new Error(`ggml wrote ${written} bytes of ${scheme.name}, not ${blocks.length}.`);
      return blocks;
    },
    dequantize(scheme, blocks, weightCount) {
      // "Q4_K" is "q4_K" in a name, "IQ4_XS" is "iq4_xs".
      const suffix = scheme.name.endsWith('_K')
        ? `${scheme.name.slice(0, -2).toLowerCase()}_K`
        : scheme.name.toLowerCase();
      const weights = new Float32Array(weightCount);
      callRow(ROW_DEQUANTIZERS[scheme.name] ?? `dequantize_row_${suffix}`, blocks, weights, weightCount);
      return weights;
    },
  };
}
