// Perplexity of one model: every row scores the token that came.
import { chunkTargets } from '../core/quality/chunkPlan.ts';
import { addNlls, createNllTally, perplexityOf } from '../core/quality/perplexity.ts';
import type { Score } from '../protocol/engine.ts';
import type { Measuring } from './measuring.ts';
import { rowParts } from './rowParts.ts';

export async function measurePerplexity({
  llama,
  models,
  plan,
  text,
  kernel,
  flag,
  tell,
}: Measuring): Promise<Score> {
  const tally = createNllTally();
  for await (const { chunk, firstRow, rowCount, isLastOfChunk, logits } of rowParts(
    llama,
    models,
    plan,
    text,
    flag,
  )) {
    llama.copy(kernel.logits, logits[0] ?? 0, 4 * rowCount * (models[0]?.vocabularySize ?? 0));
    addNlls(
      tally,
      kernel.score(chunkTargets(plan, text.tokens, chunk).subarray(firstRow, firstRow + rowCount)),
    );
    if (isLastOfChunk)
      tell({
        kind: 'chunk',
        pass: 'model',
        done: chunk + 1,
        chunks: plan.chunkCount,
        score: perplexityOf(tally),
        base: null,
        meanKl: null,
      });
  }
  return perplexityOf(tally);
}
