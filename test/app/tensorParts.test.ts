// One tensor in several ranges of rows: together they make the analysis of the whole, and each expert has its own numbers.
import { beforeAll, describe, expect, it } from 'vitest';
import { analyzeRows, shiftOf } from '../../src/app/analysis/rowsAnalysis.ts';
import { type Source, WINDOW_BYTES } from '../../src/app/analysis/rowsPass.ts';
import { searchRows } from '../../src/app/analysis/rowsSearch.ts';
import {
  analyzeTensor,
  joinParts,
  searchLimits,
  type TensorAnalysis,
  withOutliers,
} from '../../src/app/analysis/tensorAnalysis.ts';
import type { TensorData } from '../../src/app/analysis/tensorData.ts';
import {
  allRows,
  rowLayout,
  type RowRange,
  spansOf,
  splitRows,
  windowsOf,
} from '../../src/app/analysis/tensorRows.ts';
import { statsReport } from '../../src/app/present/statsReport.ts';
import { tensorStatsView } from '../../src/app/present/tensorStatsView.ts';
import type { Kernel } from '../../src/core/analysis/kernel.ts';
import { decoderOf } from '../../src/core/quant/decode/decoders.ts';
import { ggmlScheme } from '../../src/core/quant/ggmlTypes.ts';
import { safetensorsScheme } from '../../src/core/quant/safetensorsTypes.ts';
import type { Scheme } from '../../src/core/quant/scheme.ts';
import { loadKernel } from '../../src/node/diskAnalyzer.ts';
import { blockBytes, randomBytes, randomWeights } from '../core/decode/blocks.ts';
import { createRandom } from '../support/random.ts';
import { buildKernel, KERNEL_WASM } from '../support/tools.ts';

let kernel: Kernel;
beforeAll(async () => {
  await buildKernel();
  kernel = loadKernel(KERNEL_WASM);
}, 60_000);

const F32 = ggmlScheme(0);
const Q4_K = ggmlScheme(12);

/** A tensor in memory. The first dimension is that of a row, as in GGUF. */
function tensorOf(
  scheme: Scheme,
  shape: readonly number[],
  role = 'ffn_up',
  endianness: 'little' | 'big' = 'little',
) {
  const elementCount = shape.reduce((product, size) => product * size, 1);
  const byteLength = blockBytes(scheme, elementCount / scheme.blockWeights);
  const place = { stack: '', layer: 0, role, part: 'weight', expert: null, recognized: true, group: '' };
  const tensor = {
    name: 'w',
    place,
    scheme,
    shape,
    elementCount,
    byteLength,
    byteOffset: 7,
    file: 0,
    state: 'whole',
    packed: null,
  };
  return { tensor, endianness, rowWeights: shape[0]! } as TensorData;
}

/** Reads from memory, and keeps count. */
function sourceOf(bytes: Uint8Array): Source & { bytesRead: number } {
  return {
    bytesRead: 0,
    read(offset, target) {
      const piece = bytes.subarray(offset - 7, offset - 7 + target.length);
      target.set(piece);
      this.bytesRead += piece.length;
      return piece.length;
    },
  };
}

/** toEqual takes long for as many. */
const isSame = (a: Float64Array, b: Float64Array): boolean =>
  Buffer.from(a.buffer).equals(Buffer.from(b.buffer));

