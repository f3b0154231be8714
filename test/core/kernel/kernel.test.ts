// The WASM kernel against the reference: every bit of the floats, every count, and the sums as exactly as doubles add up.
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { createKernel, type Kernel } from '../../../src/core/analysis/kernel.ts';
import { addBlocksToTally, createBlockTally } from '../../../src/core/analysis/blockTally.ts';
import { addToTally, type Counts, createTally, type Tally } from '../../../src/core/analysis/tally.ts';
import { scaleOf } from '../../../src/core/analysis/tensorTally.ts';
import { decoderOf } from '../../../src/core/quant/decode/decoders.ts';
import { GGML_SCHEMES, ggmlScheme } from '../../../src/core/quant/ggmlTypes.ts';
import { SAFETENSORS_SCHEMES } from '../../../src/core/quant/safetensorsTypes.ts';
import { buildKernel, KERNEL_WASM } from '../../support/tools.ts';
import { blockBytes, difference, randomBytes, randomWeights } from '../decode/blocks.ts';

/** Strips of random bytes for each scheme: 131,072 weights. */
const ROUNDS = 32;

let module: WebAssembly.Module;
let kernel: Kernel;
beforeAll(async () => {
  await buildKernel();
  module = new WebAssembly.Module(readFileSync(KERNEL_WASM));
  kernel = createKernel(module);
}, 60_000);

const schemes = [...new Set([...GGML_SCHEMES, ...SAFETENSORS_SCHEMES])]
  .filter((scheme) => decoderOf(scheme) !== null)
  .map((scheme) => [scheme.name, scheme] as const);

describe('the kernel decodes', () => {
  it.each(schemes)('%s bit for bit as the reference does', (_name, scheme) => {
    const { strip } = kernel;
    const blocks = strip.length / scheme.blockWeights;
    const decodeStrip = kernel.stripDecoder(scheme, 'little')!;
    const expected = new Float32Array(strip.length);
    for (let round = 0; round < ROUNDS; round++) {
      const bytes = randomBytes(blockBytes(scheme, blocks), round);
      decoderOf(scheme)!(bytes, 0, blocks, expected, 0, 'little');
      strip.fill(42);
      kernel.input.set(bytes, 3);
      decodeStrip.decode(3, blocks);
      expect(difference(strip, expected), `round ${round}`).toBeNull();
    }
  });

  it('all but rare types by itself', () => {
    const known = new Set(WebAssembly.Module.exports(module).map(({ name }) => name));
    const left = schemes.map(([name]) => name).filter((name) => !known.has(name));
    expect(left).toEqual(['Q8_K', 'F4', 'F6_E2M3', 'F6_E3M2']);
  });

  it('every code of F16', () => {
    const codes = Uint16Array.from({ length: 65_536 }, (_item, code) => code);
    const expected = new Float32Array(kernel.strip.length);
    for (let first = 0; first < codes.length; first += expected.length) {
      const bytes = new Uint8Array(codes.buffer, 2 * first, 2 * expected.length);
      decoderOf(ggmlScheme(1))!(bytes, 0, expected.length, expected, 0, 'little');
      kernel.input.set(bytes);
      kernel.stripDecoder(ggmlScheme(1), 'little')!.decode(0, expected.length);
      expect(difference(kernel.strip, expected)).toBeNull();
    }
  });

  it('a big-endian file, by the reference', () => {
    const scheme = ggmlScheme(12);
    const bytes = randomBytes(144, 5);
    const expected = new Float32Array(256);
    decoderOf(scheme)!(bytes, 0, 1, expected, 0, 'big');
    kernel.input.set(bytes);
    kernel.stripDecoder(scheme, 'big')!.decode(0, 1);
    expect(difference(kernel.strip.slice(0, 256), expected)).toBeNull();
  });
});

