// A matrix of every packing, of awkward sizes and with bytes of chance: what a decoder must not mind.
import type { Packing, PartUse } from '../../../../src/core/quant/packed/packing.ts';
import { safetensorsScheme } from '../../../../src/core/quant/safetensorsTypes.ts';
import type { Random } from '../../../support/random.ts';
import { matrixOf, type MatrixShape, type Stored, type StoredMatrix } from './stored.ts';

export interface Variant {
  readonly name: string;
  readonly packing: Packing;
  readonly shape: MatrixShape;
  readonly parts: Readonly<Partial<Record<PartUse, StoredShape>>>;
}

type StoredShape = readonly [dtype: string, shape: readonly number[], numbers?: readonly number[]];

const group = (codeBits: number, groupSize: number | null, symmetric = false) =>
  ({
    codeBits,
    groupSize,
    symmetric,
    granularity: groupSize === null ? 'channel' : 'group',
  }) as const;
const words = (codes: number, bits: number): number => Math.ceil((codes * bits) / 32);
const indexes = (count: number, of: (index: number) => number): number[] =>
  Array.from({ length: count }, (_item, index) => of(index));

function gptq(bits: number, planar: boolean, actOrder: boolean, version: 1 | 2): Variant {
  const [rows, columns, size] = [52, 96, 32];
  return {
    name: `GPTQ ${bits} bits${planar ? ', planes' : ''}${actOrder ? ', act-order' : ''}, v${version}`,
    packing: { system: 'gptq', version, planar, actOrder, ...group(bits, size) },
    shape: { rows, columns },
    parts: {
      codes: ['I32', [words(columns, bits), rows]],
      zeros: ['I32', [3, planar ? words(64, bits) : words(rows, bits)]],
      scales: ['F16', [3, rows]],
      ...(actOrder ? { order: ['I32', [columns], indexes(columns, (column) => (column * 7) % 3)] } : {}),
    },
  };
}

function awq(layout: 'gemm' | 'gemv'): Variant {
  const [rows, columns] = [40, 192];
  const parts: Variant['parts'] =
    layout === 'gemm'
      ? { codes: ['I32', [columns, 5]], zeros: ['I32', [3, 5]], scales: ['F16', [3, rows]] }
      : { codes: ['I32', [rows, 24]], zeros: ['I32', [rows, 1]], scales: ['F16', [rows, 8]] };
  return {
    name: `AWQ ${layout}`,
    packing: { system: 'awq', layout, ...group(4, 64) },
    shape: { rows, columns },
    parts,
  };
}

function bitsandbytes(columns: number, isNested: boolean): Variant {
  const rows = 6;
  const blocks = Math.ceil((rows * columns) / 64);
  const nested = isNested ? { blockSize: 4, offset: 0.03 } : null;
  return {
    name: `bitsandbytes, rows of ${columns}${isNested ? ', nested' : ''}`,
    packing: {
      system: 'bitsandbytes',
      codes: 'fp4',
      nested,
      blockSize: 64,
      ...group(4, 64),
      granularity: 'block',
    },
    shape: { rows, columns },
    parts: {
      codes: ['U8', [Math.ceil((rows * columns) / 2), 1]],
      ...(isNested
        ? {
            scales: ['U8', [blocks]],
            scaleTable: ['F32', [256]],
            superScales: ['F32', [Math.ceil(blocks / 4)]],
          }
        : { scales: ['F32', [blocks]] }),
    },
  };
}

function compressedTensors(bits: number, isStream: boolean, actOrder = false): Variant {
  const [rows, columns, size] = [37, 96, 32];
  const perWord = Math.floor(32 / bits);
  const count = (codes: number): number => (isStream ? words(codes, bits) : Math.ceil(codes / perWord));
  return {
    name: `compressed-tensors ${bits} bits${isStream ? ', stream' : ''}${actOrder ? ', act-order' : ''}`,
    packing: { system: 'compressed-tensors', stream: isStream, actOrder, ...group(bits, size) },
    shape: { rows, columns },
    parts: {
      codes: ['I32', [rows, count(columns)]],
      scales: ['BF16', [rows, 3]],
      zeros: ['I32', [count(rows), 3]],
      ...(actOrder ? { order: ['I32', [columns], indexes(columns, (column) => (column * 5) % 3)] } : {}),
    },
  };
}

