// Packed matrices that contradict themselves: a sentence says why, and nothing is read beyond the parts.
import { describe, expect, it } from 'vitest';
import { Failure } from '../../../../src/core/base/failure.ts';
import { decodeMatrix } from '../../../../src/core/quant/packed/decoder.ts';
import type { Packing, PartUse } from '../../../../src/core/quant/packed/packing.ts';
import { createRandom } from '../../../support/random.ts';
import { tensor } from './numbers.ts';
import { randomMatrix, type Variant, VARIANTS } from './randomMatrices.ts';
import { matrixOf, type MatrixShape } from './stored.ts';

type Parts = Parameters<typeof matrixOf>[2];

const group = (codeBits: number, groupSize: number | null) =>
  ({ codeBits, groupSize, symmetric: false, granularity: 'group' }) as const;
const GPTQ: Packing = { system: 'gptq', version: 1, planar: false, actOrder: true, ...group(4, 4) };
const range = (count: number): number[] => Array.from({ length: count }, () => 0);

function why(packing: Packing, shape: MatrixShape, parts: Parts): string {
  const { matrix, read } = matrixOf(packing, shape, parts);
  try {
    decodeMatrix(matrix, 0, read);
  } catch (error) {
    expect(error).toBeInstanceOf(Failure);
    return (error as Failure).message;
  }
  return 'It was decoded.';
}

describe('what cannot be', () => {
  const gptq = (order: readonly number[]): Parts => ({
    codes: tensor('I32', [1, 1], [0]),
    zeros: tensor('I32', [2, 1], [0, 0]),
    scales: tensor('F16', [2, 1], [1, 1]),
    order: tensor('I32', [8], order),
  });

  it.each([
    [[0, 0, 0, 0, 1, 1, 1, 2], 'the group 2, but there are 2'],
    [[0, 0, 0, 0, 1, 1, 1, -1], 'the group -1, but there are 2'],
  ])('g_idx %j', (order, reason) => {
    expect(why(GPTQ, { rows: 1, columns: 8 }, gptq(order))).toContain(reason);
  });

  it('the last input channel alone is right', () => {
    expect(why(GPTQ, { rows: 1, columns: 8 }, gptq([0, 0, 0, 0, 1, 1, 1, 1]))).toBe('It was decoded.');
  });

  const exl2 = (groups: readonly number[], order: readonly number[] = range(32)): Parts => ({
    codes: tensor('I32', [2, 32], range(64)),
    groups: tensor('I16', [groups.length], groups),
    scales: tensor('I32', [groups.length / 2, 4], range(2 * groups.length)),
    superScales: tensor('F16', [groups.length / 2], range(groups.length / 2)),
    order: tensor('I32', [32], order),
  });
  const inOrder = range(32).map((_zero, channel) => channel);
  const EXL2: Packing = { system: 'exl2', ...group(2, null) };

  it.each([
    [[7, 0], inOrder, 'its group 0 has 7 bits'],
    [Array.from({ length: 66 }, () => 2), inOrder, 'it has 33 groups for 32 input channels'],
    [[2, 3], inOrder, 'its group 0 begins beyond the codes'],
    [[2, 1, 2, 0], inOrder, 'its group 0 begins beyond the codes'],
    [[4, 0], inOrder, 'its groups have 16 input channels, not 32'],
    [[2, 0], inOrder.with(3, 4), 'its input channels are in no order'],
    [[2, 0], inOrder.with(3, 32), 'its input channels are in no order'],
    [[2, 0], inOrder, 'It was decoded.'],
  ])('EXL2 groups %j', (groups, order, reason) => {
    expect(why(EXL2, { rows: 32, columns: 32 }, exl2(groups, order))).toContain(reason);
  });

  it.each<[Packing, string]>([
    [{ system: 'exl3', codebook: 'mcg', ...group(3, null) }, 'the trellis of EXL3 is not decoded'],
    [
      { system: 'torchao', type: 'Int4TilePackedTo4dTensor', scalesAcross: false, ...group(4, 32) },
      'Int4TilePackedTo4dTensor',
    ],
    [{ system: 'awq', layout: 'gemvFast', ...group(4, 32) }, 'gemv_fast'],
    [{ ...GPTQ, codeBits: 5 } as Packing, 'GPTQ has no codes of 5 bits'],
    [{ system: 'mlx', ...group(7, 32) }, 'MLX has no'],
    [{ ...GPTQ, groupSize: 0 } as Packing, '0 is no number of weights'],
  ])('%o', (packing, reason) => {
    const parts = { codes: tensor('U8', [1], [0]), scales: tensor('U8', [1], [0]) };
    expect(why(packing, { rows: 1, columns: 32 }, parts)).toContain(reason);
  });
});

