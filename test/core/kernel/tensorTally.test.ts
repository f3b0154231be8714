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
import { blockBytes, difference, randomBytes } from '../decode/blocks.ts';
import { buildKernel, KERNEL_WASM } from './compiled.ts';

let kernel: Kernel;
beforeAll(async () => {
  await buildKernel();
  kernel = createKernel(new WebAssembly.Module(readFileSync(KERNEL_WASM)));
}, 60_000);

const Q4_K = ggmlScheme(12);
const I8 = ggmlScheme(24);
const F4 = safetensorsScheme('F4');

describe('the tally of a tensor', () => {
  it.each([
    ['short rows of blocks', Q4_K, 256, 37],
    ['rows that do not divide a strip', Q4_K, 768, 20],
    ['rows of more than a strip', Q4_K, 4352, 9],
    ['rows of one number', I8, 1, 5001],
    ['rows of three numbers', I8, 3, 1500],
    ['one long row of an odd number', I8, 9001, 1],
    ['rows of half bytes', F4, 62, 100],
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

  it('does not exist for rows that end within a block or a byte', () => {
    const rows = { endianness: 'little', shift: 0 } as const;
    expect(createTensorTally(kernel, { ...rows, scheme: Q4_K, rowWeights: 100 })).toBeNull();
    expect(createTensorTally(kernel, { ...rows, scheme: F4, rowWeights: 3 })).toBeNull();
    expect(createTensorTally(kernel, { ...rows, scheme: ggmlScheme(4), rowWeights: 256 })).toBeNull();
    expect(createTensorTally(kernel, { ...rows, scheme: I8, rowWeights: 0 })).toBeNull();
  });
});
