// The WASM program for rows of logits against doubles and against the reference.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { createRowKernel, type RowKernel } from '../../../src/core/quality/rowKernel.ts';
import { argmax, klDivergence, LEAST_SHIFT, nllOf } from '../../../src/core/quality/rowMath.ts';
import { buildRows, ROWS_WASM } from '../../support/tools.ts';
import { disturbed, logChances, randomRow, slowDivergence } from './rows.ts';

let module: WebAssembly.Module;
beforeAll(async () => {
  await buildRows();
  module = new WebAssembly.Module(readFileSync(ROWS_WASM));
}, 60_000);

/** Not only multiples of the 16 logits that the program takes at once. */
const VOCABULARIES = [1, 2, 3, 4, 5, 15, 16, 17, 31, 32, 33, 63, 260, 4096, 4099, 32_001];

/** Row by row what went in. */
function fill(target: Float32Array, rows: readonly Float32Array[]): void {
  rows.forEach((row, index) => target.set(row, index * row.length));
}

/** One row and perhaps its base, surrounded by rows that must not matter. */
function kernelOf(row: Float32Array, base = row): RowKernel {
  const kernel = createRowKernel(module, { rows: 3, vocabulary: row.length, withBase: true });
  kernel.logits.fill(77);
  kernel.baseLogits.fill(78);
  fill(kernel.logits, [row]);
  fill(kernel.baseLogits, [base]);
  return kernel;
}

describe('the row kernel agrees with doubles', () => {
  it.each(VOCABULARIES)('on −ln p within 1e-6, of %i logits', (vocabulary) => {
    const spreads = [0, 0.01, 1, 3, 10, 40];
    const rows = spreads.map((spread, index) => randomRow(vocabulary, spread, 100 * vocabulary + index));
    const kernel = createRowKernel(module, { rows: rows.length, vocabulary });
    fill(kernel.logits, rows);
    for (const token of new Set([0, vocabulary >> 1, vocabulary - 1])) {
      const actual = kernel.score(new Int32Array(rows.length).fill(token));
      rows.forEach((row, index) => {
        const expected = -logChances(row)[token]!;
        expect(Math.abs(actual[index]! - expected)).toBeLessThan(1e-6);
      });
    }
  });

  it.each(VOCABULARIES)('on the KL divergence within 1e-6, of %i logits', (vocabulary) => {
    const noises = [0, 1e-4, 0.02, 0.3, 1, 3];
    const base = noises.map((_noise, index) => randomRow(vocabulary, 1 + index, 200 * vocabulary + index));
    const rows = noises.map((noise, index) => disturbed(base[index]!, noise, 5 * index, index));
    const kernel = createRowKernel(module, { rows: rows.length, vocabulary, withBase: true });
    fill(kernel.logits, rows);
    fill(kernel.baseLogits, base);
    const targets = Int32Array.from(rows, (_row, index) => (7 * index) % vocabulary);
    const actual = kernel.compare(targets);
    rows.forEach((row, index) => {
      const expected = slowDivergence(base[index]!, row);
      expect(Math.abs(actual.kl[index]! - expected)).toBeLessThan(1e-6);
      expect(Math.abs(actual.nll[index]! + logChances(row)[targets[index]!]!)).toBeLessThan(1e-6);
      expect(Math.abs(actual.baseNll[index]! + logChances(base[index]!)[targets[index]!]!)).toBeLessThan(
        2e-6,
      );
    });
    expect([...actual.top]).toEqual(rows.map(argmax));
    expect([...actual.baseTop]).toEqual(base.map(argmax));
  });

  it('on e^x within one unit in the last place, from ln 2^-126 to 88', () => {
    const count = 1 << 16;
    const memory = new WebAssembly.Memory({ initial: 16, maximum: 16 });
    const { exports } = new WebAssembly.Instance(module, { env: { memory, abort: () => undefined } });
    const call = exports.exponentials as (from: number, count: number, to: number) => void;
    const patterns = new Uint32Array(memory.buffer, 65_536, count);
    const inputs = new Float32Array(memory.buffer, 65_536, count);
    const outputs = new Float32Array(memory.buffer, 65_536 + 4 * count, count);
    const least = (exports.LEAST as WebAssembly.Global).value as number;
    expect(least).toBe(LEAST_SHIFT);
    const patternOf = (value: number): number => new Uint32Array(Float32Array.of(value).buffer)[0]!;
    let worst = 0;
    for (const [sign, end] of [
      [0, 88],
      [0x8000_0000, -least],
    ] as const) {
      // Every 7001st float of that sign: 160,000.
      const step = 7001;
      for (let first = 0; first <= patternOf(end); first += step * count) {
        patterns.forEach((_pattern, index) => {
          patterns[index] = Math.min(first + step * index, patternOf(end)) + sign;
        });
        call(65_536, count, 65_536 + 4 * count);
        inputs.forEach((input, index) => {
          const exact = Math.exp(input);
          const unit = 2 ** (Math.max(-126, Math.floor(Math.log2(exact))) - 23);
          worst = Math.max(worst, Math.abs(outputs[index]! - exact) / unit);
        });
      }
    }
    expect(worst).toBeLessThan(1);
    expect(worst).toBeGreaterThan(0.5); // it was measured: rounding alone costs half a unit
  });
});

