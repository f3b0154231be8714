// The text of a comparison as pieces that are whole characters, with what happened in each.
import { decodeUtf8 } from '../../../core/base/utf8.ts';
import { visibleBlock } from '../../../core/base/visibleText.ts';
import type { DamagedToken, TokenDamage, TopChoice } from '../../../protocol/engine.ts';
import {
  type DamagePage,
  MAX_DAMAGE_PIECES,
  type MeasurementDetail,
  type WorstToken,
} from '../../../protocol/quality.ts';

/** Where a piece ends: after this many tokens. A piece begins where the one before ends. */
export type Pieces = Uint32Array;

/** Tokens that are joined to make a character; what is longer is no UTF-8 and ends here. */
const MAX_TOKENS = 8;

/** Cuts between tokens wherever a character ends. */
export function piecesOf({ bytes, ends }: TokenDamage): Pieces {
  const pieces: number[] = [];
  let first = 0;
  for (let token = 0; token < ends.length; token++) {
    const isWhole = isBoundary(bytes, ends[token] ?? 0);
    if (!isWhole && token + 1 < ends.length && token + 1 - first < MAX_TOKENS) continue;
    pieces.push(token + 1);
    first = token + 1;
  }
  return Uint32Array.from(pieces);
}

/** A byte that begins with the bits 10 goes on with a character. */
const isBoundary = (bytes: Uint8Array, at: number): boolean =>
  at >= bytes.length || ((bytes[at] ?? 0) & 0xc0) !== 0x80;

/** Characters of a message: a page stays far below 1 MiB. */
const MAX_PAGE_CHARACTERS = 200_000;

export function damagePage(
  damage: TokenDamage,
  pieces: Pieces,
  contextTokens: number,
  { first, count }: { readonly first: number; readonly count: number },
): DamagePage {
  const from = Math.min(Math.max(0, Math.floor(first)), pieces.length);
  const limit = Math.min(pieces.length, from + Math.min(MAX_DAMAGE_PIECES, Math.max(1, Math.floor(count))));
  const texts: string[] = [];
  let characters = 0;
  for (let piece = from; piece < limit && characters < MAX_PAGE_CHARACTERS; piece++) {
    const text = textOf(damage, pieces, piece, piece + 1);
    texts.push(text);
    characters += text.length;
  }
  const page = {
    tokens: new Uint8Array(texts.length),
    chunk: new Uint32Array(texts.length),
    kl: new Float32Array(texts.length).fill(NaN),
    nll: new Float32Array(texts.length).fill(NaN),
    baseNll: new Float32Array(texts.length).fill(NaN),
  };
  let place = placeOf(damage.scored, firstToken(pieces, from));
  texts.forEach((_text, at) => {
    const [begin, end] = [firstToken(pieces, from + at), pieces[from + at] ?? 0];
    const firstPlace = place;
    while ((damage.scored[place] ?? Infinity) < end) place += 1;
    page.tokens[at] = end - begin;
    page.chunk[at] = Math.floor(begin / contextTokens);
    if (place > firstPlace)
      page.kl[at] = damage.kl.subarray(firstPlace, place).reduce((a, b) => Math.max(a, b));
    if (place - firstPlace < end - begin) return;
    page.nll[at] = sumOf(damage.nll.subarray(firstPlace, place));
    page.baseNll[at] = sumOf(damage.baseNll.subarray(firstPlace, place));
  });
  return { first: from, pieceCount: pieces.length, texts, ...page };
}

const sumOf = (values: Float32Array): number => values.reduce((sum, value) => sum + value, 0);

const firstToken = (pieces: Pieces, piece: number): number => (piece === 0 ? 0 : (pieces[piece - 1] ?? 0));

/** The first place in the rising `values` that is not below `wanted`. */
function placeOf(values: Uint32Array, wanted: number): number {
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((values[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Pieces from … to − 1 as visible text. */
function textOf({ bytes, ends }: TokenDamage, pieces: Pieces, from: number, to: number): string {
  const byteAt = (token: number): number => (token === 0 ? 0 : (ends[token - 1] ?? 0));
  return visibleBlock(
    decodeUtf8(bytes.subarray(byteAt(firstToken(pieces, from)), byteAt(firstToken(pieces, to)))),
  );
}

/** Pieces that are shown before and after a damaged one. */
const BEFORE = 12;
const AFTER = 6;

function worstTokens(damage: TokenDamage, pieces: Pieces): WorstToken[] {
  return damage.worst.map((worst: DamagedToken): WorstToken => {
    const piece = placeOf(pieces, worst.token + 1);
    return {
      piece,
      // A token that is a part of a character says nothing by itself.
      text: worst.text.includes('\ufffd')
        ? textOf(damage, pieces, piece, piece + 1)
        : visibleBlock(worst.text),
      before: textOf(damage, pieces, Math.max(0, piece - BEFORE), piece),
      after: textOf(damage, pieces, piece + 1, Math.min(pieces.length, piece + 1 + AFTER)),
      ...{ kl: worst.kl, nll: worst.nll, baseNll: worst.baseNll },
      choices: worst.choices.map(shownChoice),
      baseChoices: worst.baseChoices.map(shownChoice),
    };
  });
}

const shownChoice = ({ text, probability }: TopChoice): TopChoice => ({
  text: visibleBlock(text),
  probability,
});

export function detailOf(
  id: string,
  spreads: Pick<MeasurementDetail, 'kl' | 'deltaP'>,
  damage: TokenDamage | null,
  pieces: Pieces | null,
): MeasurementDetail {
  const isKept = damage !== null && pieces !== null;
  return {
    id,
    ...spreads,
    pieceCount: pieces?.length ?? 0,
    tokenCount: damage?.ends.length ?? 0,
    scoredCount: damage?.scored.length ?? 0,
    worst: isKept ? worstTokens(damage, pieces) : [],
  };
}