function scaled(dtype: string, granularity: Packing['granularity']): Variant {
  const [rows, columns] = [70, 130];
  const block = granularity === 'block' ? ([32, 64] as const) : null;
  const shape = { tensor: [1], channel: [rows, 1], group: [rows, 2], block: [3, 3] }[granularity];
  return {
    name: `${dtype} by ${granularity}`,
    packing: {
      system: 'scaled',
      maker: 'test',
      block,
      ...group(8, granularity === 'group' ? 65 : null),
      granularity,
    },
    shape: { rows, columns },
    parts: {
      codes: [dtype, [rows, columns]],
      scales: ['F32', shape],
      ...(dtype === 'I8' && granularity !== 'block' ? { zeros: ['I8', shape] } : {}),
      ...(granularity === 'channel' ? { inputSigns: ['F32', [columns]] } : {}),
    },
  };
}

function blockFloat(
  codes: 'e2m1' | 'e4m3',
  scales: 'e8m0' | 'e4m3',
  superScale: 'none' | 'multiply' | 'divide',
): Variant {
  const [rows, columns, size] = [5, 96, scales === 'e4m3' ? 16 : 32];
  return {
    name: `block floats ${codes}, scales ${scales}, second scale: ${superScale}`,
    packing: {
      system: 'blockFloat',
      maker: 'test',
      codes,
      scales,
      superScale,
      ...group(codes === 'e2m1' ? 4 : 8, size),
    },
    shape: { rows, columns, matrices: 2 },
    parts: {
      codes: ['U8', [2, rows, codes === 'e2m1' ? 48 : 96]],
      scales: ['U8', [2, rows, columns / size]],
      ...(superScale === 'none' ? {} : { superScales: ['F32', [2]] }),
    },
  };
}

function mlx(bits: number): Variant {
  const [rows, columns] = [7, 192];
  return {
    name: `MLX ${bits} bits`,
    packing: { system: 'mlx', ...group(bits, 64) },
    shape: { rows, columns },
    parts: {
      codes: ['U32', [rows, words(columns, bits)]],
      scales: ['BF16', [rows, 3]],
      zeros: ['BF16', [rows, 3]],
    },
  };
}

function mlxFloats(bits: 4 | 8, size: 16 | 32): Variant {
  return {
    name: `MLX floats of ${bits} bits in groups of ${size}`,
    packing: { system: 'mlx', ...group(bits, size, true) },
    shape: { rows: 3, columns: 64 },
    parts: { codes: ['U32', [3, 2 * bits]], scales: ['U8', [3, 64 / size]] },
  };
}

function exl2(): Variant {
  const [rows, columns] = [50, 192];
  const groups = [8, 0, 6, 8, 5, 14, 4, 19, 3, 23, 2, 26]; // 32 input channels each
  return {
    name: 'EXL2',
    packing: { system: 'exl2', ...group(4.67, null, true) },
    shape: { rows, columns },
    parts: {
      codes: ['I32', [28, 64]],
      scales: ['I32', [6, 8]],
      superScales: ['F16', [6]],
      groups: ['I16', [12], groups],
      order: ['I32', [columns], indexes(columns, (column) => (column * 25) % columns)],
    },
  };
}

function hqq(bits: number, axis: 0 | 1, rows = 24): Variant {
  const columns = 160;
  const size = axis === 1 ? 32 : 24;
  const weights = rows * columns;
  const [first, second] = axis === 1 ? [weights / size, size] : [size, weights / size];
  const parts = bits === 3 ? 10 : 8 / bits;
  return {
    name: `HQQ ${bits} bits, axis ${axis}`,
    packing: { system: 'hqq', axis, layout: 'test', ...group(bits, size) },
    shape: { rows, columns },
    parts: {
      codes: [bits === 3 ? 'I32' : 'U8', [Math.ceil(first / parts), second]],
      scales: ['F16', [weights / size, 1]],
      zeros: ['F16', [weights / size, 1]],
    },
  };
}

