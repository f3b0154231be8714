// The estimate of a large tensor against its exact analysis: near it, marked, the same every time, and silent on what a sample
// does not tell.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FileAccess, TensorAnalyzer } from '../../src/app/ports.ts';
import { createAnalyzer } from '../../src/app/analysis/analyzer.ts';
import { sampleRows } from '../../src/app/analysis/sampleRows.ts';
import type { RowLayout } from '../../src/app/analysis/tensorRows.ts';
import { statsCells } from '../../src/app/present/statsCells.ts';
import type { Kernel } from '../../src/core/analysis/kernel.ts';
import { ggmlScheme } from '../../src/core/quant/ggmlTypes.ts';
import { loadKernel } from '../../src/node/diskAnalyzer.ts';
import { diskAccess } from '../../src/node/fileSource.ts';
import type { TensorStatsView } from '../../src/protocol/tensorStats.ts';
import { randomBytes, randomWeights } from '../core/decode/blocks.ts';
import { buildKernel, KERNEL_WASM } from '../support/tools.ts';
import { writeTensor } from './writtenTensor.ts';

const never = new AbortController().signal;
const Q8_0 = ggmlScheme(8);
const [COLUMNS, ROWS] = [2048, 4608];
const COUNT = COLUMNS * ROWS;

/** Levels as of weights, and scales that differ, some of them zero. */
function blocksOfQ8(): Uint8Array {
  const levels = randomWeights(2 ** 16, 50);
  const chance = randomBytes(COUNT / 32, 51);
  const bytes = new Uint8Array((COUNT / 32) * Q8_0.blockBytes!);
  const view = new DataView(bytes.buffer);
  for (let block = 0; block < chance.length; block++) {
    const at = block * Q8_0.blockBytes!;
    view.setUint16(at, chance[block]! < 8 ? 0 : 0x2000 + chance[block]!, true);
    for (let weight = 0; weight < 32; weight++) {
      const level = Math.round(500 * levels[(block * 32 + weight * 7) & 0xffff]!);
      view.setInt8(at + 2 + weight, Math.max(-127, Math.min(127, level)));
    }
  }
  return bytes;
}

let folder = '';
let kernel: Kernel;
let path = '';
let bytesRead = 0;
let analyzer: TensorAnalyzer;
const counting: FileAccess = {
  ...diskAccess,
  withFolder: (at, use) =>
    diskAccess.withFolder(at, (files, name) => {
      const open: typeof files.open = (fileName) => {
        const file = files.open(fileName);
        if (file === null) return null;
        const read: typeof file.read = (offset, target) => {
          const count = file.read(offset, target);
          bytesRead += count;
          return count;
        };
        return { ...file, read };
      };
      return use({ ...files, open }, name);
    }),
};

