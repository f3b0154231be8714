// GPTQ, AWQ, compressed-tensors, MLX and EXL2, written word by word from their descriptions, with weights worked out by hand.
import { describe, expect, it } from 'vitest';
import { decodeMatrix } from '../../../../src/core/quant/packed/decoder.ts';
import type { Packing } from '../../../../src/core/quant/packed/packing.ts';
import { paddedWords, streamWords, tensor } from './numbers.ts';
import { matrixOf, type MatrixShape } from './stored.ts';

type Parts = Parameters<typeof matrixOf>[2];

function weights(packing: Packing, shape: MatrixShape, parts: Parts): number[] {
  const { matrix, read } = matrixOf(packing, shape, parts);
  return [...decodeMatrix(matrix, 0, read)];
}

const group = (codeBits: number, groupSize: number | null) =>
  ({ codeBits, groupSize, symmetric: false, granularity: 'group' }) as const;
const range = (count: number, of: (index: number) => number): number[] =>
  Array.from({ length: count }, (_item, index) => of(index));

describe('GPTQ', () => {
  const gptq = (bits: number, version: 1 | 2, groupSize: number | null, planar = false): Packing => ({
    system: 'gptq',
    version,
    planar,
    actOrder: false,
    ...group(bits, groupSize),
  });

  it('reads the codes of an output channel from the lowest nibble on, and adds 1 to the zero points of v1', () => {
    const parts = {
      codes: tensor('I32', [1, 2], [0x87654321, 0x00000009]), // one word for each of two output channels
      zeros: tensor('I32', [1, 1], [0x0000_00f2]), // 2 and 15
      scales: tensor('F16', [1, 2], [0.5, 2]),
    };
    // (code − 3) / 2, and (code − 0) · 2: 15 + 1 begins again at 0.
    expect(weights(gptq(4, 1, null), { rows: 2, columns: 8 }, parts)).toEqual([
      ...[-1, -0.5, 0, 0.5, 1, 1.5, 2, 2.5],
      ...[18, 0, 0, 0, 0, 0, 0, 0],
    ]);
    // (code − 2) / 2, and (code − 15) · 2.
    expect(weights(gptq(4, 2, null), { rows: 2, columns: 8 }, parts)).toEqual([
      ...[-0.5, 0, 0.5, 1, 1.5, 2, 2.5, 3],
      ...[-12, -30, -30, -30, -30, -30, -30, -30],
    ]);
  });

  it.each([2, 3, 4, 8])('has %i bits in a stream of words below each other', (bits) => {
    const most = 2 ** bits - 1;
    const codes = range(32, (column) => (column * 5 + 1) & most);
    const words = streamWords(codes, bits);
    const parts = {
      codes: tensor('I32', [words.length, 1], words),
      zeros: tensor('I32', [2, 1], [1, 0]),
      scales: tensor('F16', [2, 1], [1, 2]),
    };
    // 16 input channels in a group: the zero points are 1 and 0.
    expect(weights(gptq(bits, 2, 16), { rows: 1, columns: 32 }, parts)).toEqual(
      codes.map((code, column) => (column < 16 ? code - 1 : 2 * code)),
    );
  });

  it('has codes 10 and 21 of 32 codes of 3 bits in two words each', () => {
    const codes = range(32, (column) => (column === 10 ? 0b101 : column === 21 ? 0b110 : 0));
    // Code 10: its lowest two bits 01 are the highest of word 0, its bit 1 the lowest of word 1. Code 21: bit 0 is the highest of word 1.
    const words = [0b01 * 2 ** 30, 0b1, 0b11];
    expect(words).toEqual(streamWords(codes, 3));
    const parts = {
      codes: tensor('I32', [3, 1], words),
      zeros: tensor('I32', [1, 1], [0]),
      scales: tensor('F16', [1, 1], [1]),
    };
    expect(weights(gptq(3, 2, null), { rows: 1, columns: 32 }, parts)).toEqual(codes);
  });

  it('has planes: of 5 bits four words of nibbles, then one of the highest bits', () => {
    const codes = range(32, (column) => column); // the lower halves count from 0 to 15 twice, the highest bit is 0 16 times, then 1
    const words = [0x76543210, 0xfedcba98, 0x76543210, 0xfedcba98, 0xffff0000];
    const parts = {
      codes: tensor('I32', [5, 1], words),
      // 32 zero points in the same planes; those of the first output channel: nibble 3, highest bit 1: 19.
      zeros: tensor('I32', [1, 5], [3, 0, 0, 0, 1]),
      scales: tensor('F16', [1, 1], [1]),
    };
    expect(weights(gptq(5, 2, null, true), { rows: 1, columns: 32 }, parts)).toEqual(
      codes.map((code) => code - 19),
    );
  });

  it('takes the group of an input channel from g_idx', () => {
    const parts = {
      codes: tensor('I32', [1, 1], [0x55555555]),
      zeros: tensor('I32', [2, 1], [0, 0]),
      scales: tensor('F16', [2, 1], [1, -0.25]),
      order: tensor('I32', [8], [1, 0, 0, 1, 0, 1, 1, 0]),
    };
    expect(weights({ ...gptq(4, 2, 4), actOrder: true } as Packing, { rows: 1, columns: 8 }, parts)).toEqual([
      -1.25, 5, 5, -1.25, 5, -1.25, -1.25, 5,
    ]);
  });
});

