// The statistics of packed matrices against plain loops over their decoded weights: whatever order their codes are stored in.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { analyzeRows, shiftOf } from '../../src/app/analysis/rowsAnalysis.ts';
import { searchRows } from '../../src/app/analysis/rowsSearch.ts';
import {
  analyzeTensor,
  joinParts,
  searchLimits,
  type TensorAnalysis,
  withOutliers,
} from '../../src/app/analysis/tensorAnalysis.ts';
import { tensorData } from '../../src/app/analysis/tensorData.ts';
import { estimateTensor } from '../../src/app/analysis/tensorEstimate.ts';
import { splitRows } from '../../src/app/analysis/tensorRows.ts';
import type { TensorAnalyzer } from '../../src/app/ports.ts';
import type { Kernel } from '../../src/core/analysis/kernel.ts';
import { addToTally, createTally } from '../../src/core/analysis/tally.ts';
import { memorySource } from '../../src/core/formats/byteSource.ts';
import type { StoredPart, Tensor } from '../../src/core/formats/model.ts';
import { packedScheme } from '../../src/core/quant/packed/packedScheme.ts';
import type { PackedMatrix, PartUse } from '../../src/core/quant/packed/packing.ts';
import { safetensorsScheme } from '../../src/core/quant/safetensorsTypes.ts';
import { createDiskAnalyzer, loadKernel } from '../../src/node/diskAnalyzer.ts';
import { createRandom } from '../support/random.ts';
import { buildKernel, KERNEL_WASM } from '../support/tools.ts';
import { modelAt, weightsOf } from './writtenTensor.ts';

const never = new AbortController().signal;
const ROOT = join(import.meta.dirname, '../samples/packed');
const FOLDERS = readdirSync(ROOT).filter((name) => !name.endsWith('.json'));
const EXPECTED = JSON.parse(readFileSync(join(ROOT, 'expected.json'), 'utf8')) as Record<
  string,
  Record<string, string>
>;

let analyzer: TensorAnalyzer;
let kernel: Kernel;
beforeAll(async () => {
  await buildKernel();
  analyzer = createDiskAnalyzer(KERNEL_WASM);
  kernel = loadKernel(KERNEL_WASM);
}, 60_000);

