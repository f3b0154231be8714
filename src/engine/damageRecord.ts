// What happened at every token while two models read the same text, and the worst places in words.
import { decodeUtf8 } from '../core/base/utf8.ts';
import type { ChunkPlan } from '../core/quality/chunkPlan.ts';
import type { ComparedRows } from '../core/quality/divergence.ts';
import type { RowKernel } from '../core/quality/rowKernel.ts';
import { topTokens } from '../core/quality/rowMath.ts';
import { createWorstTokens } from '../core/quality/worstTokens.ts';
import type { DamagedToken, TokenDamage, TopChoice } from '../protocol/engine.ts';
import type { RowPart } from './rowParts.ts';
import type { Pieces, TokenizedText } from './tokens.ts';

export interface DamageRecord {
  /** Called while the rows of both models stand in the kernel. */
  add(part: RowPart, compared: ComparedRows): void;
  damage(): TokenDamage;
}

interface Recorded {
  readonly plan: ChunkPlan;
  readonly text: TokenizedText;
  readonly kernel: RowKernel;
  readonly vocabularySize: number;
  readonly pieces: Pieces;
  readonly worstTokenLimit: number;
}

/** Tokens that each model expected most, listed for a damaged token. */
const CHOICES = 5;

export function createDamageRecord(recorded: Recorded): DamageRecord {
  const { plan, text, kernel, vocabularySize, pieces, worstTokenLimit } = recorded;
  const scored = new Uint32Array(plan.scoredTokens);
  const [kl, nll, baseNll] = [0, 1, 2].map(() => new Float32Array(plan.scoredTokens)) as [
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  const worst = createWorstTokens<DamagedToken>(worstTokenLimit);
  const spell = (token: number): string => decodeUtf8(pieces.of(token));
  const choices = (logits: Float32Array, row: number): TopChoice[] =>
    topTokens(logits.subarray(row * vocabularySize, (row + 1) * vocabularySize), CHOICES).map(
      ({ token, probability }) => ({ text: spell(token), probability }),
    );
  return {
    add({ chunk, firstRow }, compared) {
      const first = chunk * plan.rowsPerChunk + firstRow;
      kl.set(compared.kl, first);
      nll.set(compared.nll, first);
      baseNll.set(compared.baseNll, first);
      compared.kl.forEach((divergence, row) => {
        // The row of a position predicts the token after it.
        const token = chunk * plan.contextTokens + plan.firstRow + firstRow + row + 1;
        scored[first + row] = token;
        if (!worst.wants(divergence)) return;
        worst.add(divergence, {
          token,
          text: spell(text.tokens[token] ?? 0),
          kl: divergence,
          nll: compared.nll[row] ?? NaN,
          baseNll: compared.baseNll[row] ?? NaN,
          choices: choices(kernel.logits, row),
          baseChoices: choices(kernel.baseLogits, row),
        });
      });
    },
    damage() {
      const read = text.tokens.subarray(0, plan.chunkCount * plan.contextTokens);
      const { bytes, ends } = spelled(read, text.bos, pieces);
      return { bytes, ends, scored, kl, nll, baseNll, worst: worst.list().map(({ detail }) => detail) };
    },
  };
}

/** @param bos added before the text, of which it is no part */
function spelled(tokens: Int32Array, bos: number | null, pieces: Pieces) {
  const parts = Array.from(tokens, (token, at) =>
    at === 0 && token === bos ? new Uint8Array() : pieces.of(token),
  );
  const ends = new Uint32Array(parts.length);
  let end = 0;
  parts.forEach((part, at) => (ends[at] = end += part.length));
  const bytes = new Uint8Array(end);
  parts.forEach((part, at) => bytes.set(part, (ends[at] ?? 0) - part.length));
  return { bytes, ends };
}
