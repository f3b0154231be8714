// The kernel decodes packed matrices to the bits of the reference, and counts the same codes.
import { beforeAll, describe, expect, it } from 'vitest';
import type { Kernel } from '../../../src/core/analysis/kernel.ts';
import { codesOf, decodeLine, packedLayout, readWindow } from '../../../src/core/quant/packed/decoder.ts';
import { loadKernel } from '../../../src/node/diskAnalyzer.ts';
import { createRandom } from '../../support/random.ts';
import { randomMatrix, VARIANTS } from '../quant/packed/randomMatrices.ts';
import { buildKernel, KERNEL_WASM } from '../../support/tools.ts';

let kernel: Kernel;
beforeAll(async () => {
  await buildKernel();
  kernel = loadKernel(KERNEL_WASM);
});

const SEED = 20_261_121;

describe.each(VARIANTS)('$name', (variant) => {
  it.each([0, 1, 2])('is decoded to the same bits, with chance %i', (chance) => {
    const { matrix, read } = randomMatrix(variant, createRandom(SEED + chance));
    const counts = new Float64Array(256);
    for (let index = 0; index < matrix.matrices; index++) {
      const layout = packedLayout(matrix, index, read);
      const part = codesOf(matrix, index, read);
      for (let from = 0; from < layout.lines; from += layout.step) {
        const to = Math.min(layout.lines, from + layout.step);
        const { bytes, indexOf } = readWindow(layout, part, { from, to });
        const at = 4 * chance; // the bytes lie anywhere in the input
        kernel.input.fill(0xa5, 0, at + bytes.length + 64);
        kernel.input.set(bytes, at);
        const inKernel = { bytes: kernel.input.subarray(at, at + bytes.length), indexOf };
        for (let line = from; line < to; line++) {
          for (const [first, count] of stripsOf(layout.lineWeights)) {
            const expected = new Float32Array(count);
            const codes = new Uint8Array(count);
            decodeLine(layout, line, first, { bytes, indexOf }, expected, codes);
            kernel.packed.decode(layout, line, first, count, inKernel);
            expect(bitsOf(kernel.strip.subarray(0, count))).toEqual(bitsOf(expected));
            if (layout.kind !== 'coded') continue;
            kernel.packed.countCodes(layout, count);
            for (const code of codes) counts[code] = (counts[code] ?? 0) + 1;
          }
        }
      }
    }
    expect(kernel.packed.takeCodes()).toEqual(counts);
  });
});

/** A whole line, and pieces of it. */
function stripsOf(weights: number): [number, number][] {
  return [
    [0, weights],
    [8, Math.max(1, weights - 11)],
    [weights & ~7, weights & 7],
  ].filter((strip): strip is [number, number] => (strip[1] ?? 0) > 0);
}

/** NaN of any payload are one. */
const bitsOf = (floats: Float32Array): Uint32Array =>
  new Uint32Array(Float32Array.from(floats, (value) => (Number.isNaN(value) ? NaN : value)).buffer);