it.each([
  [0, 'It was decoded.'],
  [2, 'its codes lie in tiles of older GPUs (weight_format 2)'],
])('LLM.int8() of weight_format %i', (format, reason) => {
  const parts = {
    codes: tensor('I8', [2, 4], range(8)),
    scales: tensor('F32', [2], [1, 1]),
    description: tensor('U8', [], [format]),
  };
  const packing: Packing = { ...group(8, null), system: 'bitsandbytes-int8', granularity: 'channel' };
  expect(why(packing, { rows: 2, columns: 4 }, parts)).toContain(reason);
});

describe('numbers of a type that no tool writes', () => {
  it('scales of half a byte', () => {
    const parts = { codes: tensor('I8', [1, 4], range(4)), scales: tensor('F32', [1], [1]) };
    const packing: Packing = {
      ...group(8, null),
      system: 'scaled',
      granularity: 'tensor',
      maker: '',
      block: null,
    };
    const zeros = { dtype: 'F4', shape: [2], bytes: Uint8Array.of(1) };
    const reason = 'numbers of the type F4 are read for codes only';
    expect(why(packing, { rows: 1, columns: 4 }, { ...parts, zeros })).toContain(reason);
  });

  it('a table of values for absmax of two bytes', () => {
    const packing: Packing = {
      ...group(4, 64),
      ...{ system: 'bitsandbytes', codes: 'nf4', blockSize: 64, nested: { blockSize: 256, offset: 0 } },
    };
    const parts = (dtype: string): Parts => ({
      codes: tensor('U8', [32, 1], range(32)),
      scales: tensor(dtype, [1], [1]),
      scaleTable: tensor('F32', [256], range(256)),
      superScales: tensor('F32', [1], [1]),
    });
    expect(why(packing, { rows: 1, columns: 64 }, parts('F16'))).toContain('its absmax is of type F16');
    expect(why(packing, { rows: 1, columns: 64 }, parts('U8'))).toBe('It was decoded.');
  });
});

describe('an order that is none', () => {
  const decoded = (packing: Packing, shape: MatrixShape, parts: Parts): number[] => {
    const { matrix, read } = matrixOf(packing, shape, parts);
    return [...decodeMatrix(matrix, 0, read)];
  };

  it('of GPTQ is nothing but zeros: groups are neighbors', () => {
    const parts = {
      codes: tensor('I32', [1, 1], [0x76543210]),
      scales: tensor('F16', [2, 1], [1, 2]),
    };
    const values = [-8, -7, -6, -5, -8, -6, -4, -2]; // code − 8, times 1 and times 2
    const packing = { ...GPTQ, version: 2 } as const;
    expect(decoded(packing, { rows: 1, columns: 8 }, parts)).toEqual(values);
    const order = tensor('I32', [8], range(8));
    expect(decoded(packing, { rows: 1, columns: 8 }, { ...parts, order })).toEqual(values);
  });

  it('of compressed-tensors has a -1 anywhere', () => {
    const packing: Packing = { system: 'compressed-tensors', stream: true, actOrder: true, ...group(4, 4) };
    const parts = (order: readonly number[]): Parts => ({
      codes: tensor('I32', [1, 1], [0x76543210]),
      scales: tensor('F16', [1, 2], [1, 2]),
      order: tensor('I32', [8], order),
    });
    const shape = { rows: 1, columns: 8 };
    expect(decoded(packing, shape, parts([1, 1, 1, 1, 0, 0, 0, -1]))).toEqual([
      -8, -7, -6, -5, -8, -6, -4, -2,
    ]);
    expect(decoded(packing, shape, parts([1, 1, 1, 1, 0, 0, 0, 0]))).toEqual([
      -16, -14, -12, -10, -4, -3, -2, -1,
    ]);
  });
});

describe.each(VARIANTS)('$name', (variant) => {
  const uses = Object.keys(variant.parts) as PartUse[];

  it.each(uses)('without its %s is refused, or decoded as if it needed none', (use) => {
    const parts = Object.fromEntries(Object.entries(variant.parts).filter(([own]) => own !== use));
    expectSound({ ...variant, parts });
  });

  it.each(uses)('with short %s is refused, or decoded', (use) => {
    const [dtype = '', shape = []] = variant.parts[use] ?? [];
    const short = shape.map((length, axis) => (axis === 0 ? Math.max(0, length - 1) : length));
    expectSound({ ...variant, parts: { ...variant.parts, [use]: [dtype, short] } });
  });

  it('with a shape that is a little larger is refused', () => {
    const { rows, columns } = variant.shape;
    expectSound({ ...variant, shape: { ...variant.shape, rows: rows + 64 } }, true);
    expectSound({ ...variant, shape: { ...variant.shape, columns: columns + 256 } }, true);
  });
});

/** @param isRefused it must not be decoded */
function expectSound(variant: Variant, isRefused = false): void {
  const { matrix, read } = randomMatrix(variant, createRandom(7));
  try {
    for (let index = 0; index < matrix.matrices; index++) decodeMatrix(matrix, index, read);
    expect(isRefused).toBe(false);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
  }
}
