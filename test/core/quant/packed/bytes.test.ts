// bitsandbytes, 8-bit weights with scales, block floats, HQQ, AQLM, ModelOpt and torchao, written from their descriptions by hand.
import { describe, expect, it } from 'vitest';
import { decodeMatrix } from '../../../../src/core/quant/packed/decoder.ts';
import type { Packing } from '../../../../src/core/quant/packed/packing.ts';
import { tensor, text } from './numbers.ts';
import { matrixOf, type MatrixShape } from './stored.ts';

type Parts = Parameters<typeof matrixOf>[2];

function weights(packing: Packing, shape: MatrixShape, parts: Parts): number[] {
  const { matrix, read } = matrixOf(packing, shape, parts);
  return [...decodeMatrix(matrix, 0, read)];
}

const group = (codeBits: number, groupSize: number | null, granularity: Packing['granularity'] = 'group') =>
  ({ codeBits, groupSize, symmetric: true, granularity }) as const;
const range = (count: number, of: (index: number) => number): number[] =>
  Array.from({ length: count }, (_item, index) => of(index));
const single = Math.fround;

describe('bitsandbytes', () => {
  const bnb = (
    codes: 'nf4' | 'fp4',
    nested: { blockSize: number; offset: number | null } | null,
  ): Packing => ({ system: 'bitsandbytes', codes, nested, blockSize: 4, ...group(4, 4, 'block') });

  it('reads the high half of a byte first, and blocks across the ends of rows', () => {
    const parts = {
      codes: tensor('U8', [3, 1], [0x0f, 0x7e, 0x0f]),
      scales: tensor('F32', [2], [2, 8]),
    };
    // NF4: code 0 is −1, 15 is 1, 7 is 0, 14 is 0.7229568362236023; four weights share an absmax.
    expect(weights(bnb('nf4', null), { rows: 2, columns: 3 }, parts)).toEqual([
      ...[-2, 2, 0],
      ...[single(2 * single(0.7229568362236023)), -8, 8],
    ]);
  });

  it('knows FP4, whose codes are in no order', () => {
    const parts = {
      codes: tensor('U8', [4, 1], [0x01, 0x23, 0x45, 0x6b]),
      scales: tensor('F32', [2], [12, 24]),
    };
    const decoded = weights(bnb('fp4', null), { rows: 1, columns: 8 }, parts);
    // Twelfths: 0 1/16 8 12 4 6 2, and code 11 is −12.
    [0, 0.0625, 8, 12, 8, 12, 4, -24].forEach((value, index) => expect(decoded[index]).toBeCloseTo(value, 6));
    expect(decoded[3]).toBe(12);
  });

  it('multiplies quantized absmax by those of their blocks, then adds the offset', () => {
    const map = range(256, (code) => (code - 128) / 128);
    const parts = {
      codes: tensor('U8', [6, 1], [0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
      scales: tensor('U8', [3], [192, 64, 255]), // ½, −½, 127/128
      scaleTable: tensor('F32', [256], map),
      superScales: tensor('F32', [2], [4, 0.5]), // two absmax share one
      table: tensor(
        'F32',
        [16],
        range(16, (code) => code),
      ),
      description: text({ quant_type: 'nf4', nested_offset: 0.25, nested_blocksize: 2 }),
    };
    const absmax = [0.5 * 4 + 0.25, -0.5 * 4 + 0.25, (127 / 128) * 0.5 + 0.25];
    const expected = absmax.flatMap((scale) => range(4, () => single(15 * scale)));
    const told = bnb('nf4', { blockSize: 2, offset: 0.25 });
    expect(weights(told, { rows: 1, columns: 12 }, parts)).toEqual(expected);
    const untold = bnb('nf4', { blockSize: 2, offset: null }); // then the quant_state tells it
    expect(weights(untold, { rows: 1, columns: 12 }, parts)).toEqual(expected);
  });

  it('LLM.int8(): code · SCB / 127, a row each', () => {
    const parts = { codes: tensor('I8', [2, 2], [127, -128, 0, 1]), scales: tensor('F32', [2], [254, 127]) };
    const decoded = weights(
      { system: 'bitsandbytes-int8', ...group(8, null) },
      { rows: 2, columns: 2 },
      parts,
    );
    [254, -256, 0, 1].forEach((value, index) => expect(decoded[index]).toBeCloseTo(value, 4));
  });
});

describe('8-bit weights', () => {
  const scaled = (
    granularity: Packing['granularity'],
    block: [number, number] | null = null,
    groupSize: number | null = null,
  ): Packing => ({ system: 'scaled', maker: 'test', block, ...group(8, groupSize, granularity) });

  it('have a scale for each block, of which the last are cut', () => {
    const parts = {
      codes: tensor(
        'F8_E4M3',
        [3, 5],
        range(15, () => 0x38),
      ), // exponent 7 − 7: 1
      scales: tensor('F32', [2, 3], [1, 2, 3, 4, 5, 6]),
    };
    expect(weights(scaled('block', [2, 2]), { rows: 3, columns: 5 }, parts)).toEqual([
      ...[1, 1, 2, 2, 3],
      ...[1, 1, 2, 2, 3],
      ...[4, 4, 5, 5, 6],
    ]);
  });

  it('of E4M3 are 448 at most, and NaN beyond', () => {
    const parts = {
      codes: tensor('F8_E4M3', [1, 4], [0x7e, 0xfe, 0x01, 0x7f]),
      scales: tensor('F32', [1], [2]),
    };
    expect(weights(scaled('tensor'), { rows: 1, columns: 4 }, parts)).toEqual([896, -896, 2 ** -8, NaN]);
  });

  it('have zero points of their own type', () => {
    const parts = {
      codes: tensor('I8', [2, 2], [-128, 127, 5, -5]),
      scales: tensor('F32', [2, 1], [0.5, 2]),
      zeros: tensor('I8', [2, 1], [-8, 5]),
    };
    expect(weights(scaled('channel'), { rows: 2, columns: 2 }, parts)).toEqual([-60, 67.5, 0, -20]);
  });

  it('of SmoothQuant are multiplied by the pre-scales of their input channels', () => {
    const parts = {
      codes: tensor('I8', [2, 3], [1, 2, 3, -1, -2, -3]),
      scales: tensor('F32', [2, 1], [2, 4]),
      inputSigns: tensor('F32', [3], [1, 10, 0.5]),
    };
    expect(weights(scaled('channel'), { rows: 2, columns: 3 }, parts)).toEqual([2, 40, 3, -4, -80, -6]);
  });

  it('with scales of zero or NaN are zeros or NaN', () => {
    const parts = {
      codes: tensor('I8', [3, 2], [1, 2, 3, 4, 0, 5]),
      scales: tensor('F32', [3, 1], [0, NaN, Infinity]),
    };
    expect(weights(scaled('channel'), { rows: 3, columns: 2 }, parts)).toEqual([
      0,
      0,
      NaN,
      NaN,
      NaN,
      Infinity,
    ]);
  });
});

describe('block floats', () => {
  const floats = (scales: 'e8m0' | 'e4m3', superScale: 'none' | 'multiply' | 'divide'): Packing => ({
    system: 'blockFloat',
    maker: 'test',
    codes: 'e2m1',
    scales,
    superScale,
    ...group(4, scales === 'e4m3' ? 16 : 32),
  });
  const codes = tensor('U8', [1, 8], [0x10, 0x32, 0x54, 0x76, 0x98, 0xba, 0xdc, 0xfe]);
  const values = [0, 0.5, 1, 1.5, 2, 3, 4, 6];
  const shape = { rows: 1, columns: 16 };

  it('NVFP4 of ModelOpt multiplies by the second scale and has no −0', () => {
    const parts = {
      codes,
      scales: tensor('F8_E4M3', [1, 1], [0x40]),
      superScales: tensor('F32', [1], [0.25]),
    };
    // 2 · ¼ = ½
    const halves = values.map((value) => value / 2);
    expect(weights(floats('e4m3', 'multiply'), shape, parts)).toEqual([
      ...halves,
      ...halves.map((value) => (value === 0 ? 0 : -value)),
    ]);
  });

  it('NVFP4 of compressed-tensors divides by it and has −0', () => {
    const parts = {
      codes,
      scales: tensor('F8_E4M3', [1, 1], [0x40]),
      superScales: tensor('F32', [1], [0.25]),
    };
    const eights = values.map((value) => value * 8);
    expect(weights(floats('e4m3', 'divide'), shape, parts)).toEqual([
      ...eights,
      ...eights.map((value) => -value),
    ]);
  });

  it('MXFP4 of experts: each has its own codes and scales, 255 is NaN', () => {
    const packing = floats('e8m0', 'none');
    const sixteen = range(16, () => 0x22); // 32 codes of 1
    const { matrix, read } = matrixOf(
      packing,
      { matrices: 3, rows: 1, columns: 32 },
      {
        codes: tensor('U8', [3, 1, 1, 16], [...sixteen, ...sixteen, ...sixteen]),
        scales: tensor('U8', [3, 1, 1], [126, 0, 255]),
      },
    );
    const first = [0, 1, 2].map((expert) => decodeMatrix(matrix, expert, read)[0]);
    expect(first).toEqual([0.5, 2 ** -127, NaN]);
  });
});

describe('HQQ', () => {
  const hqq = (bits: number, axis: 0 | 1, groupSize: number): Packing => ({
    system: 'hqq',
    axis,
    layout: 'test',
    ...group(bits, groupSize),
  });

  it.each([
    [8, 1],
    [4, 2],
    [2, 4],
    [1, 8],
  ])(
    'of %i bits has %i parts of the groups over each other, the first in the highest bits',
    (bits, parts) => {
      // 8 groups of 2 weights; group g has codes g and g + 1, as far as they fit.
      const most = 2 ** bits - 1;
      const codeOf = (group: number, at: number): number => (group + at) & most;
      const packedRows = 8 / parts;
      const bytes = range(2 * packedRows, (index) => {
        const [row, at] = [Math.floor(index / 2), index % 2];
        const digits = Array.from({ length: parts }, (_item, part) =>
          codeOf(part * packedRows + row, at)
            .toString(2)
            .padStart(bits, '0'),
        );
        return parseInt(digits.join(''), 2);
      });
      const decoded = weights(
        hqq(bits, 1, 2),
        { rows: 4, columns: 4 },
        {
          codes: tensor('U8', [packedRows, 2], bytes),
          scales: tensor(
            'F32',
            [8, 1],
            range(8, (row) => row + 1),
          ),
          zeros: tensor(
            'F32',
            [8, 1],
            range(8, () => 0.5),
          ),
        },
      );
      expect(decoded).toEqual(range(16, (at) => (codeOf(at >> 1, at % 2) - 0.5) * ((at >> 1) + 1)));
    },
  );

  it('of 3 bits has ten parts in a word; the last may be empty', () => {
    // 12 groups of one weight in words of ten: two rows of words, parts 6 to 9 are empty.
    const codes = range(12, (row) => row % 8);
    const words = [0, 1].map((row) =>
      range(6, (part) => part).reduce(
        (word, part) => word + (codes[2 * part + row] ?? 0) * 2 ** (27 - 3 * part),
        0,
      ),
    );
    const parts = {
      codes: tensor('I32', [2, 1], words),
      scales: tensor(
        'F32',
        [12, 1],
        range(12, () => 2),
      ),
      zeros: tensor(
        'F32',
        [12, 1],
        range(12, (row) => row),
      ),
    };
    expect(weights(hqq(3, 1, 1), { rows: 3, columns: 4 }, parts)).toEqual(
      codes.map((code, row) => 2 * (code - row)),
    );
  });

  it('of axis 0 has its groups in the columns', () => {
    // [group size 2, 4 groups]: weights 0 … 3 and 4 … 7 are the first and the second of the groups.
    const parts = {
      codes: tensor('U8', [1, 4], [0x12, 0x34, 0x56, 0x78]), // high halves: the first row
      scales: tensor('F32', [1, 4], [1, 2, 4, 8]),
      zeros: tensor('F32', [1, 4], [0, 1, 0, 1]),
    };
    expect(weights(hqq(4, 0, 2), { rows: 4, columns: 2 }, parts)).toEqual([1, 4, 20, 48, 2, 6, 24, 56]);
  });
});

describe('AQLM', () => {
  it('sums the vectors of its codebooks, times the scale of the row', () => {
    // Two codebooks of four vectors of 2: c · 10 + (0, 1), and c · 1000 + (0, 1).
    const book = (step: number) => range(8, (at) => Math.floor(at / 2) * step + (at % 2));
    const parts = {
      codes: tensor('I8', [2, 2, 2], [1, 2, 3, 0, -1, -2, 0, 0]), // −1 is 3, −2 is 2, mod 4
      table: tensor('F32', [2, 4, 1, 2], [...book(10), ...book(1000)]),
      scales: tensor('F32', [2, 1, 1, 1], [1, 0.5]),
    };
    const packing: Packing = {
      system: 'aqlm',
      codebooks: 2,
      codeWidth: 2,
      inGroup: 2,
      outGroup: 1,
      ...group(2, null),
    };
    expect(weights(packing, { rows: 2, columns: 4 }, parts)).toEqual([
      ...[2010, 2012, 30, 32],
      ...[1015, 1016, 0, 1],
    ]);
  });
});

describe('ModelOpt', () => {
  it('has two output channels in a byte of its 4-bit AWQ, and pre-scales of the input channels', () => {
    const parts = {
      codes: tensor('U8', [1, 2], [0x71, 0x8f]), // output channel 0: 1, −1; output channel 1: 7, −8
      scales: tensor('F32', [2, 1], [2, 4]),
      inputSigns: tensor('F32', [2], [1, 0.5]),
    };
    expect(weights({ system: 'modelopt-int4', ...group(4, 2) }, { rows: 2, columns: 2 }, parts)).toEqual([
      2, -1, 28, -16,
    ]);
  });
});

describe('torchao', () => {
  const packing = (type: string, bits: number, groupSize: number | null): Packing => ({
    system: 'torchao',
    type,
    scalesAcross: type === 'Int4Tensor',
    ...group(bits, groupSize, groupSize === null ? 'channel' : 'group'),
  });

  it('Int4Tensor: signed codes times scale plus zero, which stand by input channels', () => {
    const parts = {
      codes: tensor('U8', [2, 2], [0x21, 0x8f, 0x70, 0x07]), // 1 2 −1 −8, 0 7 7 0
      scales: tensor('F32', [2, 2], [1, 10, 2, 20]), // groups first, then output channels
      zeros: tensor('F32', [2, 2], [0, 1, 0.5, 2]),
    };
    expect(weights(packing('Int4Tensor', 4, 2), { rows: 2, columns: 4 }, parts)).toEqual([
      ...[1, 2, -1.5, -15.5],
      ...[1, 71, 142, 2],
    ]);
  });

  it('IntxUnpackedToInt8Tensor: (code − zero point) · scale', () => {
    const parts = {
      codes: tensor('I8', [1, 4], [-8, 7, 3, 0]),
      scales: tensor('F32', [1, 2], [1, 2]),
      zeros: tensor('I8', [1, 2], [-1, 3]),
    };
    expect(weights(packing('IntxUnpackedToInt8Tensor', 4, 2), { rows: 1, columns: 4 }, parts)).toEqual([
      -7, 8, 0, -6,
    ]);
  });
});