function aqlm(codebooks: number, codeWidth: number, outGroup: number): Variant {
  const [rows, columns, inGroup] = [12, 64, 8];
  return {
    name: `AQLM ${codebooks} × ${codeWidth}, ${outGroup} × ${inGroup}`,
    packing: { system: 'aqlm', codebooks, codeWidth, inGroup, outGroup, ...group(2, null) },
    shape: { rows, columns },
    parts: {
      codes: [codeWidth > 8 ? 'I16' : 'I8', [rows / outGroup, columns / inGroup, codebooks]],
      table: ['F16', [codebooks, 2 ** codeWidth, outGroup, inGroup]],
      scales: ['F16', [rows / outGroup, 1, 1, 1]],
    },
  };
}

const torchao = (type: string, parts: Variant['parts'], bits: number, size: number | null): Variant => ({
  name: `torchao ${type}`,
  packing: { system: 'torchao', type, scalesAcross: type === 'Int4Tensor', ...group(bits, size) },
  shape: { rows: 10, columns: 96 },
  parts,
});

export const VARIANTS: readonly Variant[] = [
  ...[2, 3, 4, 8].map((bits) => gptq(bits, false, false, 1)),
  ...[2, 3, 5, 6, 7, 8].map((bits) => gptq(bits, true, false, 2)),
  gptq(4, false, true, 1),
  gptq(3, false, true, 2),
  awq('gemm'),
  awq('gemv'),
  bitsandbytes(128, true),
  bitsandbytes(100, false),
  {
    ...scaled('I8', 'channel'),
    name: 'LLM.int8()',
    packing: { system: 'bitsandbytes-int8', ...group(8, null) },
  },
  {
    name: "ModelOpt's 4-bit AWQ",
    packing: { system: 'modelopt-int4', ...group(4, 32) },
    shape: { rows: 6, columns: 96 },
    parts: { codes: ['U8', [3, 96]], scales: ['F32', [6, 3]], inputSigns: ['F32', [96]] },
  },
  ...(['tensor', 'channel', 'group', 'block'] as const).flatMap((by) => [
    scaled('I8', by),
    scaled('F8_E4M3', by),
  ]),
  scaled('F8_E5M2', 'tensor'),
  ...[1, 2, 3, 4, 5, 6, 7, 8].flatMap((bits) => [
    compressedTensors(bits, true),
    compressedTensors(bits, false),
  ]),
  compressedTensors(4, true, true),
  blockFloat('e2m1', 'e4m3', 'multiply'),
  blockFloat('e2m1', 'e4m3', 'divide'),
  blockFloat('e2m1', 'e8m0', 'none'),
  blockFloat('e4m3', 'e8m0', 'none'),
  ...[2, 3, 4, 5, 6, 8].map(mlx),
  mlxFloats(4, 32),
  mlxFloats(4, 16),
  mlxFloats(8, 32),
  exl2(),
  ...[1, 2, 3, 4, 8].flatMap((bits) => [hqq(bits, 0), hqq(bits, 1)]),
  aqlm(1, 16, 1),
  aqlm(2, 8, 1),
  aqlm(2, 8, 4),
  torchao(
    'Int4Tensor',
    { codes: ['U8', [10, 48]], scales: ['BF16', [3, 10]], zeros: ['BF16', [3, 10]] },
    4,
    32,
  ),
  torchao(
    'IntxUnpackedToInt8Tensor',
    { codes: ['I8', [10, 96]], scales: ['F32', [10, 3]], zeros: ['I8', [10, 3]] },
    4,
    32,
  ),
  torchao('Float8Tensor', { codes: ['F8_E4M3', [10, 96]], scales: ['F32', [10, 1]] }, 8, null),
];

/** @param random chooses the bytes */
export function randomMatrix({ packing, shape, parts }: Variant, random: Random): StoredMatrix {
  const stored = Object.entries(parts).map(([use, [dtype, own, numbers]]): [string, Stored] => {
    const count = own.reduce((product, length) => product * length, 1);
    const size = safetensorsScheme(dtype).blockBytes ?? 0;
    const bytes = Uint8Array.from({ length: count * size }, () => random.below(256));
    if (numbers !== undefined) writeIntegers(bytes, size, numbers);
    return [use, { dtype, shape: own, bytes }];
  });
  return matrixOf(packing, shape, Object.fromEntries(stored));
}

function writeIntegers(bytes: Uint8Array, size: number, numbers: readonly number[]): void {
  const view = new DataView(bytes.buffer);
  numbers.forEach((number, index) => {
    if (size === 2) view.setInt16(2 * index, number, true);
    else view.setInt32(4 * index, number, true);
  });
}