describe('AWQ', () => {
  const shape = { rows: 8, columns: 2 };

  it('gemm: nibble k of a word is output channel 0 2 4 6 1 3 5 7, of zero points, too', () => {
    const parts = {
      codes: tensor('I32', [2, 1], [0x75316420, 0xfdb9eca8]), // output channels 0 … 7 have codes 0 … 7, then 8 … 15
      zeros: tensor('I32', [1, 1], [0x00000010]), // nibble 1: output channel 2 has zero point 1
      scales: tensor('F16', [1, 8], [1, 1, 1, 1, 1, 1, 1, 0.5]),
    };
    expect(weights({ system: 'awq', layout: 'gemm', ...group(4, 2) }, shape, parts)).toEqual(
      [0, 1, 1, 3, 4, 5, 6, 3.5].flatMap((first, row) => [first, row === 2 ? 9 : row === 7 ? 7.5 : row + 8]),
    );
  });

  it('gemv: nibbles in their order along the input channels; scales are padded', () => {
    const parts = {
      codes: tensor('I32', [1, 2], [0x76543210, 0xfedcba98]),
      zeros: tensor('I32', [1, 1], [0x21]),
      scales: tensor('F16', [1, 8], [2, 4, NaN, NaN, NaN, NaN, NaN, NaN]),
    };
    expect(
      weights({ system: 'awq', layout: 'gemv', ...group(4, 8) }, { rows: 1, columns: 16 }, parts),
    ).toEqual([...range(8, (code) => 2 * (code - 1)), ...range(8, (code) => 4 * (code + 8 - 2))]);
  });
});

describe('compressed-tensors', () => {
  const pack = (bits: number, stream: boolean, groupSize: number | null): Packing => ({
    system: 'compressed-tensors',
    stream,
    actOrder: false,
    ...group(bits, groupSize),
    ...(groupSize === null ? { granularity: 'channel' as const } : {}),
  });

  it.each([
    [1, true],
    [3, true],
    [3, false],
    [5, true],
    [5, false],
    [6, false],
    [7, true],
    [8, true],
  ])('has codes of %i bits that are stored with half their range (stream: %s)', (bits, stream) => {
    const half = 2 ** (bits - 1);
    const values = range(40, (column) => ((column * 3) % (2 * half)) - half);
    const codes = values.map((value) => value + half);
    const words = stream ? streamWords(codes, bits) : paddedWords(codes, bits);
    const parts = { codes: tensor('I32', [1, words.length], words), scales: tensor('F32', [1, 1], [0.5]) };
    expect(weights(pack(bits, stream, null), { rows: 1, columns: 40 }, parts)).toEqual(
      values.map((value) => value / 2),
    );
  });

  it('may have one scale and one zero point for the tensor', () => {
    const packing: Packing = { ...pack(4, true, null), granularity: 'tensor' };
    const parts = {
      codes: tensor('I32', [2, 1], [0x76543210, 0xfedcba98]),
      scales: tensor('F32', [1], [0.5]),
      zeros: tensor('I32', [1, 1], [3]),
    };
    expect(weights(packing, { rows: 2, columns: 8 }, parts)).toEqual(range(16, (code) => (code - 3) / 2));
  });

  it.each([true, false])('has zero points of 3 bits down the output channels (stream: %s)', (stream) => {
    const rows = 12;
    const words = range(rows, () => 0o7); // one code of 7, that is 3, in each row
    const pointsOf = (first: number) => range(rows, (row) => (row + first) & 7);
    const down = [0, 2].map((first) => (stream ? streamWords : paddedWords)(pointsOf(first), 3));
    const perRow = down[0]?.length ?? 0;
    const packed = range(perRow, (word) => word).flatMap((word) => down.map((column) => column[word] ?? 0));
    const parts = {
      codes: tensor('I32', [rows, 1], words),
      scales: tensor(
        'F32',
        [rows, 2],
        range(2 * rows, () => 1),
      ),
      zeros: tensor('I32', [perRow, 2], packed),
    };
    const decoded = weights(pack(3, stream, 1), { rows, columns: 2 }, parts);
    expect(decoded.filter((_weight, index) => index % 2 === 0)).toEqual(
      pointsOf(0).map((point) => 7 - point),
    );
    expect(decoded.filter((_weight, index) => index % 2 === 1)).toEqual(
      pointsOf(2).map((point) => -point + 0),
    );
  });
});