describe('the kernel counts', () => {
  function taken(columnCount: number): Tally {
    const tally = createTally(columnCount);
    kernel.moveTo([tally], columnCount);
    return tally;
  }

  /** Rows of `columnCount`, in pieces as long as a strip, by kernel and reference. */
  function bothTallies(weights: Float32Array, columnCount: number, shift: number): [Tally, Tally] {
    const reference = createTally(columnCount);
    for (let row = 0; row < weights.length; row += columnCount) {
      for (let column = 0; column < columnCount; column += kernel.strip.length) {
        const end = Math.min(column + kernel.strip.length, columnCount);
        const piece = weights.subarray(row + column, row + end);
        addToTally(reference, piece, column, shift);
        kernel.strip.set(piece);
        kernel.add(piece.length, column, shift, scaleOf(weights.subarray(0, 4096), shift));
      }
    }
    return [taken(columnCount), reference];
  }

  function expectEqual([actual, reference]: readonly [Tally, Tally]): void {
    expect(Buffer.from(actual.histogram.buffer).equals(Buffer.from(reference.histogram.buffer))).toBe(true);
    expect(difference(actual.columns, reference.columns)).toBeNull();
    expect([actual.least === reference.least, actual.most === reference.most]).toEqual([true, true]);
    // Odd powers nearly cancel: what sums of 64 in F32 change is small beside the sums of magnitudes.
    const [, squares, , fourths] = reference.powers as unknown as [number, number, number, number];
    const scale = [
      Math.sqrt(squares * reference.histogram.reduce((sum, n) => sum + n, 0)),
      squares,
      fourths ** 0.75 * 100,
      fourths,
    ];
    // A single weight far from the others decides about the higher powers: then the error is that of one F32.
    const tolerance = [1e-8, 1e-8, 1e-7, 1e-7];
    actual.powers.forEach((power, k) => {
      expect(Math.abs(power - reference.powers[k]!)).toBeLessThanOrEqual(tolerance[k]! * scale[k]!);
    });
  }

  it.each([
    ['of whole strips', 4096, 0],
    ['longer than a strip', 5000, 0],
    ['of three weights', 3, 0],
    ['of a number of weights that is not a multiple of four', 257, 0],
    ['about a mean far from zero', 4096, 0.75],
  ])('rows %s as the reference does', (_what, columnCount, shift) => {
    const rows = Math.floor(400_000 / columnCount);
    expectEqual(bothTallies(randomWeights(rows * columnCount, 6), columnCount, shift));
  });

  it('NaN and infinities: in the histogram, and infinities in the extremes, but not in the sums', () => {
    const weights = new Float32Array(randomBytes(4 * 40_970, 7).buffer);
    const [actual, reference] = bothTallies(weights, 4097, 0);
    expect([...actual.powers].every(Number.isFinite)).toBe(true);
    expectEqual([actual, reference]);
    expectEqual(bothTallies(new Float32Array(64).fill(NaN), 32, 0));
    expectEqual(bothTallies(Float32Array.of(-Infinity, 1, 2, NaN, Infinity, -0, 0, 3), 8, 0));
  });

  it('from nothing again after a take', () => {
    bothTallies(Float32Array.of(1, 2, 3, 4), 4, 0);
    const empty = taken(4);
    expect([empty.least, empty.most, ...empty.powers, ...empty.columns]).toEqual([
      Infinity,
      -Infinity,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
    ]);
    expect(empty.histogram.every((count) => count === 0)).toBe(true);
  });
});

describe('the kernel counts of blocks', () => {
  const blockSchemes = schemes.filter(([name, { kind }]) => kind === 'block' && name !== 'Q8_K');

  it.each(blockSchemes)('the levels, scales and mins of %s as their anatomy has them', (_name, scheme) => {
    const weights = 2048;
    const blocks = weights / scheme.blockWeights;
    const bytes = randomBytes(blockBytes(scheme, blocks), 8);
    const reference = createBlockTally();
    addBlocksToTally(reference, scheme, 'little', bytes, 0, blocks);
    const { decode, countBlocks } = kernel.stripDecoder(scheme, 'little')!;
    kernel.input.set(bytes);
    decode(0, blocks);
    countBlocks!(blocks);
    const counted = kernel.takeBlocks();
    expect(used(counted.levels)).toEqual(used(reference.levels));
    expect(used(counted.scales)).toEqual(used(reference.scales));
    expect(used(counted.mins)).toEqual(used(reference.mins));
    expect(counted.levels.reduce((sum, count) => sum + count, 0)).toBe(weights);
  });

  it.each([1, 3, 4, 5, 127, 128])(
    'the levels of %i blocks of 32 weights, after those of a whole strip',
    (blocks) => {
      const scheme = ggmlScheme(2); // Q4_0: by bits of 128 weights
      const bytes = randomBytes(blockBytes(scheme, 128), blocks);
      const reference = createBlockTally();
      const { decode, countBlocks } = kernel.stripDecoder(scheme, 'little')!;
      kernel.input.set(bytes);
      for (const count of [128, blocks]) {
        addBlocksToTally(reference, scheme, 'little', bytes, 0, count);
        decode(0, count);
        countBlocks!(count);
      }
      expect(used(kernel.takeBlocks().levels)).toEqual(used(reference.levels));
    },
  );

  it('of plain numbers nothing', () => {
    expect(kernel.stripDecoder(ggmlScheme(1), 'little')!.countBlocks).toBeNull();
  });

  /** Bins with their counts; a NaN has many bins and is one. */
  const used = (counts: Counts): ReadonlyMap<number | 'NaN', number> => {
    const bins = new Map<number | 'NaN', number>();
    counts.forEach((count, bin) => {
      const key = (bin & 0x7fff) > 0x7f80 ? 'NaN' : bin;
      if (count > 0) bins.set(key, (bins.get(key) ?? 0) + count);
    });
    return bins;
  };
});
