// The statistics of real tensors against plain loops over their decoded weights; blocks against the same weights.
import { copyFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAnalyzer } from '../../src/app/analysis/analyzer.ts';
import { CHANGED_MEANWHILE } from '../../src/app/analysis/attempt.ts';
import type { TensorAnalyzer } from '../../src/app/ports.ts';
import type { Tensor } from '../../src/core/formats/model.ts';
import { anatomyOf } from '../../src/core/quant/anatomy/anatomy.ts';
import { GGML_SCHEMES } from '../../src/core/quant/ggmlTypes.ts';
import { createDiskAnalyzer, loadKernel } from '../../src/node/diskAnalyzer.ts';
import { diskAccess } from '../../src/node/fileSource.ts';
import type { Histogram } from '../../src/protocol/tensorStats.ts';
import { randomBytes, randomWeights } from '../core/decode/blocks.ts';
import { writeSafetensors } from '../support/safetensorsWriter.ts';
import { buildKernel, KERNEL_WASM } from '../support/tools.ts';
import { modelAt, weightsOf, writeTensor } from './writtenTensor.ts';

const never = new AbortController().signal;
const sample = (name: string): string => join(import.meta.dirname, '../samples', name);
const Q4 = sample('sotu-5m-Q4_K_M.gguf');
const F16 = sample('sotu-5m-F16.gguf');
const FP8 = sample('sotu-5m-fp8/model.safetensors');