beforeAll(async () => {
  await buildKernel();
  kernel = loadKernel(KERNEL_WASM);
  analyzer = createAnalyzer({ files: counting, kernel: () => kernel, pause: () => Promise.resolve() });
  folder = mkdtempSync(join(tmpdir(), 'quantscope-estimate-'));
  path = writeTensor(folder, 'large.gguf', { type: 8, dims: [COLUMNS, ROWS], data: blocksOfQ8() });
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const sum = (counts: Float64Array): number => counts.reduce((total, count) => total + count, 0);

describe('the estimate of a large tensor', () => {
  let exact: TensorStatsView;
  let estimate: TensorStatsView;
  beforeAll(async () => {
    exact = await analyzer.tensorStats(path, 'w', never);
    bytesRead = 0;
    estimate = (await analyzer.tensorEstimate(path, 'w', never))!;
  });

  it('is of a 64th of it, and reads no more', () => {
    expect(exact.share).toBe(1);
    expect(Math.abs(64 * estimate.share - 1)).toBeLessThan(0.1);
    expect(estimate.bytes).toBe(Math.round(estimate.share * exact.bytes));
    expect(bytesRead).toBeLessThan(estimate.bytes + 20_000); // the header, and the first weights
  });

  it('is near the exact numbers', () => {
    const [e, x] = [estimate.summary!, exact.summary!];
    expect(e.count).toBe(COUNT);
    expect(Math.abs(e.mean! - x.mean!) / x.std!).toBeLessThan(0.02);
    expect(e.std! / x.std!).toBeCloseTo(1, 1);
    e.quantiles.forEach(({ share, value }, index) => {
      expect(share).toBe(x.quantiles[index]!.share);
      if (share >= 0.01 && share <= 0.99)
        expect(Math.abs(value - x.quantiles[index]!.value) / x.std!).toBeLessThan(0.1);
    });
    const [far, exactFar] = [e.outliers[0]!, x.outliers[0]!];
    expect(Math.abs(far.count / exactFar.count - 1)).toBeLessThan(0.2);
  });

  it('scales its counts to all weights', () => {
    expect(sum(estimate.values!.counts) / COUNT).toBeCloseTo(1, 9);
    expect(sum(estimate.codes!.counts) / COUNT).toBeCloseTo(1, 3);
    expect((sum(estimate.scales!.counts) + estimate.zeroScales) / (COUNT / 32)).toBeCloseTo(1, 3);
    expect(estimate.zeroScales / exact.zeroScales).toBeCloseTo(1, 0);
    expect(estimate.codes!.entropyBits).toBeCloseTo(exact.codes!.entropyBits, 1);
    expect(estimate.channels!.channelCount).toBe(COLUMNS);
    estimate.channels!.maxima.forEach((most, channel) =>
      expect(most).toBeLessThanOrEqual(exact.channels!.maxima[channel]!),
    );
  });

  it('is silent on what is too rare for a sample', () => {
    expect(estimate).toMatchObject({ worst: null, experts: null, origin: null });
    expect(estimate.summary).toMatchObject({
      min: null,
      max: null,
      absMax: null,
      zeros: null,
      nonFinite: null,
      skewness: null,
      excessKurtosis: null,
    });
    expect(estimate.summary!.outliers.map(({ sigmas, isExact }) => [sigmas, isExact])).toEqual([[3, false]]);
    const [, cells] = statsCells([estimate]);
    expect(cells!.filter((cell) => cell === '–').length).toBe(7);
  });

  it('is the same every time', async () => {
    const again = await analyzer.tensorEstimate(path, 'w', never);
    expect({ ...again, milliseconds: 0 }).toEqual({ ...estimate, milliseconds: 0 });
  });

  it('that is cancelled leaves nothing in the kernel', async () => {
    const abort = new AbortController();
    const cancelling = createAnalyzer({
      files: diskAccess,
      kernel: () => kernel,
      pause: async () => abort.abort(),
    });
    await expect(cancelling.tensorEstimate(path, 'w', abort.signal)).rejects.toThrow(/Cancelled/);
    const again = await analyzer.tensorEstimate(path, 'w', never);
    expect(again!.summary).toEqual(estimate.summary);
  });
});

describe('an estimate', () => {
  it('is not made of a tensor that is analyzed as quickly', async () => {
    const data = new Uint8Array(4 * 4096);
    const small = writeTensor(folder, 'small.gguf', { type: 0, dims: [4096], data });
    expect(await analyzer.tensorEstimate(small, 'w', never)).toBeNull();
  });

  it('of weights that cannot be read says why', async () => {
    const unknown = writeTensor(folder, 'unknown.gguf', { type: 139, dims: [256], data: new Uint8Array(32) });
    expect((await analyzer.tensorEstimate(unknown, 'w', never))!.unavailable).toMatch(/unknown \(139\)/);
  });
});

describe('the rows of a sample', () => {
  const layoutOf = (rowWeights: number, rowCount: number): RowLayout => ({
    rowWeights,
    columnCount: rowWeights,
    rowCount,
    elementCount: rowWeights * rowCount,
    isOwn: true,
    expertRows: null,
  });
  const rowsIn = (layout: RowLayout, seed: string): number[] =>
    sampleRows(layout, 4 * layout.rowWeights, seed).flatMap(({ from, to }) =>
      Array.from({ length: to - from }, (_item, index) => from + index),
    );

  it.each([
    ['long', 8192, 6400, 100],
    ['short', 100, 100_000, 1600],
    ['few', 8192, 100, 16],
    ['fewer than that', 8192, 9, 9],
  ])('are rows by chance: %s ones', (_what, rowWeights, rowCount, expected) => {
    const rows = rowsIn(layoutOf(rowWeights, rowCount), 'a');
    expect(Math.abs(rows.length - expected)).toBeLessThan(expected * 0.05 + 1);
    expect(rows).toEqual([...new Set(rows)].sort((a, b) => a - b));
    expect(rows.at(-1)).toBeLessThan(rowCount);
    const mean = rows.reduce((total, row) => total + row, 0) / rows.length;
    expect(Math.abs(mean / rowCount - 0.5)).toBeLessThan(0.2);
  });

  it('are others for another tensor', () => {
    const layout = layoutOf(8192, 6400);
    expect(rowsIn(layout, 'a')).toEqual(rowsIn(layout, 'a'));
    expect(rowsIn(layout, 'a')).not.toEqual(rowsIn(layout, 'b'));
  });
});
