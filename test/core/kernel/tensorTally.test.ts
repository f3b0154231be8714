// Whole tensors, in rows of any length, through the kernel and through the reference.
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  addBlocksToTally,
  createBlockTally,
  mergeBlockTally,
} from '../../../src/core/analysis/blockTally.ts';
import { createKernel, type Kernel } from '../../../src/core/analysis/kernel.ts';
import { addToTally, createTally, mergeTally } from '../../../src/core/analysis/tally.ts';
import { createTensorTally } from '../../../src/core/analysis/tensorTally.ts';
import { decoderOf } from '../../../src/core/quant/decode/decoders.ts';
import { ggmlScheme } from '../../../src/core/quant/ggmlTypes.ts';
import { safetensorsScheme } from '../../../src/core/quant/safetensorsTypes.ts';
import { blockBytes, difference, randomBytes, randomWeights } from '../decode/blocks.ts';
import { buildKernel, KERNEL_WASM } from '../../support/tools.ts';

let kernel: Kernel;
beforeAll(async () => {
  await buildKernel();
  kernel = createKernel(new WebAssembly.Module(readFileSync(KERNEL_WASM)));
}, 60_000);

const Q4_K = ggmlScheme(12);
const I8 = ggmlScheme(24);
const F4 = safetensorsScheme('F4');
const F16 = ggmlScheme(1);
const BF16 = ggmlScheme(30);

describe('the tally of a tensor', () => {
  it.each([
    ['short rows of blocks', Q4_K, 256, 37],
    ['rows that do not divide a strip', Q4_K, 768, 20],
    ['rows of more than a strip', Q4_K, 4352, 9],
    ['rows of one number', I8, 1, 5001],
    ['rows of three numbers', I8, 3, 1500],
    ['one long row of an odd number', I8, 9001, 1],
    ['rows of half bytes', F4, 62, 100],
    ['rows of F16 with NaN and infinities', F16, 4352, 9],
    ['short rows of F16', F16, 13, 700],
    ['rows of BF16 with NaN and infinities', BF16, 5001, 9],
    ['single numbers of BF16', BF16, 1, 5001],
  ] as const)('is that of the reference for %s', (_what, scheme, rowWeights, rowCount) => {
    const count = rowWeights * rowCount;
    const blocks = count / scheme.blockWeights;
    const bytes = randomBytes(blockBytes(scheme, blocks), 9);
    const weights = new Float32Array(count);
    decoderOf(scheme)!(bytes, 0, blocks, weights, 0, 'little');
    const reference = createTally(rowWeights);
    const blockReference = createBlockTally();
    addBlocksToTally(blockReference, scheme, 'little', bytes, 0, blocks);
    for (let row = 0; row < count; row += rowWeights) {
      addToTally(reference, weights.subarray(row, row + rowWeights), 0, 0);
    }

    const tensor = createTensorTally(kernel, { scheme, endianness: 'little', rowWeights, shift: 0 })!;
    kernel.input.set(bytes, 5);
    const some = Math.floor(rowCount / 3);
    const tally = createTally(rowWeights);
    tensor.addRows(5, some * rowWeights);
    tensor.moveTo([tally]);
    const blockTally = tensor.takeBlocks();
    tensor.addRows(5 + (bytes.length / rowCount) * some, (rowCount - some) * rowWeights);
    const rest = createTally(rowWeights);
    tensor.moveTo([rest]);
    mergeTally(tally, rest);
    const restBlocks = tensor.takeBlocks();
    if (blockTally && restBlocks) mergeBlockTally(blockTally, restBlocks);

    expect(difference(tally.columns, reference.columns)).toBeNull();
    expect(Buffer.from(tally.histogram.buffer).equals(Buffer.from(reference.histogram.buffer))).toBe(true);
    expect([tally.least, tally.most]).toEqual([reference.least, reference.most]);
    if (scheme === Q4_K) expect(blockTally!.levels).toEqual(blockReference.levels);
    else expect(blockTally).toBeNull();
  });

  it.each([
    ['F16', F16, 0],
    ['F16 about a mean', F16, 0.75],
    ['BF16', BF16, 0],
    ['BF16 about a mean', BF16, 0.75],
  ] as const)(
    'has the moments and extremes of the reference for %s, which it counts by codes',
    (_what, scheme, shift) => {
      const [rowWeights, count] = [500, 40_000];
      const codes = Uint16Array.from(
        randomWeights(count, 10),
        (weight) => 0x3000 + Math.floor(5000 * weight),
      );
      codes.forEach((code, index) => (codes[index] = index % 3 === 0 ? code | 0x8000 : code));
      const weights = new Float32Array(count);
      decoderOf(scheme)!(new Uint8Array(codes.buffer), 0, count, weights, 0, 'little');
      const [tally, reference] = [createTally(rowWeights), createTally(rowWeights)];
      for (let row = 0; row < count; row += rowWeights)
        addToTally(reference, weights.subarray(row, row + rowWeights), 0, shift);
      const tensor = createTensorTally(kernel, { scheme, endianness: 'little', rowWeights, shift })!;
      kernel.input.set(new Uint8Array(codes.buffer));
      const extremes = new Float32Array(4);
      tensor.addRows(0, count / 2);
      tensor.takeExtremes(extremes, 0);
      tensor.addRows(count, count / 2);
      tensor.takeExtremes(extremes, 2);
      tensor.moveTo([tally]);
      expect([tally.least, tally.most]).toEqual([Infinity, -Infinity]); // they were taken
      expect(Math.min(...extremes)).toBe(reference.least);
      expect(Math.max(...extremes)).toBe(reference.most);
      expect(tally.histogram).toEqual(reference.histogram);
      tally.powers.forEach((power, k) => {
        const size = weights
          .filter(Number.isFinite)
          .reduce((sum, weight) => sum + Math.abs(Math.fround(weight - shift)) ** (k + 1), 0);
        expect(Math.abs(power - reference.powers[k]!)).toBeLessThanOrEqual(1e-12 * size);
      });
    },
  );

  it('has no extremes and no columns where all weights are NaN', () => {
    const tally = createTally(24);
    const tensor = createTensorTally(kernel, {
      scheme: BF16,
      endianness: 'little',
      rowWeights: 24,
      shift: 0,
    })!;
    kernel.input.fill(0xff, 0, 2 * 240);
    tensor.addRows(0, 240);
    tensor.moveTo([tally]);
    expect([tally.least, tally.most, ...tally.columns]).toEqual([
      Infinity,
      -Infinity,
      ...new Array<number>(24).fill(0),
    ]);
    expect(tally.histogram[0xffff]).toBe(240);
  });

  it('does not exist for rows that end within a block or a byte', () => {
    const rows = { endianness: 'little', shift: 0 } as const;
    expect(createTensorTally(kernel, { ...rows, scheme: Q4_K, rowWeights: 100 })).toBeNull();
    expect(createTensorTally(kernel, { ...rows, scheme: F4, rowWeights: 3 })).toBeNull();
    expect(createTensorTally(kernel, { ...rows, scheme: ggmlScheme(4), rowWeights: 256 })).toBeNull();
    expect(createTensorTally(kernel, { ...rows, scheme: I8, rowWeights: 0 })).toBeNull();
  });
});