/** Whatever a generator yields on its way. */
function resultOf<T>(steps: Generator<number, T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

describe.each(FOLDERS)('%s', (folder) => {
  const path = join(ROOT, folder, 'model.safetensors');
  const model = modelAt(path);
  const packed = model.tensors.filter((tensor) => tensor.packed !== null);
  const decoded = new Map<string, Float32Array>();
  beforeAll(() => {
    for (const tensor of packed) decoded.set(tensor.name, weightsOf(readFileSync(path), model, tensor));
  });

  it('is recognised, and decodes to the bits of the reference implementation', () => {
    expect(packed.length).toBeGreaterThan(0);
    for (const { name } of packed) {
      const hash = createHash('sha256').update(new Uint8Array(decoded.get(name)!.buffer));
      expect([name, hash.digest('hex')]).toEqual([name, EXPECTED[folder]?.[name]]);
    }
  });

  it.each(packed.map((tensor) => [tensor.name, tensor] as const))(
    '%s has the numbers of its weights',
    async (name, tensor) => {
      const weights = decoded.get(name)!;
      const columns = tensor.shape.at(-1)!;
      const reference = createTally(columns);
      for (let first = 0; first < weights.length; first += columns)
        addToTally(reference, weights.subarray(first, first + columns), 0, 0);

      const stats = await analyzer.tensorStats(path, name, never);
      expect(stats).toMatchObject({ name, unavailable: null, share: 1, bytes: tensor.byteLength });
      const { summary } = stats;
      expect(summary).toMatchObject({
        count: weights.length,
        nonFinite: 0,
        min: reference.least,
        max: reference.most,
      });
      const mean = reference.powers[0]! / weights.length;
      const std = Math.sqrt(reference.powers[1]! / weights.length - mean ** 2);
      expect(Math.abs(summary!.mean! - mean)).toBeLessThan(1e-6 * std);
      expect(summary!.std! / std).toBeCloseTo(1, 6);
      // By the mean and σ that it answers.
      const distance = (weight: number): number => Math.abs(weight - summary!.mean!);
      const beyond = [3, 6, 20].map(
        (sigmas) => weights.filter((weight) => distance(weight) > sigmas * summary!.std!).length,
      );
      expect(summary!.outliers.map(({ count }) => count)).toEqual(beyond);
      expect(stats.channels!.maxima).toEqual(reference.columns);

      // Equally far weights at the end of the list are as good as others: quantized weights have many.
      const furthest = weights.map(distance).sort().subarray(-100).toReversed();
      expect(stats.worst!.length).toBeLessThanOrEqual(100);
      for (const [index, { row, column, expert, value }] of stats.worst!.entries()) {
        const rows = tensor.shape.at(-2)!;
        expect(weights[(Math.max(0, expert) * rows + row) * columns + column]).toBe(value);
        expect(Math.fround(distance(value))).toBe(furthest[index]);
      }
      expect(new Set(stats.worst!.map(({ row, column, expert }) => `${expert} ${row} ${column}`)).size).toBe(
        stats.worst!.length,
      );
      expect(stats.codes!.counts.reduce((sum, count) => sum + count, 0)).toBe(weights.length);
      expect(stats.codes!.entropyBits).toBeLessThanOrEqual(8);
      expect(stats.scales).not.toBe(null);
    },
  );

  it('is taken apart block by block, with its bytes as they are in the file', async () => {
    const file = readFileSync(path);
    for (const tensor of packed) {
      const weights = decoded.get(tensor.name)!;
      const { blockCount } = await analyzer.block(path, tensor.name, 0, never);
      for (const index of [0, blockCount >> 1, blockCount - 1]) {
        const block = await analyzer.block(path, tensor.name, index, never);
        const first = block.row * tensor.shape.at(-1)! + block.column;
        expect(block.weights.map(({ value }) => value)).toEqual([
          ...weights.subarray(first, first + block.weights.length),
        ]);
        const firstCode = block.byteColors.findIndex(([color]) => color === 'code');
        expect(block.bytes[firstCode]).toBe(file[block.byteOffset]);
        const used = new Set(block.weights.flatMap(({ bytes }) => bytes.map(({ byte }) => byte)));
        expect(used.size).toBe(block.bytes.length);
        for (const { bytes, formula, value } of block.weights) {
          expect(
            bytes.some(({ byte, color }) => color === 'code' && block.byteColors[byte]?.[0] === 'code'),
          ).toBe(true);
          expect(resultOfFormula(formula.map(({ text }) => text).join(''))).toBeCloseTo(value, 3);
        }
      }
      await expect(analyzer.block(path, tensor.name, blockCount, never)).rejects.toThrow(/There is no block/);
    }
  });

  it('has groups: maps that say no more and no less than the histograms', async () => {
    for (const tensor of packed) {
      const groups = (await analyzer.tensorGroups(path, tensor.name, never))!;
      const stats = await analyzer.tensorStats(path, tensor.name, never);
      const { scales, zeros, zeroCounts, order, widths } = groups;
      expect(groups.unavailable).toBe(null);
      expect(scales!.cells.length).toBe(scales!.width * scales!.height);
      expect(scales!.cells.every(Number.isFinite)).toBe(true);
      const counted = stats.scales!.counts.reduce((sum, count) => sum + count, 0) + stats.zeroScales;
      expect(scales!.rows * scales!.groups).toBe(counted);
      if (zeros !== null) expect(zeros).toMatchObject({ rows: scales!.rows, groups: scales!.groups });
      if (zeroCounts !== null) expect(zeroCounts.counts.reduce((sum, count) => sum + count, 0)).toBe(counted);
      if (order !== null)
        expect(order.groupOf.every((group) => group >= 0 && group < order.groups)).toBe(true);
      if (widths !== null)
        expect(widths.channels.reduce((sum, count) => sum + count, 0)).toBe(tensor.shape.at(-1));
    }
  });

  it('is the same in ranges of lines as at once', () => {
    const source = memorySource(readFileSync(path));
    const tensor = packed.find(({ shape }) => shape.length === 3) ?? packed[0]!;
    const data = tensorData(model, tensor);
    const whole = resultOf(analyzeTensor(data, source, kernel));
    const shift = shiftOf(data, source, kernel);
    const ranges = splitRows(data, tensor.byteLength! / 4);
    expect(ranges.length).toBeGreaterThan(1);
    const parts = ranges.map((range) => resultOf(analyzeRows(data, range, shift, source, kernel)));
    const joined = joinParts(data, parts);
    const limits = searchLimits(joined, 3)!;
    const found = parts.map((part) => resultOf(searchRows(data, part, limits, source, kernel)));
    expectSame(withOutliers(joined, limits, found), whole);
  });
});

const G128 = { codeBits: 4, groupSize: 128, symmetric: true, granularity: 'group' } as const;

describe('an estimate of a large matrix', () => {
  const [inputs, outputs, size] = [4096, 4096, 128];
  const random = createRandom(20_261_121);
  const bytesOf = (count: number): Uint8Array => Uint8Array.from({ length: count }, () => random.below(256));
  const scales = new Uint16Array((inputs / size) * outputs).map(() => 0x2000 + random.below(0x400)); // halves from 2^-7 to 2^-6

  it.each<
    [string, PackedMatrix['packing'], readonly (readonly [PartUse, string, readonly number[], Uint8Array])[]]
  >([
    [
      'whose lines are input channels',
      { system: 'gptq', version: 1, planar: false, actOrder: false, ...G128 },
      [
        ['codes', 'I32', [inputs / 8, outputs], bytesOf((inputs * outputs) / 2)],
        ['scales', 'F16', [inputs / size, outputs], new Uint8Array(scales.buffer)],
      ],
    ],
    [
      'whose lines are output channels',
      { system: 'compressed-tensors', stream: true, actOrder: false, ...G128 },
      [
        ['codes', 'I32', [outputs, inputs / 8], bytesOf((inputs * outputs) / 2)],
        ['scales', 'F16', [outputs, inputs / size], new Uint8Array(scales.buffer)],
      ],
    ],
  ])('%s comes near its numbers', (_name, packing, parts) => {
    const { data, source } = packedInMemory(packing, outputs, inputs, parts);
    const estimate = resultOf(estimateTensor(data, source, kernel))!;
    const exact = resultOf(analyzeTensor(data, source, kernel, { exactBeyond: 6 }));
    expect(estimate.share).toBeLessThan(0.04);
    expect(estimate.summary.count).toBe(inputs * outputs);
    expect(estimate.summary.std! / exact.summary.std!).toBeCloseTo(1, 2);
    expect(Math.abs(estimate.summary.mean! - exact.summary.mean!)).toBeLessThan(0.01 * exact.summary.std!);
    const codes = ({ blocks }: TensorAnalysis) => blocks!.levels.subarray(0, 16);
    codes(estimate).forEach((count, code) => expect(count / codes(exact)[code]!).toBeCloseTo(1, 1));
    expect(estimate.worst).toBe(null);
    expect(estimate.hasChannels).toBe(packing.system !== 'gptq'); // most channels were not looked at
  });
});

it('lines that are longer than the kernel can take are refused with a sentence', () => {
  const [inputs, codebooks] = [2 ** 20, 64];
  const few = new Uint8Array(8); // what is read says the source
  const { data } = packedInMemory(
    {
      ...{ codeBits: 1, groupSize: null, symmetric: true, granularity: 'channel', system: 'aqlm' },
      ...{ codebooks, codeWidth: 1, inGroup: 1, outGroup: 1 },
    },
    1,
    inputs,
    [
      ['codes', 'I8', [1, inputs, codebooks], few],
      ['table', 'F16', [codebooks, 2, 1, 1], few],
      ['scales', 'F16', [1], few],
    ],
  );
  const source = { read: (_offset: number, target: Uint8Array) => target.length };
  expect(() => resultOf(analyzeTensor(data, source, kernel))).toThrow(
    'Its weights cannot be decoded: lines of 67.11 MB are longer than can be read at a time.',
  );
});

/** A matrix whose parts lie one after the other in a file. */
function packedInMemory(
  packing: PackedMatrix['packing'],
  rows: number,
  columns: number,
  parts: readonly (readonly [PartUse, string, readonly number[], Uint8Array])[],
) {
  const stored: StoredPart[] = [];
  let byteOffset = 0;
  const place = {
    stack: '',
    layer: 0,
    role: 'ffn_up',
    part: 'weight',
    expert: null,
    recognized: true,
    group: '',
  };
  const common = { place, file: 0, state: 'whole', packed: null } as const;
  for (const [use, dtype, shape, { length }] of parts) {
    const elementCount = shape.reduce((product, size) => product * size, 1);
    const scheme = safetensorsScheme(dtype);
    stored.push({
      use,
      tensor: { ...common, name: use, scheme, shape, elementCount, byteLength: length, byteOffset },
    });
    byteOffset += length;
  }
  const described = stored.map(({ use, tensor: { scheme, shape } }) => ({ use, scheme, shape }));
  const matrix: PackedMatrix = { packing, matrices: 1, rows, columns, parts: described };
  const tensor: Tensor = {
    ...common,
    name: 'w',
    scheme: packedScheme(matrix),
    shape: [rows, columns],
    elementCount: rows * columns,
    byteLength: byteOffset,
    byteOffset: 0,
    packed: { matrix, parts: stored },
  };
  const file = Buffer.concat(parts.map(([, , , bytes]) => bytes));
  return { data: { tensor, endianness: 'little', rowWeights: columns } as const, source: memorySource(file) };
}

/** What a formula says at its end. */
const resultOfFormula = (text: string): number => Number(text.replaceAll('−', '-').split(' = ').at(-1));

/** All but what hangs on the order of sums. */
function expectSame(own: TensorAnalysis, whole: TensorAnalysis): void {
  expect(own.tally.histogram).toEqual(whole.tally.histogram);
  expect(own.tally.columns).toEqual(whole.tally.columns);
  expect(own.blocks).toEqual(whole.blocks);
  expect(own.codeLevels).toEqual(whole.codeLevels);
  expect(own.experts).toEqual(whole.experts);
  expect(own.summary.outliers).toEqual(whole.summary.outliers);
  expect(own.worst!.map(({ value }) => Math.abs(value))).toEqual(
    whole.worst!.map(({ value }) => Math.abs(value)),
  );
}
