// Where the codes of a strip of weights lie among the bytes of a packed tensor: data, so that reference, kernel and pictures read it
// alike.
import type { BitRun } from '../anatomy/layout.ts';

/**
 * Codes of `count` neighbors in a line. `byte` counts from the start of the tensor of codes. A code is made of
 * its bits as stored, then `flip` is xored to it (two's complement becomes an offset), then `add` is added.
 */
export type CodePiece = StreamPiece | SwappedPiece | InterleavedPiece | WordsPiece | UnitsPiece;

interface PieceOf {
  readonly byte: number;
  readonly count: number;
  readonly flip: number;
  readonly add: number;
}

/**
 * One stream of bits, the lowest first: bytes as they are, two codes of 4 bits in a byte, 32 codes of 3 bits in three words.
 *
 *     byte 2     byte 1     byte 0       bit 7 … 0 of each
 *     hhhgggff   feeedddc   ccbbbaaa     codes a … h of 3 bits
 */
export interface StreamPiece extends PieceOf {
  readonly kind: 'stream';
  readonly bits: number;
  /** Bit of `byte` that the first code begins with. */
  readonly bit: number;
}

/** Two codes of 4 bits in a byte, the first in the high half. */
export interface SwappedPiece extends PieceOf {
  readonly kind: 'swapped';
  /** 1: the first code is the second one of `byte`. */
  readonly odd: 0 | 1;
}

/** AWQ: eight codes of 4 bits in a word; neighbor j is nibble [0, 4, 1, 5, 2, 6, 3, 7][j]. Begins at a word. */
export interface InterleavedPiece extends PieceOf {
  readonly kind: 'interleaved';
}

/** As many whole codes in a word of 32 bits as fit, the highest bits unused. */
export interface WordsPiece extends PieceOf {
  readonly kind: 'words';
  readonly bits: number;
  /** Place in its word of the first code. */
  readonly first: number;
}

/**
 * Neighbors lie in neighboring units (bytes, or words of 32 bits), each at the same bits of its unit; a code whose bits lie in
 * several units has several pieces, which say where their bits belong.
 */
export interface UnitsPiece extends PieceOf {
  readonly kind: 'units';
  readonly unitBytes: 1 | 4;
  readonly shift: number;
  readonly width: number;
  /** Bit of the code that the lowest bit becomes. Above 0: a further piece of the codes of the piece before. */
  readonly into: number;
}

/** Nibble of a word of AWQ that holds neighbor j. */
export const AWQ_NIBBLES = [0, 4, 1, 5, 2, 6, 3, 7] as const;

/** Where the bits of code `index` of a piece lie, the lowest first. */
function codeRuns(piece: CodePiece, index: number): BitRun[] {
  switch (piece.kind) {
    case 'stream':
      return streamRuns(piece.byte, piece.bit + index * piece.bits, piece.bits);
    case 'swapped': {
      const at = piece.odd + index;
      return [{ byte: piece.byte + (at >> 1), shift: at % 2 === 0 ? 4 : 0, width: 4 }];
    }
    case 'interleaved': {
      const nibble = AWQ_NIBBLES[index & 7] ?? 0;
      return [
        { byte: piece.byte + 4 * (index >> 3) + (nibble >> 1), shift: nibble % 2 === 0 ? 0 : 4, width: 4 },
      ];
    }
    case 'words': {
      const perWord = Math.floor(32 / piece.bits);
      const at = piece.first + index;
      return streamRuns(piece.byte + 4 * Math.floor(at / perWord), (at % perWord) * piece.bits, piece.bits);
    }
    case 'units':
      return streamRuns(piece.byte + index * piece.unitBytes, piece.shift, piece.width);
  }
}

function streamRuns(byte: number, bit: number, width: number): BitRun[] {
  const runs: BitRun[] = [];
  const end = bit + width;
  for (let at = bit; at < end;) {
    const taken = Math.min(8 - (at & 7), end - at);
    runs.push({ byte: byte + Math.floor(at / 8), shift: at & 7, width: taken });
    at += taken;
  }
  return runs;
}