function finish<T>(steps: Generator<number, T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

function inParts(data: TensorData, ranges: readonly RowRange[], source: Source): TensorAnalysis {
  const shift = shiftOf(data, source, kernel);
  const parts = ranges.map((range) => finish(analyzeRows(data, range, shift, source, kernel)));
  const joined = joinParts(data, parts);
  const limits = searchLimits(joined, 3);
  if (limits === null) return joined;
  const found = parts.map((part) => finish(searchRows(data, part, limits, source, kernel)));
  return withOutliers(joined, limits, found);
}

const bytesOfFloats = (weights: Float32Array): Uint8Array => new Uint8Array(weights.buffer);

describe('a tensor in ranges of rows', () => {
  it.each([
    ['of blocks', Q4_K, [768, 120], 'little'],
    ['of three numbers', F32, [3, 20_001], 'little'],
    ['of one number', ggmlScheme(24), [1, 50_000], 'little'],
    ['of rows longer than a strip', F32, [9001, 40], 'little'],
    ['of rows that are cut, because they end within a byte', safetensorsScheme('F4'), [63, 4002], 'little'],
    ['of one row that is cut', F32, [2 ** 20 + 4097], 'little'],
    ['of big-endian blocks', Q4_K, [512, 40], 'big'],
    ['that only the reference decodes', ggmlScheme(15), [256, 90], 'little'],
    ['of experts', Q4_K, [256, 11, 20], 'little'],
  ] as const)('%s is the tensor as a whole', (_what, scheme, shape, endianness) => {
    const data = tensorOf(scheme, shape, 'ffn_up_exps', endianness);
    const bytes =
      scheme === F32
        ? bytesOfFloats(randomWeights(data.tensor.elementCount, 40))
        : randomBytes(data.tensor.byteLength!, 41);
    const whole = finish(analyzeTensor(data, sourceOf(bytes), kernel));
    const ranges = splitRows(data, bytes.length / 3.5);
    expect(ranges.length).toBeGreaterThan(2);
    const joined = inParts(data, ranges, sourceOf(bytes));
    expect(isSame(joined.tally.histogram, whole.tally.histogram)).toBe(true);
    expect(joined.tally.columns).toEqual(whole.tally.columns);
    expect(joined.blocks === null).toBe(whole.blocks === null);
    for (const kind of ['levels', 'scales', 'mins'] as const)
      if (joined.blocks && whole.blocks)
        expect(isSame(joined.blocks[kind], whole.blocks[kind]), kind).toBe(true);
    expect(joined.experts).toEqual(whole.experts);
    expect(whole.experts === null).toBe(shape.length < 3);
    expect(joined.worst).toEqual(whole.worst);
    expect(joined.summary.outliers).toEqual(whole.summary.outliers);
    expect(joined.summary.mean! / whole.summary.mean!).toBeCloseTo(1, 6);

    const weights = new Float32Array(data.tensor.elementCount);
    decoderOf(scheme)!(bytes, 0, weights.length / scheme.blockWeights, weights, 0, endianness);
    const { mean, std } = whole.summary;
    const isBeyond = (weight: number): boolean => Math.abs(weight - mean!) > 3 * std!;
    expect(whole.summary.outliers![3].estimate).toBe(weights.filter(isBeyond).length);
    for (const { index, value } of whole.worst!) expect(weights[index]).toBe(value);
  });

  it('is split so that no expert lies in two, and rows are in one range each', () => {
    const data = tensorOf(F32, [100, 30, 50], 'ffn_down_exps');
    const ranges = splitRows(data, 4 * 100 * 70);
    expect(ranges[0]).toEqual({ from: 0, to: 60 });
    expect(ranges.at(-1)).toEqual({ from: 1440, to: 1500 });
    ranges.slice(1).forEach(({ from }, index) => expect(from).toBe(ranges[index]!.to));
    expect(splitRows(tensorOf(F32, [100, 3]), 1).length).toBe(3);
    for (const { from, to } of spansOf(rowLayout(data), { from: 0, to: 1500 }))
      expect(Math.floor(from / 30)).toBe(Math.floor((to - 1) / 30));
  });

  it('is read in windows of neighbors', () => {
    const layout = rowLayout(tensorOf(F32, [4096, 100]));
    const spans = [...spansOf(layout, { from: 0, to: 40 })].filter((_span, index) => index !== 3);
    const windows = [...windowsOf(spans, layout, F32, 2 ** 17)];
    expect(windows.map((window) => [window[0]!.from, window.at(-1)!.to])).toEqual([
      [0, 8],
      [8, 12],
      [16, 24],
      [24, 32],
      [32, 40],
    ]);
  });
});

describe('the second pass', () => {
  const spiked = (): Float32Array => {
    const weights = randomWeights(2 ** 20, 42).map((weight) => Math.max(-0.1, Math.min(0.1, weight)));
    for (let index = 600_000; index < 600_150; index++) weights[index] = index % 2 === 0 ? 9 : -9.5;
    return weights;
  };
  const passes = (weights: Float32Array, exactBeyond: 3 | 6) => {
    const data = tensorOf(F32, [1024, weights.length / 1024]);
    const [source, onlyFirst] = [sourceOf(bytesOfFloats(weights)), sourceOf(bytesOfFloats(weights))];
    const analysis = finish(analyzeTensor(data, source, kernel, { exactBeyond }));
    finish(analyzeRows(data, allRows(data), shiftOf(data, onlyFirst, kernel), onlyFirst, kernel));
    return { analysis, bytesRead: source.bytesRead - onlyFirst.bytesRead };
  };

  it.each([3, 6] as const)('beyond %dσ reads only the spans that have any', (exactBeyond) => {
    const { analysis, bytesRead } = passes(spiked(), exactBeyond);
    expect(bytesRead).toBe(4 * 2 ** 14);
    expect(analysis.summary.outliers![6]).toEqual({ estimate: 150, least: 150, most: 150 });
    expect(analysis.worst!.slice(0, 76).map(({ index, value }) => [index, value])).toEqual([
      ...Array.from({ length: 75 }, (_item, index) => [600_001 + 2 * index, -9.5]),
      [600_000, 9],
    ]);
    expect(analysis.worst!.length).toBe(100);
  });

  it('leaves the count beyond 3σ an estimate when nobody asks for it', () => {
    // Nearly normal: sums of twelve. The first quarter is twice as wide, and has the worst ones.
    const random = createRandom(43);
    const normal = (): number =>
      Array.from({ length: 12 }, () => random.below(1000)).reduce((a, b) => a + b) - 6000;
    const weights = new Float32Array(2 ** 18).map((_zero, index) => normal() * (index < 2 ** 16 ? 1 : 0.5));
    const [far, all] = [passes(weights, 6), passes(weights, 3)];
    expect(far.bytesRead).toBeLessThanOrEqual(2 ** 18);
    expect(all.bytesRead).toBeGreaterThan(1.5 * 2 ** 18);
    const { outliers } = far.analysis.summary;
    const exact = all.analysis.summary.outliers!;
    expect(outliers![3].least).toBeLessThan(outliers![3].most);
    expect(exact[3].estimate).toBeGreaterThanOrEqual(outliers![3].least);
    expect(exact[3].estimate).toBeLessThanOrEqual(outliers![3].most);
    expect([outliers![6], outliers![20]]).toEqual([exact[6], exact[20]]);
    expect(far.analysis.worst).toEqual(all.analysis.worst);
  });

  it('is left out where all weights are the same', () => {
    const { analysis, bytesRead } = passes(new Float32Array(2 ** 14).fill(0.3), 3);
    expect(bytesRead).toBe(0);
    expect(analysis.worst).toBeNull();
    expect(tensorStatsView(analysis, 1).worst).toBeNull();
  });

  it('yields between windows and can be stopped there', () => {
    const weights = randomWeights(2 ** 20, 44);
    const data = tensorOf(F32, [1024, 1024]);
    const steps = analyzeTensor(data, sourceOf(bytesOfFloats(weights)), kernel);
    const told: number[] = [];
    for (let step = steps.next(); step.done !== true; step = steps.next()) told.push(step.value);
    const windows = Array.from(
      { length: 2 ** 22 / WINDOW_BYTES },
      (_item, index) => (index + 1) * WINDOW_BYTES,
    );
    expect(told.slice(0, windows.length)).toEqual(windows);
    const second = told.slice(windows.length);
    expect(second.length).toBeGreaterThan(1);
    expect(new Set(second)).toEqual(new Set([2 ** 22]));
  });
});

describe('experts', () => {
  const [columns, rows, count] = [96, 50, 9];
  const weights = randomWeights(columns * rows * count, 45).map(
    (weight, index) => weight * (1 + Math.floor(index / columns / rows)) + 0.1,
  );
  weights.fill(0.25, 2 * columns * rows, 3 * columns * rows);
  weights[5 * columns * rows] = Infinity;
  const analysisOf = (shape: readonly number[], role: string): TensorAnalysis =>
    finish(
      analyzeTensor(
        { ...tensorOf(F32, shape, role), rowWeights: columns },
        sourceOf(bytesOfFloats(weights)),
        kernel,
      ),
    );

  it.each([
    ['GGUF', [columns, rows, count]],
    ['safetensors', [count, rows, columns]],
  ])('of %s have numbers of their own', (_container, shape) => {
    const { experts } = analysisOf(shape, 'ffn_gate_up_exps');
    for (let expert = 0; expert < count; expert++) {
      const all = weights.subarray(expert * columns * rows, (expert + 1) * columns * rows);
      const own = all.filter(Number.isFinite);
      const mean = own.reduce((sum, weight) => sum + weight, 0) / own.length;
      const central = (power: number): number =>
        own.reduce((sum, weight) => sum + (weight - mean) ** power, 0) / own.length;
      const std = Math.sqrt(central(2));
      expect(experts!.mean[expert]).toBeCloseTo(mean, 8);
      expect(experts!.absMax[expert]).toBe(all.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0));
      if (expert === 2) {
        expect([experts!.std[2], experts!.kurtosis[2], experts!.beyond3[2]]).toEqual([0, NaN, NaN]);
        continue;
      }
      expect(experts!.std[expert]! / std).toBeCloseTo(1, 7);
      expect(experts!.kurtosis[expert]).toBeCloseTo(central(4) / std ** 4 - 3, 4);
      const beyond = own.filter((weight) => Math.abs(weight - mean) > 3 * std).length / own.length;
      expect(Math.abs(experts!.beyond3[expert]! - beyond)).toBeLessThanOrEqual(1 / own.length + beyond / 20);
    }
    expect(experts!.mean.length).toBe(count);
  });

  it('are not sought in tensors of other kinds; but the worst weights say where they are in any of three dimensions', () => {
    const analysis = analysisOf([columns, rows, count], 'attn_k_b');
    expect(analysis.experts).toBeNull();
    const { worst } = tensorStatsView(analysis, 1);
    expect(worst![0]).toEqual({ row: 0, column: 0, expert: 5, value: Infinity, sigmas: Infinity });
    const { row, column, expert, value } = worst![17]!;
    expect(weights[(expert * rows + row) * columns + column]).toBe(value);
    expect(analysisOf([columns, rows * count], 'ffn_up_exps').experts).toBeNull();
  });

  it('stand in the JSON one by one, what is not known as null', () => {
    const view = tensorStatsView(analysisOf([columns, rows, count], 'ffn_up_exps'), 1);
    const [report] = JSON.parse(statsReport([view])) as [{ experts: object[]; worst: object[] }];
    expect(report.experts.length).toBe(count);
    expect(report.experts[2]).toEqual({ mean: 0.25, std: 0, absMax: 0.25, kurtosis: null, beyond3: null });
    expect(report.experts[5]).toMatchObject({ absMax: 'Infinity' });
    expect(report.worst[0]).toEqual({ row: 0, column: 0, expert: 5, value: 'Infinity', sigmas: 'Infinity' });
  });

  it('leave the numbers of the whole as they are', () => {
    const [apart, together] = [
      analysisOf([columns, rows, count], 'ffn_up_exps'),
      analysisOf([columns, rows * count], 'ffn_up'),
    ];
    expect(isSame(apart.tally.histogram, together.tally.histogram)).toBe(true);
    expect(apart.tally.columns).toEqual(together.tally.columns);
    expect([apart.tally.least, apart.tally.most]).toEqual([together.tally.least, together.tally.most]);
    expect(apart.summary.std! / together.summary.std!).toBeCloseTo(1, 6);
  });
});
