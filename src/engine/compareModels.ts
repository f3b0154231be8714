// A model against its base, row by row: divergence, and what happened at every token.
import { chunkTargets } from '../core/quality/chunkPlan.ts';
import {
  addComparedRows,
  type ComparedRows,
  createDivergenceTally,
  divergenceOf,
} from '../core/quality/divergence.ts';
import { perplexityOf } from '../core/quality/perplexity.ts';
import type { Comparison, Score, TokenDamage } from '../protocol/engine.ts';
import { createDamageRecord } from './damageRecord.ts';
import type { Measuring } from './measuring.ts';
import { type RowPart, rowParts } from './rowParts.ts';
import type { Pieces } from './tokens.ts';

/** Fills the rows of the base in the kernel; those of the model stand there already. */
export interface BaseRows {
  fill(part: RowPart): void;
  /** What is known better than the filled rows tell. */
  refine(part: RowPart, compared: ComparedRows): ComparedRows;
}

/** The base is open beside the model: its logits stand where its decode left them. */
export const baseBeside = ({ llama, kernel, models }: Measuring): BaseRows => ({
  fill: ({ logits, rowCount }) =>
    llama.copy(kernel.baseLogits, logits[1] ?? 0, 4 * rowCount * (models[0]?.vocabularySize ?? 0)),
  refine: (_part, compared) => compared,
});

export interface Compared {
  readonly score: Score;
  readonly comparison: Comparison;
  readonly damage: TokenDamage;
}

export async function compareModels(
  measuring: Measuring,
  base: BaseRows,
  pieces: Pieces,
  worstTokenLimit: number,
): Promise<Compared> {
  const { llama, models, plan, text, kernel, flag, tell } = measuring;
  const vocabularySize = models[0]?.vocabularySize ?? 0;
  const tally = createDivergenceTally(plan.scoredTokens);
  const record = createDamageRecord({ plan, text, kernel, vocabularySize, pieces, worstTokenLimit });
  for await (const part of rowParts(llama, models, plan, text, flag)) {
    const { chunk, firstRow, rowCount, isLastOfChunk } = part;
    llama.copy(kernel.logits, part.logits[0] ?? 0, 4 * rowCount * vocabularySize);
    base.fill(part);
    const targets = chunkTargets(plan, text.tokens, chunk).subarray(firstRow, firstRow + rowCount);
    const compared = base.refine(part, kernel.compare(targets));
    addComparedRows(tally, compared);
    record.add(part, compared);
    if (isLastOfChunk)
      tell({
        kind: 'chunk',
        pass: 'both',
        done: chunk + 1,
        chunks: plan.chunkCount,
        score: perplexityOf(tally.model),
        base: perplexityOf(tally.base),
        meanKl: tally.klSum / tally.model.tokenCount,
      });
  }
  const { model, ...comparison } = divergenceOf(tally);
  return { score: model, comparison, damage: record.damage() };
}
