// What is the same for all packings: a matrix is lines of weights, a weight is a code with a scale (and perhaps a zero point) of its group.
import type { CodePiece } from './codes.ts';
import type { NumberPlace } from './rows.ts';

/** Lines from `from` to before `to`. */
export interface LineRange {
  readonly from: number;
  readonly to: number;
}

/** Bytes of the stored tensor of codes. */
export interface ByteRange {
  readonly byteOffset: number;
  readonly byteLength: number;
}

/**
 * One matrix, line by line as its codes are stored. GPTQ, AWQ and EXL2 store all weights of an input channel side by side: their lines are
 * columns of the matrix.
 */
export interface Lines {
  /** What a line is. rows: an output channel, its weights are input channels in their order; columns: the other way round. */
  readonly axis: 'rows' | 'columns';
  readonly lines: number;
  readonly lineWeights: number;
  /** Lines that share bytes of codes: ranges of lines begin at multiples of it. */
  readonly step: number;
  /** Input channel of each line, where lines are input channels in an order of their own; else null. */
  readonly order: Int32Array | null;
  /** The bytes of codes that some lines need, in ascending order. */
  codeRanges(lines: LineRange): ByteRange[];
  readonly groups: GroupGrid;
}

/** Codes of up to 8 bits, one for each weight. */
export interface CodedLayout extends Lines {
  readonly kind: 'coded';
  /** What the code of index `code` stands for, NaN where it stands for nothing; as many as there can be, at most 256. */
  readonly levels: readonly number[];
  /** Where the codes of some weights of a line lie. `from` is a multiple of 8. */
  pieces(line: number, from: number, count: number): CodePiece[];
  /** What they are multiplied by. Valid until the next call. */
  values(line: number, from: number, count: number): StripValues;
  /** Where the numbers of the group of a weight lie. */
  places(line: number, position: number): GroupPlaces;
}

export interface GroupPlaces {
  readonly scale: NumberPlace | null;
  readonly zero: NumberPlace | null;
}

/** Codes of whole vectors (AQLM) or of a trellis (EXL3): only the packing itself knows how. */
export interface VectorLayout extends Lines {
  readonly kind: 'vectors';
  /** Codebooks whose vectors are summed; null where a line is made otherwise. */
  readonly sums: VectorSums | null;
  /** Some weights of a line. @param codes bytes of `codeRanges` of lines around it, through `byteAt` */
  decode(line: number, from: number, target: Float32Array, codes: CodeWindow): void;
}

/** Codes side by side, one of each codebook, are a piece of `inGroup` weights: the sum of their vectors times the scale of the line. */
export interface VectorSums {
  /** Codebook by codebook, `vectors` vectors each, of outGroup × inGroup numbers. */
  readonly table: Float32Array;
  readonly codebooks: number;
  /** A power of two. */
  readonly vectors: number;
  readonly codeBytes: 1 | 2 | 4;
  readonly outGroup: number;
  readonly inGroup: number;
  /** Byte of the codes of the first piece of a line. */
  readonly firstByte: (line: number) => number;
  readonly scale: (line: number) => number;
}

export type PackedLayout = CodedLayout | VectorLayout;

/** A piece of the tensor of codes in memory. */
export interface CodeWindow {
  readonly bytes: Uint8Array;
  /** Index in `bytes` of a byte of the stored tensor. */
  indexOf(byte: number): number;
}

/**
 * offset: (code − zeros) · scale. bias: (code − zero) · scale + zeros. table: table[code] · scale.
 * Each product and each sum is rounded to F32. Then, where there are such, times `factor`, times that of its column.
 */
export interface StripValues {
  readonly formula: Formula;
  /** Values of the codes of formula table. */
  readonly table: Float32Array | null;
  /** Of the groups that the strip touches, in their order. */
  readonly scales: Float32Array;
  /** Likewise; null: of formula offset `zero` holds for all of them. */
  readonly zeros: Float32Array | null;
  readonly zero: number;
  /** Neighbors in a group; 1: each weight has its own entry in `scales`; Infinity: all share one. */
  readonly groupSize: number;
  /** Place of the first weight of the strip in its group. */
  readonly offset: number;
  readonly factor: number | null;
  /** Factors of the weights of the strip. */
  readonly columnFactors: Float32Array | null;
}

export type Formula = 'offset' | 'bias' | 'table';

/** The scales of a matrix, as they are drawn: of formula offset and bias with zeros. */
export interface GroupGrid {
  /** rows: entry `index` holds the groups of line (or of the row of blocks) `index`, along the input channels.
   * columns: it holds one group of input channels, along the output channels. */
  readonly axis: 'rows' | 'columns';
  readonly count: number;
  readonly length: number;
  scales(index: number): Float32Array;
  /** Zero points, biases of MLX and torchao; null: there are none, or all are in the middle. */
  readonly zeros: ((index: number) => Float32Array) | null;
  /** How the zeros count: points are subtracted from codes, biases are added to products. */
  readonly zeroKind: 'point' | 'bias';
  /** Group of each input channel, where they are not neighbors (act-order). */
  readonly groupOf: Int32Array | null;
  /** Of EXL2: bits and number of input channels of each group. */
  readonly widths: { readonly bits: readonly number[]; readonly channels: readonly number[] } | null;
  /** Scales of the scales: nested absmax, global scale, maximum of a group. */
  readonly superScales: { readonly name: string; readonly values: Float32Array } | null;
}

/** What most strips have in common. */
export const plainValues: Omit<StripValues, 'scales' | 'groupSize' | 'offset'> = {
  formula: 'offset',
  table: null,
  zeros: null,
  zero: 0,
  factor: null,
  columnFactors: null,
};

/** The reference: weights from codes. */
export function applyValues(codes: Uint8Array, values: StripValues, target: Float32Array): void {
  const { scales, zeros, zero, groupSize, offset, factor, columnFactors } = values;
  for (let index = 0; index < target.length; index++) {
    const group = groupSize === Infinity ? 0 : Math.floor((offset + index) / groupSize);
    const own = zeros === null ? zero : (zeros[group] ?? NaN);
    const weight = weightOf(values, codes[index] ?? NaN, scales[group] ?? NaN, own);
    target[index] = Math.fround(scaled(weight, factor) * (columnFactors?.[index] ?? 1));
  }
}

/** @param own zero of the group */
function weightOf(
  { formula, table, zero }: Pick<StripValues, 'formula' | 'table' | 'zero'>,
  code: number,
  scale: number,
  own: number,
): number {
  switch (formula) {
    case 'offset':
      return Math.fround(Math.fround(code - own) * scale);
    case 'bias':
      return Math.fround(Math.fround((code - zero) * scale) + own);
    case 'table':
      return Math.fround((table?.[code] ?? NaN) * scale);
  }
}

const scaled = (weight: number, factor: number | null): number =>
  factor === null ? weight : Math.fround(weight * factor);

/** Codes 0 … 2^bits − 1 that stand for themselves. */
export const plainLevels = (bits: number): number[] =>
  Array.from({ length: 2 ** bits }, (_item, code) => code);

/** Codes that stand for themselves less `zero`. */
export const centeredLevels = (bits: number, zero: number): number[] =>
  plainLevels(bits).map((code) => code - zero);

/** A range of codes that lie line by line. */
export const lineBytes =
  (bytesOfLine: number) =>
  ({ from, to }: LineRange): ByteRange[] => [
    { byteOffset: from * bytesOfLine, byteLength: (to - from) * bytesOfLine },
  ];