/** A code of a strip: its bits as they lie, the lowest first, and what is done to them. */
export interface PlacedCode {
  readonly runs: readonly BitRun[];
  readonly flip: number;
  readonly add: number;
}

/** Where the code of weight `index` of a strip lies. Null: beyond the pieces. */
export function placedCode(pieces: readonly CodePiece[], index: number): PlacedCode | null {
  let from = 0;
  let end = 0;
  let found: PlacedCode | null = null;
  for (const piece of pieces) {
    const isFurther = piece.kind === 'units' && piece.into > 0;
    if (!isFurther) [from, end] = [end, end + piece.count];
    if (index < from || index >= end) continue;
    const before: readonly BitRun[] = isFurther ? (found?.runs ?? []) : [];
    const runs: readonly BitRun[] = [...before, ...codeRuns(piece, index - from)];
    found = { runs, flip: piece.flip, add: piece.add };
  }
  return found;
}

/** The bits of a code of a piece as they are stored, without flip and add. @param byteAt byte of the tensor of codes */
function storedBits(piece: CodePiece, index: number, byteAt: (byte: number) => number): number {
  let bits = 0;
  let at = 0;
  for (const { byte, shift, width } of codeRuns(piece, index)) {
    bits |= ((byteAt(byte) >> shift) & ((1 << width) - 1)) << at;
    at += width;
  }
  return bits;
}

/**
 * The reference: the codes of a strip. Pieces stand one after the other; a further piece of the same codes behind its first.
 * @param codes one byte for each weight
 */
export function readCodes(
  pieces: readonly CodePiece[],
  byteAt: (byte: number) => number,
  codes: Uint8Array,
): void {
  let from = 0;
  let end = 0;
  for (const piece of pieces) {
    const isFurther = piece.kind === 'units' && piece.into > 0;
    if (!isFurther) {
      from = end;
      end = from + piece.count;
    }
    for (let index = 0; index < piece.count; index++) {
      const bits = storedBits(piece, index, byteAt);
      if (isFurther) codes[from + index] = (codes[from + index] ?? 0) | (bits << piece.into);
      else codes[from + index] = bits;
    }
    // Only whole codes can be flipped and added to: the last piece of them says how.
    if (piece.flip === 0 && piece.add === 0) continue;
    for (let at = from; at < end; at++) codes[at] = ((codes[at] ?? 0) ^ piece.flip) + piece.add;
  }
}

/** Codes of up to 8 bits in one stream from a byte on: for zero points and scales, of which there are many. */
export function unpackStream(
  bytes: Uint8Array,
  byteOffset: number,
  bits: number,
  count: number,
  into: Float32Array,
  at: number,
): void {
  const mask = 2 ** bits - 1;
  for (let index = 0; index < count; index++) {
    const bit = index * bits;
    const byte = byteOffset + (bit >> 3);
    const pair = (bytes[byte] ?? 0) | ((bytes[byte + 1] ?? 0) << 8);
    into[at + index] = (pair >> (bit & 7)) & mask;
  }
}

/** A stream of codes of a line. @param firstBit of the first one, from the start of the tensor */
export const stream = (firstBit: number, bits: number, count: number, flip = 0): StreamPiece => ({
  kind: 'stream',
  byte: Math.floor(firstBit / 8),
  bit: firstBit % 8,
  bits,
  count,
  flip,
  add: 0,
});

/** Codes in neighboring units. @param byte of the first unit */
export const units = (
  byte: number,
  unitBytes: 1 | 4,
  bits: { readonly shift: number; readonly width: number; readonly into?: number },
  count: number,
  change: { readonly flip?: number; readonly add?: number } = {},
): UnitsPiece => ({
  kind: 'units',
  byte,
  unitBytes,
  shift: bits.shift,
  width: bits.width,
  into: bits.into ?? 0,
  count,
  flip: change.flip ?? 0,
  add: change.add ?? 0,
});