describe('MLX', () => {
  it.each([2, 3, 4, 5, 6, 8])('has codes of %i bits as one stream, times scale plus bias', (bits) => {
    const codes = range(64, (column) => (column * 7 + 3) & (2 ** bits - 1));
    const words = streamWords(codes, bits);
    const parts = {
      codes: tensor('U32', [1, words.length], words),
      scales: tensor('F16', [1, 2], [0.5, -2]),
      zeros: tensor('F16', [1, 2], [-1, 3]),
    };
    expect(weights({ system: 'mlx', ...group(bits, 32) }, { rows: 1, columns: 64 }, parts)).toEqual(
      codes.map((code, column) => (column < 32 ? code / 2 - 1 : -2 * code + 3)),
    );
  });

  it('has microscaling modes: scales of E8M0 for groups of 32, of E4M3 for groups of 16', () => {
    // Codes 0 … 7 are 0 ½ 1 1½ 2 3 4 6, then the same with a minus.
    const magnitudes = [0, 0.5, 1, 1.5, 2, 3, 4, 6];
    const values = [...magnitudes, ...magnitudes.map((value) => -value)];
    const codes = tensor('U32', [1, 4], [0x76543210, 0xfedcba98, 0x76543210, 0xfedcba98]);
    const shape = { rows: 1, columns: 32 };
    const mxfp4 = { codes, scales: tensor('U8', [1, 1], [129]) }; // 2^(129 − 127) = 4
    expect(weights({ system: 'mlx', ...group(4, 32) }, shape, mxfp4)).toEqual(
      [...values, ...values].map((value) => 4 * value),
    );
    // E4M3: 0x30 has exponent 6 − 7: ½; 0xc4 is −(1 + 4/8) · 2^(8 − 7) = −3.
    const nvfp4 = { codes, scales: tensor('U8', [1, 2], [0x30, 0xc4]) };
    expect(weights({ system: 'mlx', ...group(4, 16) }, shape, nvfp4)).toEqual([
      ...values.map((value) => value / 2),
      ...values.map((value) => -3 * value),
    ]);
  });
});

describe('EXL2', () => {
  it('has groups of different bits below each other, in an order of their own', () => {
    // 32 stored input channels of 2 bits (two words), then 32 of 3 bits (three words), of one output channel of 32.
    const [first, second] = [range(32, (line) => line & 3), range(32, (line) => (line * 3) & 7)];
    const words = [...streamWords(first, 2), ...streamWords(second, 3)];
    const stored = words.flatMap((word) => [word, ...range(31, () => 0)]);
    // Input channel c is stored at place 63 − c.
    const invperm = range(64, (channel) => 63 - channel);
    const parts = {
      codes: tensor('I32', [5, 32], stored),
      groups: tensor('I16', [4], [2, 0, 3, 2]),
      scales: tensor('I32', [2, 4], [0x3, 0, 0, 0, 0xf, 0, 0, 0]), // codes 3 and 15: (3 + 1)² = 16, (15 + 1)² = 256
      superScales: tensor('F16', [2], [8, 2]), // 16 · 8 / 256 = ½, 256 · 2 / 256 = 2
      order: tensor('I32', [64], invperm),
    };
    const byPlace = [...first.map((code) => (code - 2) / 2), ...second.map((code) => (code - 4) * 2)];
    expect(
      weights({ system: 'exl2', ...group(2.5, null) }, { rows: 1, columns: 64 }, parts).map(
        (weight) => weight + 0,
      ),
    ).toEqual(byPlace.toReversed());
  });
});