describe('the row kernel agrees with the reference on rows', () => {
  const long = (value: number, change: Readonly<Record<number, number>>): Float32Array =>
    Object.entries(change).reduce(
      (row, [index, logit]) => row.fill(logit, Number(index), Number(index) + 1),
      new Float32Array(37).fill(value),
    );
  it.each<[string, Float32Array]>([
    ['of equal logits', long(2, {})],
    ['of zeros of both signs', long(0, { 0: -0, 20: -0 })],
    ['with equal largest ones', long(1, { 5: 9, 6: 9, 33: 9 })],
    ['whose largest is the last', long(-4, { 36: 1 })],
    ['whose largest is in the rest after whole vectors', long(-4, { 34: 1 })],
    ['with excluded tokens', long(1, { 0: -Infinity, 17: -Infinity, 36: -Infinity })],
    ['with all but one excluded', long(-Infinity, { 11: 3 })],
    ['with all excluded', long(-Infinity, {})],
    ['with an infinite logit', long(1, { 30: Infinity })],
    ['with NaN among whole vectors', long(1, { 3: NaN })],
    ['with NaN in the rest', long(1, { 35: NaN })],
    ['of NaN', long(NaN, {})],
    ['of huge logits', long(3e38, { 2: 3.1e38, 4: -3e38 })],
    ['of tiny logits', long(1e-42, { 2: -1e-42 })],
    ['with a logit far above', long(-1000, { 12: 1000 })],
    [
      'of about −87, where exponentials end',
      Float32Array.from({ length: 37 }, (_item, index) => -index * 2.5),
    ],
  ])('%s', (_what, row) => {
    const kernel = kernelOf(row);
    for (let token = 0; token < row.length; token++) {
      const [actual = NaN] = kernel.score(Int32Array.of(token));
      const expected = nllOf(row, token);
      if (Number.isFinite(expected)) expect(Math.abs(actual - expected)).toBeLessThan(1e-6);
      else expect(actual).toBe(expected);
    }
    expect([...kernel.tops(1)]).toEqual([argmax(row)]);
  });

  const plain = long(1, { 7: 3 });
  it.each<[string, Float32Array, Float32Array]>([
    ['that are the same', plain, plain],
    ['that differ by a constant', plain, plain.map((logit) => logit + 8)],
    ['of which the base excludes a token', long(1, { 4: -Infinity }), plain],
    ['of which the model excludes a token', plain, long(1, { 4: -Infinity })],
    ['of which the model excludes a token of the rest', plain, long(1, { 36: -Infinity })],
    ['that exclude the same token', long(1, { 4: -Infinity }), long(2, { 4: -Infinity, 5: 3 })],
    ['of which the base is certain', long(-Infinity, { 9: 0 }), plain],
    ['of which the base holds NaN', long(1, { 2: NaN }), plain],
    ['of which the model holds NaN', plain, long(1, { 36: NaN })],
    ['of which the base holds nothing', long(-Infinity, {}), plain],
    ['of which the base is so sharp that chances end', long(-88, { 1: 0 }), long(1, {})],
  ])('and base rows %s', (_what, base, row) => {
    const { kl, top, baseTop } = kernelOf(row, base).compare(Int32Array.of(5));
    const expected = klDivergence(base, row);
    if (Number.isFinite(expected)) expect(Math.abs(kl[0]! - expected)).toBeLessThan(1e-6);
    else expect(kl[0]).toBe(expected);
    expect([top[0], baseTop[0]]).toEqual([argmax(row), argmax(base)]);
  });

  it('of whatever numbers, up to 1e37: two larger ones may have a sum that is no float', () => {
    const huge = Math.fround(1e37);
    const logit = fc.oneof(
      { weight: 20, arbitrary: fc.float({ min: -100, max: 100, noNaN: true }) },
      { weight: 1, arbitrary: fc.float({ min: -huge, max: huge }) },
      { weight: 1, arbitrary: fc.constantFrom(-Infinity, Infinity, NaN, 0, -0, 1e-45) },
    );
    const pairs = fc.array(fc.tuple(logit, logit), { minLength: 1, maxLength: 70 });
    const near = (actual: number, expected: number): boolean =>
      Object.is(actual, expected) || Math.abs(actual - expected) < 1e-6 * (1 + Math.abs(expected));
    const property = fc.property(pairs, fc.nat(), (both, at) => {
      const row = Float32Array.from(both, ([one]) => one);
      const base = Float32Array.from(both, ([, other]) => other);
      const token = at % row.length;
      const { nll, baseNll, kl, top, baseTop } = kernelOf(row, base).compare(Int32Array.of(token));
      expect([top[0], baseTop[0]]).toEqual([argmax(row), argmax(base)]);
      expect(near(nll[0]!, nllOf(row, token))).toBe(true);
      expect(near(baseNll[0]!, nllOf(base, token))).toBe(true);
      expect(near(kl[0]!, klDivergence(base, row))).toBe(true);
    });
    fc.assert(property, { seed: 21, numRuns: 1000 });
  });

  it('that are the same: exactly nothing', () => {
    const row = randomRow(4099, 3, 1);
    expect([...kernelOf(row).compare(Int32Array.of(5)).kl]).toEqual([0]);
  });
});

