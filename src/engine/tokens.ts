// The text as the tokens of a model, and tokens as text.
import { internal } from '../core/base/failure.ts';
import { textToTokenize } from '../core/quality/chunkPlan.ts';
import type { Llama } from './llama.ts';
import type { LoadedModel } from './loadedModel.ts';

export interface TokenizedText {
  readonly tokens: Int32Array;
  /** What stands first in every chunk; null when the model wants nothing there. */
  readonly bos: number | null;
}

export async function tokenize(
  llama: Llama,
  { vocabulary }: LoadedModel,
  text: string,
): Promise<TokenizedText> {
  const { addsBos, bos, tokenize: write } = llama.vocabulary;
  const utf8 = new TextEncoder().encode(textToTokenize(text));
  // A token is a byte or more, but for those that are added.
  const target = new Int32Array(utf8.length + 16);
  const count = await write(vocabulary, utf8, target);
  if (count < 0) throw internal(`The text makes ${-count} tokens, more than it has bytes.`);
  return { tokens: target.slice(0, count), bos: addsBos(vocabulary) ? bos(vocabulary) : null };
}

/** The UTF-8 of tokens, remembered: few tokens make most of a text. Tokens that only steer the model are empty unless named. */
export interface Pieces {
  of(token: number): Uint8Array;
}

export function createPieces(llama: Llama, { vocabulary }: LoadedModel): Pieces {
  const known = new Map<number, Uint8Array>();
  const spell = (token: number, room: number): Uint8Array => {
    const target = new Uint8Array(room);
    const length = llama.vocabulary.piece(vocabulary, token, target);
    return length < 0 ? spell(token, -length) : target.slice(0, length);
  };
  return {
    of(token) {
      const piece = known.get(token) ?? spell(token, 64);
      known.set(token, piece);
      return piece;
    },
  };
}
