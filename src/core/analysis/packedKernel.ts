// Packed matrices in the kernel: codes of a strip are unpacked and multiplied there, as the reference of core/quant/packed says.
import type { CodePiece } from '../quant/packed/codes.ts';
import type {
  CodedLayout,
  CodeWindow,
  PackedLayout,
  StripValues,
  VectorSums,
} from '../quant/packed/layout.ts';
import { LEVEL_ZERO } from './blockTally.ts';
import type { LevelCounter } from './levelCounter.ts';
import type { Counts } from './tally.ts';

export interface PackedKernel {
  /**
   * Decodes weights of a line into the strip of the kernel.
   * @param from a multiple of 8
   * @param count at most as many as the strip takes
   * @param codes of a range of lines around it; bytes of the input of the kernel
   */
  decode(layout: PackedLayout, line: number, from: number, count: number, codes: CodeWindow): void;
  /** Counts the codes of the first weights of the strip just decoded, of this layout; of one matrix only between two takes. */
  countCodes(layout: CodedLayout, count: number): void;
  /** By code, 256; begins anew. */
  takeCodes(): Counts;
}

type WasmFunction = (...values: readonly number[]) => number;

const CODES = 256;

export function packedKernel(
  { buffer }: WebAssembly.Memory,
  address: (name: string) => number,
  call: (name: string) => WasmFunction,
  levelCounter: LevelCounter,
): PackedKernel {
  const stripWeights = address('STRIP_WEIGHTS');
  const strip = new Float32Array(buffer, address('STRIP'), stripWeights);
  const levelsAt = address('LEVELS');
  const levels = new Uint8Array(buffer, levelsAt, stripWeights);
  const floats = (name: string, count: number) => new Float32Array(buffer, address(name), count);
  const scales = keeper(floats('PACKED_SCALES', stripWeights + 1));
  const zeros = keeper(floats('PACKED_ZEROS', stripWeights + 1));
  const factors = keeper(floats('PACKED_FACTORS', stripWeights));
  const table = keeper(floats('PACKED_TABLE', CODES));
  const take = takers(call);
  const changeCodes = call('changeCodes');
  const [offsetGroups, offsetEach] = [call('offsetGroups'), call('offsetEach')];
  const [biasGroups, tableGroups] = [call('biasGroups'), call('tableGroups')];
  const [timesFactor, timesFactors] = [call('timesFactor'), call('timesFactors')];
  const counters = new Map<number, (count: number) => void>();
  const rest = new Float64Array(CODES);

  const unpack = (pieces: readonly CodePiece[], codes: CodeWindow): void => {
    let [from, end] = [levelsAt, levelsAt];
    for (const piece of pieces) {
      const isFurther = piece.kind === 'units' && piece.into > 0;
      if (!isFurther) [from, end] = [end, end + piece.count];
      take(piece, codes.bytes.byteOffset + codes.indexOf(piece.byte), from);
      if (piece.flip !== 0 || piece.add !== 0) changeCodes(from, piece.count, piece.flip, piece.add);
    }
  };

  const multiply = (count: number, values: StripValues): void => {
    const { formula, zero, offset, factor, columnFactors } = values;
    const isEach = values.groupSize === 1;
    // One group more than a strip has weights would be one too many for 32 bits.
    const groupSize = Math.min(values.groupSize, MOST_WEIGHTS);
    const groups = Math.ceil((offset + count) / groupSize);
    scales.put(values.scales, groups);
    if (values.zeros !== null) zeros.put(values.zeros, groups);
    if (values.table !== null) table.put(values.table, Math.min(CODES, values.table.length));
    const hasZeros = values.zeros === null ? 0 : 1;
    if (formula === 'table') tableGroups(count, groupSize, offset);
    else if (formula === 'bias') biasGroups(count, groupSize, offset, zero);
    else if (isEach) offsetEach(count, hasZeros, zero);
    else offsetGroups(count, groupSize, offset, hasZeros, zero);
    if (factor !== null) timesFactor(count, factor);
    if (columnFactors === null) return;
    factors.put(columnFactors, count);
    timesFactors(count);
  };

  // Behind all input: windows are far smaller than the memory.
  const books = new Float32Array(buffer, buffer.byteLength - 4 * MOST_BOOK_NUMBERS, MOST_BOOK_NUMBERS);
  const vectorBooks = keeper(books);
  const sumVectors = call('sumVectors');
  const sum = (sums: VectorSums, line: number, from: number, count: number, codes: CodeWindow): void => {
    const { table: vectors, codebooks, codeBytes, outGroup, inGroup } = sums;
    vectorBooks.put(vectors, vectors.length);
    const vectorBytes = 4 * outGroup * inGroup;
    sumVectors(
      codes.bytes.byteOffset + codes.indexOf(sums.firstByte(line)) + (from / inGroup) * codebooks * codeBytes,
      codeBytes,
      sums.vectors - 1,
      codebooks,
      books.byteOffset + 4 * (line % outGroup) * inGroup,
      vectorBytes,
      vectorBytes * sums.vectors,
      inGroup,
      count,
      sums.scale(line),
    );
  };

  return {
    decode(layout, line, from, count, codes) {
      if (layout.kind === 'vectors') {
        if (layout.sums !== null && fits(layout.sums, from, count))
          sum(layout.sums, line, from, count, codes);
        else layout.decode(line, from, strip.subarray(0, count), codes);
        return;
      }
      decodeCoded(layout, line, from, count, codes);
    },
    countCodes(layout, count) {
      const bits = Math.ceil(Math.log2(Math.max(2, layout.levels.length)));
      const counter = counters.get(bits) ?? levelCounter.counterOfCodes(bits);
      counters.set(bits, counter);
      const whole = count & ~15; // as many are counted at a time
      for (let at = whole; at < count; at++) {
        const code = levels[at] ?? 0;
        rest[code] = (rest[code] ?? 0) + 1;
      }
      counter(whole);
    },
    takeCodes() {
      const counts = levelCounter.take();
      // A byte of 128 or more is a negative level.
      const codes = Float64Array.from(rest, (count, code) => count + (counts[code ^ LEVEL_ZERO] ?? 0));
      rest.fill(0);
      return codes;
    },
  };

  function decodeCoded(
    layout: CodedLayout,
    line: number,
    from: number,
    count: number,
    codes: CodeWindow,
  ): void {
    unpack(layout.pieces(line, from, count), codes);
    multiply(count, layout.values(line, from, count));
  }
}