describe('the memory of the row kernel', () => {
  it('has room for the rows, of both models where both are wanted, and not a page more', () => {
    const size = { rows: 5, vocabulary: 32_003 };
    const [alone, both] = [
      createRowKernel(module, size),
      createRowKernel(module, { ...size, withBase: true }),
    ];
    expect([alone.logits.length, alone.baseLogits.length]).toEqual([5 * 32_003, 0]);
    expect([both.logits.length, both.baseLogits.length]).toEqual([5 * 32_003, 5 * 32_003]);
    expect(both.baseLogits.byteOffset).toBeGreaterThanOrEqual(
      both.logits.byteOffset + both.logits.byteLength,
    );
    for (const { logits, baseLogits } of [alone, both]) {
      const end = baseLogits.byteOffset + baseLogits.byteLength;
      expect(logits.buffer.byteLength).toBe(Math.ceil(end / 65_536) * 65_536);
    }
  });

  it('begins for the host where the program leaves off', () => {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
    const { exports } = new WebAssembly.Instance(module, { env: { memory, abort: () => undefined } });
    // No row and no logit: what is left are the results.
    expect(createRowKernel(module, { rows: 0, vocabulary: 0 }).logits.byteOffset).toBe(
      (exports.RESULTS as WebAssembly.Global).value,
    );
  });

  it('stays where it is: rows are scored again and again from the same view', () => {
    const kernel = createRowKernel(module, { rows: 2, vocabulary: 3, withBase: true });
    const { buffer } = kernel.logits;
    for (const shift of [0, 1, 2]) {
      kernel.logits.set([shift, 1, 2, 2, 1, shift]);
      kernel.baseLogits.set([0, 0, 0, 0, 0, 0]);
      const [first, second] = kernel.compare(Int32Array.of(0, 2)).nll;
      expect(first).toBe(second);
      expect(kernel.logits.buffer).toBe(buffer);
    }
  });

  it.each<[string, (kernel: RowKernel) => unknown]>([
    ['more rows than it was made for', (kernel) => kernel.score(new Int32Array(4))],
    ['more tops than rows', (kernel) => kernel.tops(4)],
    ['a token below the vocabulary', (kernel) => kernel.score(Int32Array.of(-1))],
    ['a token above the vocabulary', (kernel) => kernel.compare(Int32Array.of(8))],
  ])('refuses %s', (_what, use) => {
    expect(() => use(createRowKernel(module, { rows: 3, vocabulary: 8, withBase: true }))).toThrow(
      RangeError,
    );
  });

  it('refuses to compare without room for a base, and more than a WASM memory holds', () => {
    const alone = createRowKernel(module, { rows: 1, vocabulary: 8 });
    expect(() => alone.compare(Int32Array.of(0))).toThrow('no room for a base model');
    expect(() => createRowKernel(module, { rows: 8192, vocabulary: 152_064 })).toThrow('take fewer at once');
  });

  it('makes no results of no rows', () => {
    const kernel = createRowKernel(module, { rows: 1, vocabulary: 8, withBase: true });
    expect([kernel.score(new Int32Array()).length, kernel.compare(new Int32Array()).kl.length]).toEqual([
      0, 0,
    ]);
  });
});
