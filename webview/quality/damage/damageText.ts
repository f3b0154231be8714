// The text of a comparison, piece by piece, as far as it has arrived; and how much damage a piece took.
import type { DamagePage } from '../../../src/protocol/quality.ts';
import type { DamageMeasure } from '../state.ts';

export interface DamageText {
  /** Of the measurement. */
  readonly id: string;
  /** In all. */
  readonly pieceCount: number;
  /** Columns hold this many. */
  readonly arrived: number;
  readonly texts: readonly string[];
  readonly chunk: Uint32Array;
  readonly kl: Float32Array;
  readonly nll: Float32Array;
  readonly baseNll: Float32Array;
}

/** The pages in their order, without a gap. */
export function joinPages(id: string, pages: readonly DamagePage[]): DamageText {
  const arrived = pages.reduce((sum, { texts }) => sum + texts.length, 0);
  const joined = {
    chunk: new Uint32Array(arrived),
    kl: new Float32Array(arrived),
    nll: new Float32Array(arrived),
    baseNll: new Float32Array(arrived),
  };
  let at = 0;
  for (const page of pages) {
    joined.chunk.set(page.chunk, at);
    joined.kl.set(page.kl, at);
    joined.nll.set(page.nll, at);
    joined.baseNll.set(page.baseNll, at);
    at += page.texts.length;
  }
  const texts = pages.flatMap((page) => page.texts);
  return { id, pieceCount: pages[0]?.pieceCount ?? 0, arrived, texts, ...joined };
}

/** In nat: divergence, or how much less likely the model found the piece than its base. NaN: not scored. */
export function damageOf(text: DamageText, measure: DamageMeasure, piece: number): number {
  if (measure === 'kl') return text.kl[piece] ?? NaN;
  return (text.nll[piece] ?? NaN) - (text.baseNll[piece] ?? NaN);
}