/** Numbers of codebooks: two of 2^16 vectors of 8. */
const MOST_BOOK_NUMBERS = 2 ** 20;

/** Whole pieces, in vectors of the processor; others are left to the reference. */
const fits = ({ table, inGroup }: VectorSums, from: number, count: number): boolean =>
  table.length <= MOST_BOOK_NUMBERS && inGroup % 4 === 0 && from % inGroup === 0 && count % inGroup === 0;

/** Far more than a strip has. */
const MOST_WEIGHTS = 2 ** 30;

/** Numbers in the memory of the kernel that are not written again when they are there: strips of one group follow each other. */
function keeper(place: Float32Array) {
  let buffer: ArrayBufferLike | null = null;
  let [byteOffset, length] = [0, 0];
  return {
    put(numbers: Float32Array, count: number): void {
      const isThere = numbers.buffer === buffer && numbers.byteOffset === byteOffset && count <= length;
      if (isThere) return;
      place.set(numbers.length > count ? numbers.subarray(0, count) : numbers);
      ({ buffer, byteOffset } = numbers);
      length = Math.min(count, numbers.length);
    },
  };
}

/** Unpacks the codes of a piece at an address to another. */
function takers(call: (name: string) => WasmFunction) {
  const [takeStream, takeSwapped] = [call('takeStream'), call('takeSwapped')];
  const [takeInterleaved, takeWords] = [call('takeInterleaved'), call('takeWords')];
  const [takeOfWords, takeOfBytes] = [call('takeOfWords'), call('takeOfBytes')];
  return (piece: CodePiece, from: number, to: number): void => {
    const { count } = piece;
    switch (piece.kind) {
      case 'stream':
        takeStream(from, piece.bit, piece.bits, count, to);
        return;
      case 'swapped':
        takeSwapped(from, piece.odd, count, to);
        return;
      case 'interleaved':
        takeInterleaved(from, count, to);
        return;
      case 'words':
        takeWords(from, piece.bits, piece.first, count, to);
        return;
      case 'units':
        (piece.unitBytes === 1 ? takeOfBytes : takeOfWords)(
          from,
          piece.shift,
          piece.width,
          piece.into,
          count,
          to,
        );
    }
  };
}