let folder = '';
let analyzer: TensorAnalyzer;
beforeAll(async () => {
  await buildKernel();
  analyzer = createDiskAnalyzer(KERNEL_WASM);
  folder = mkdtempSync(join(tmpdir(), 'quantscope-stats-'));
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const total = (histogram: Histogram | null): number =>
  histogram === null ? 0 : histogram.counts.reduce((sum, count) => sum + count, 0);

describe.each([
  ['Q4_K_M', Q4],
  ['F16', F16],
  ['FP8', FP8],
])('the statistics of %s', (_name, path) => {
  const model = modelAt(path);
  const chosen = [...new Map(model.tensors.map((tensor) => [tensor.scheme.name, tensor])).values()];

  it.each(chosen.map((tensor) => [tensor.scheme.name, tensor] as const))(
    'of a tensor of %s are those of its weights',
    async (_type, tensor) => {
      const weights = weightsOf(readFileSync(path), model, tensor);
      const count = weights.length;
      const mean = weights.reduce((sum, weight) => sum + weight, 0) / count;
      const central = (power: number): number =>
        weights.reduce((sum, weight) => sum + (weight - mean) ** power, 0) / count;
      const std = Math.sqrt(central(2));
      const stats = await analyzer.tensorStats(path, tensor.name, never);

      expect(stats).toMatchObject({ name: tensor.name, unavailable: null, bytes: tensor.byteLength });
      expect(stats.summary).toMatchObject({
        count,
        nonFinite: 0,
        zeros: weights.filter((weight) => weight === 0).length,
        min: weights.reduce((least, weight) => Math.min(least, weight)),
        max: weights.reduce((most, weight) => Math.max(most, weight)),
      });
      expect(Math.abs(stats.summary!.mean! - mean)).toBeLessThan(1e-6 * std + 1e-12);
      expect(stats.summary!.std! / std).toBeCloseTo(1, 6);
      expect(stats.summary!.skewness).toBeCloseTo(central(3) / std ** 3, 4);
      expect(stats.summary!.excessKurtosis).toBeCloseTo(central(4) / std ** 4 - 3, 3);
      // By the mean and σ that it answers: what is beyond hangs on their last digits.
      const { summary } = stats;
      const distance = (weight: number): number => Math.abs(weight - summary!.mean!);
      const beyond = (sigmas: number): number =>
        weights.filter((weight) => distance(weight) > sigmas * summary!.std!).length;
      expect(
        summary!.outliers.map(({ sigmas, isExact, count: counted }) => [sigmas, isExact, counted]),
      ).toEqual([3, 6, 20].map((sigmas) => [sigmas, true, beyond(sigmas)]));
      expect(total(stats.values)).toBeCloseTo(count, 3);

      const rowWeights = (model.container === 'gguf' ? tensor.shape[0] : tensor.shape.at(-1))!;
      const worst = [...weights.keys()]
        .filter((index) => distance(weights[index]!) > 3 * summary!.std!)
        .sort((a, b) => distance(weights[b]!) - distance(weights[a]!) || a - b)
        .slice(0, 100)
        .map((index) => ({
          row: Math.floor(index / rowWeights),
          column: index % rowWeights,
          expert: -1,
          value: weights[index]!,
          sigmas: (weights[index]! - summary!.mean!) / summary!.std!,
        }));
      expect(stats.worst).toEqual(worst);
      expect(stats).toMatchObject({ share: 1, experts: null });

      const columns = new Float32Array(rowWeights);
      weights.forEach((weight, index) => {
        columns[index % rowWeights] = Math.max(columns[index % rowWeights]!, Math.abs(weight));
      });
      expect(stats.channels!.maxima).toEqual(columns); // no more channels than points
      expect(stats.channels!.median).toBe(columns.toSorted()[rowWeights >> 1]);

      const anatomy = anatomyOf(tensor.scheme, 'little');
      expect(stats.codes === null).toBe(anatomy === null && tensor.packed === null);
      if (anatomy === null) return;
      expect(stats.codes!.counts.reduce((sum, n) => sum + n, 0)).toBe(count);
      expect(stats.codes!.levels.length).toBe(anatomy.codeCount);
      expect(stats.codes!.entropyBits).toBeLessThanOrEqual(stats.codes!.nominalBits!);
      expect(total(stats.scales) + stats.zeroScales).toBe(count / anatomy.scaleWeights);
      expect(stats.mins === null).toBe(!anatomy.hasMin);
    },
  );

  it('of blocks: weights are those of the tensor, and lie where the block says', async () => {
    for (const tensor of chosen) {
      const weights = weightsOf(readFileSync(path), model, tensor);
      const { blockCount } = await analyzer.block(path, tensor.name, 0, never);
      const block = await analyzer.block(path, tensor.name, blockCount - 1, never);
      const first = weights.length - block.weights.length;
      expect(block.weights.map(({ value }) => value)).toEqual([...weights.subarray(first)]);
      if (tensor.packed === null)
        expect(block.byteOffset + block.bytes.length).toBe(tensor.byteOffset + tensor.byteLength!);
      expect(block.byteColors.length).toBe(block.bytes.length);
      expect(block.row * tensor.shape.at(model.container === 'gguf' ? 0 : -1)! + block.column).toBe(first);
    }
    await expect(analyzer.block(path, chosen[0]!.name, 1e9, never)).rejects.toThrow(/There is no block/);
  });
});

/** A GGUF with one tensor "w" of these bytes. */
const written = (
  name: string,
  type: number,
  dims: number[],
  data: Uint8Array,
  endianness: 'little' | 'big' = 'little',
): string => writeTensor(folder, name, { type, dims, data, endianness });

describe('a formula', () => {
  const Q4_K = 12;
  const MXFP4 = 39;
  const IQ2_S = 22;
  const formulaOf = async (name: string, type: number, data: Uint8Array, weight: number): Promise<string> => {
    const { weights } = await analyzer.block(
      written(name, type, [data.length === 17 ? 32 : 256], data),
      'w',
      0,
      never,
    );
    return weights[weight]!.formula.map(({ text }) => text).join('');
  };

  it('has the numbers of its weight', async () => {
    const q4 = new Uint8Array(144);
    q4.set([0x00, 0x3c, 0x00, 0x38]); // d = 1, dmin = ½
    q4.set([37, 0, 0, 0, 3], 4); // scale and min 0
    q4[16] = 0x0a;
    expect(await formulaOf('q4.gguf', Q4_K, q4, 0)).toBe('w = 1·37·10 − 0.5·3 = 368.5');
  });

  it('has what the table holds in place of a look-up', async () => {
    const mx = new Uint8Array(17).fill(0x0f, 1);
    mx[0] = 127;
    expect(await formulaOf('mx.gguf', MXFP4, mx, 0)).toBe('w = 2^(127 − 127)·−6 = −6');
    const iq2 = new Uint8Array(82);
    iq2.set([0x00, 0x3c]);
    expect(await formulaOf('iq2.gguf', IQ2_S, iq2, 0)).toBe('w = ¼·1·(0 + ½)·8 = 1');
  });
});

describe('the formula of a weight', () => {
  const blockTypes = GGML_SCHEMES.filter(({ kind }) => kind === 'block');
  it.each(blockTypes.map((scheme) => [scheme.name, scheme] as const))(
    'of %s has a number for every name, in the color of its family',
    async (name, { ggmlId, blockWeights, blockBytes, formula }) => {
      const path = written(`${name}.gguf`, ggmlId!, [blockWeights], randomBytes(blockBytes!, 8));
      const { weights } = await analyzer.block(path, 'w', 0, never);
      const families = formula.flatMap(({ family }) => family ?? []);
      for (const weight of weights) {
        const text = weight.formula.map((piece) => piece.text).join('');
        expect(text.replaceAll(/NaN|Infinity|e[+−]\d+/g, '0')).toMatch(/^w = [^a-z[\]]*$/i);
        expect(weight.formula.flatMap(({ color }) => color ?? [])).toEqual(families);
        const lit = new Set(weight.bytes.map(({ color }) => color));
        expect(families.every((family) => lit.has(family))).toBe(true);
      }
    },
  );
});

describe('what cannot be analyzed', () => {
  it('is said of a tensor that is cut off or missing, and nothing else is affected', async () => {
    const path = join(folder, 'cut.gguf');
    copyFileSync(Q4, path);
    truncateSync(path, 2_000_000);
    const model = modelAt(path);
    const ofState = (state: Tensor['state']): string =>
      model.tensors.find((tensor) => tensor.state === state)!.name;
    expect((await analyzer.tensorStats(path, ofState('cut'), never)).unavailable).toMatch(/cut off/);
    expect((await analyzer.tensorStats(path, ofState('missing'), never)).unavailable).toMatch(/not there/);
    expect((await analyzer.tensorStats(path, ofState('whole'), never)).summary).not.toBeNull();
    await expect(analyzer.block(path, ofState('cut'), 0, never)).rejects.toThrow(/cut off/);
  });

  it('is said of a type without layout', async () => {
    const path = written('unknown.gguf', 139, [256], new Uint8Array(32));
    expect((await analyzer.tensorStats(path, 'w', never)).unavailable).toMatch(/unknown \(139\)/);
  });

  it('is said of a file that changes meanwhile', async () => {
    const path = join(folder, 'changing.gguf');
    copyFileSync(F16, path);
    const changing = createAnalyzer({
      files: diskAccess,
      kernel: () => loadKernel(KERNEL_WASM),
      pause: async () => truncateSync(path, 5_000_000),
    });
    const { unavailable } = await changing.tensorStats(path, 'token_embd.weight', never);
    expect(unavailable).toBe(CHANGED_MEANWHILE);
  });

  it('are NaN scales, which are counted', async () => {
    const data = new Uint8Array(2 * 144).fill(0x11);
    data.set([0xff, 0x7f], 0);
    const path = written('nan.gguf', 12, [256, 2], data);
    const stats = await analyzer.tensorStats(path, 'w', never);
    expect(stats.summary).toMatchObject({ count: 512, nonFinite: 256 });
    expect(stats).toMatchObject({ unavailable: null, nonFiniteScales: 8 });
    expect(total(stats.scales)).toBe(8);
    expect(total(stats.values)).toBeCloseTo(256, 6);
  });
});

describe('an analysis', () => {
  it('of a big-endian file counts scales and codes by the reference', async () => {
    const [little, big] = [new Uint8Array(144).fill(0x21), new Uint8Array(144).fill(0x21)];
    little.set([0x34, 0x12, 0x56, 0x13]);
    big.set([0x12, 0x34, 0x13, 0x56]);
    const [a, b] = await Promise.all([
      analyzer.tensorStats(written('little.gguf', 12, [256], little), 'w', never),
      analyzer.tensorStats(written('big.gguf', 12, [256], big, 'big'), 'w', never),
    ]);
    expect({ ...b, milliseconds: 0 }).toEqual({ ...a, milliseconds: 0 });
    expect(a.codes).not.toBeNull();
  });

  it('that is cancelled ends at once and leaves the kernel empty', async () => {
    const abort = new AbortController();
    const kernel = loadKernel(KERNEL_WASM);
    let pauses = 0;
    const cancelling = createAnalyzer({
      files: diskAccess,
      kernel: () => kernel,
      pause: async () => {
        if (pauses++ === 0) abort.abort();
      },
    });
    await expect(cancelling.tensorStats(F16, 'token_embd.weight', abort.signal)).rejects.toThrow(/Cancelled/);
    expect(pauses).toBe(1);
    const path = written('after.gguf', 0, [1], new Uint8Array(4));
    expect((await cancelling.tensorStats(path, 'w', never)).summary).toMatchObject({
      count: 1,
      zeros: 1,
      max: 0,
    });
  });

  it('of rows that do not end at a byte has all but the channels', async () => {
    const file = writeSafetensors([{ name: 'w', dtype: 'F4', shape: [2, 3] }]);
    file.set([0x21, 0x43, 0x65], file.length - 3);
    const path = join(folder, 'odd.safetensors');
    writeFileSync(path, file);
    const stats = await analyzer.tensorStats(path, 'w', never);
    expect(stats.summary).toMatchObject({ count: 6, min: 0.5, max: 4, mean: 2 });
    expect(stats.channels).toBeNull();
  });

  it('of a row too long to be read at once counts every weight of it once', async () => {
    const count = 2 ** 21 + 12_345;
    const weights = randomWeights(count, 4);
    weights[count - 1] = -77;
    weights[5] = Infinity;
    const path = written('long.gguf', 0, [count], new Uint8Array(weights.buffer));
    const { summary, channels, values } = await analyzer.tensorStats(path, 'w', never);
    expect(summary).toMatchObject({ count, nonFinite: 1, min: -77, max: Infinity });
    expect(total(values)).toBeCloseTo(count - 1, 3);
    expect(values!.high).toBeLessThan(100);
    expect(channels).toBeNull();
  });

  it('of equal weights shows them in the middle', async () => {
    const path = written('ones.gguf', 0, [64], new Uint8Array(new Float32Array(64).fill(1).buffer));
    const { summary, values } = await analyzer.tensorStats(path, 'w', never);
    expect(summary).toMatchObject({ mean: 1, std: 0, skewness: null, outliers: [] });
    expect(values!.low < 0.9 && values!.high > 1.1).toBe(true);
    expect(total(values)).toBeCloseTo(64, 6);
  });
});
