// Weights that ggml quantized and dequantized again are recognized, whatever plain type they are stored in afterwards.
import { describe, expect, it } from 'vitest';
import { type OriginSample, quantizedOrigin } from '../../src/core/analysis/origin.ts';
import { GRID_TYPES } from '../../src/core/analysis/originTypes.ts';
import { GGML_SCHEMES, ggmlScheme } from '../../src/core/quant/ggmlTypes.ts';
import { randomWeights } from '../core/decode/blocks.ts';
import { GGML_MISSING, loadGgml } from './ggml.ts';

const ROW = 256;
const WEIGHTS = 64 * ROW;
const SEED = 20_261_121;

const CONTAINERS = { F32: null, F16: ggmlScheme(1), BF16: ggmlScheme(30) } as const;

/** Types that write the same weights with fewer bits. */
const SAME_GRID: Readonly<Record<string, string>> = { TQ2_0: 'TQ1_0' };

/** What the weights lie on as well: a type with a min can write those of one without; in BF16 more fits than in F32. */
const ALTERNATIVES: Readonly<Record<string, readonly string[]>> = {
  TQ1_0: ['TQ2_0'],
  IQ1_S: ['Q2_K'],
  IQ3_S: ['Q4_K', 'Q4_1'],
  MXFP4: ['NVFP4'],
  Q4_0: ['Q4_1'],
  IQ4_XS: ['IQ4_NL'],
  Q4_K: ['Q4_1'],
  Q5_0: ['Q5_1'],
  Q5_K: ['Q5_1'],
};

const types = GRID_TYPES.map(({ name }) => name).filter((name) => !name.startsWith('F8'));
const cases = types.flatMap((name) =>
  (['F32', 'F16', 'BF16'] as const).map((container) => [name, container] as const),
);

const title = `origin of ggml's weights${GGML_MISSING === null ? '' : `: skipped, ${GGML_MISSING}`}`;

describe.skipIf(GGML_MISSING !== null)(title, { timeout: 60_000 }, () => {
  const ggml = GGML_MISSING === null ? loadGgml() : null;
  const stored = (name: string, container: OriginSample['container'], weights: Float32Array) => {
    const through = (type: string, values: Float32Array): Float32Array => {
      const scheme = GGML_SCHEMES.find((each) => each.name === type)!;
      return ggml!.dequantize(scheme, ggml!.quantize(scheme, values, ROW), values.length);
    };
    const dequantized = through(name, weights);
    return CONTAINERS[container] === null ? dequantized : through(container, dequantized);
  };

  it.each(cases)('is seen: %s stored as %s', (name, container) => {
    const weights = stored(name, container, randomWeights(WEIGHTS, SEED));
    const origin = quantizedOrigin({ weights, pieceWeights: ROW, container });
    const expected = SAME_GRID[name] ?? name;
    expect(origin?.type).toBe(expected);
    expect(ALTERNATIVES[expected] ?? []).toEqual(expect.arrayContaining([...origin!.alternatives]));
    expect(origin!.fitting).toBeGreaterThan(0.98 * origin!.blocks);
  });

  it.each(['Q4_0', 'Q5_K', 'Q6_K', 'Q8_0'])('is seen through two roundings: %s as BF16 as F32', (name) => {
    const weights = stored(name, 'BF16', randomWeights(WEIGHTS, SEED));
    for (const container of ['F16', 'F32'] as const) {
      expect(quantizedOrigin({ weights, pieceWeights: ROW, container })?.type).toBe(name);
    }
  });

  it('is seen in weights without outliers, and in few of them', () => {
    const weights = randomWeights(8 * ROW, SEED).map((weight) => Math.max(-0.13, Math.min(0.13, weight)));
    for (const name of ['Q4_K', 'Q5_0', 'Q6_K', 'Q8_0']) {
      const sample = { weights: stored(name, 'F16', weights), pieceWeights: ROW, container: 'F16' } as const;
      expect(quantizedOrigin(sample)?.type).toBe(name);
    }
  });

  it('is not seen where every fifth block was trained on', () => {
    const weights = stored('Q4_0', 'F16', randomWeights(WEIGHTS, SEED));
    for (let first = 0; first < WEIGHTS; first += 5 * 32) {
      weights[first] = weights[first]! + 0.0123;
      weights[first + 1] = weights[first + 1]! + 0.0077;
    }
    expect(quantizedOrigin({ weights, pieceWeights: ROW, container: 'F32' })).toBeNull();
  });
});
