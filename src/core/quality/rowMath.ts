// What a row of logits says: the reference. Precision as in llama-perplexity (llama.cpp, tools/perplexity/perplexity.cpp):
// exponentials in float32, sums in double. A row is `vocabulary` float32, at least one of them.

const { fround } = Math;

/** Most tokens that topTokens lists. */
export const MAX_TOP_TOKENS = 10;

/** The largest logit; NaN are passed over. −Infinity when nothing is larger. */
export function largestLogit(row: Float32Array): number {
  let most = -Infinity;
  for (const logit of row) if (logit > most) most = logit;
  return most;
}

/** Index of the largest logit, the first of equal ones; NaN are passed over. −1 when nothing is above −Infinity. */
export function argmax(row: Float32Array): number {
  let most = -Infinity;
  let index = -1;
  row.forEach((logit, token) => {
    if (logit <= most || Number.isNaN(logit)) return;
    most = logit;
    index = token;
  });
  return index;
}

/** Sum of e^(logit − largest). NaN when the row holds a NaN or +Infinity, or nothing above −Infinity. */
function sumOfExponentials(row: Float32Array, most: number): number {
  let sum = 0;
  for (const logit of row) sum += fround(Math.exp(fround(logit - most)));
  return sum;
}

/** ln Σ e^logit, in nat. NaN as sumOfExponentials. */
export function logSumExp(row: Float32Array): number {
  const most = largestLogit(row);
  return most + Math.log(sumOfExponentials(row, most));
}

/** −ln p of a token, in nat; Infinity for a token whose logit is −Infinity. */
export function nllOf(row: Float32Array, token: number): number {
  const most = largestLogit(row);
  return Math.log(sumOfExponentials(row, most)) - ((row[token] ?? NaN) - most);
}

export const probabilityOf = (row: Float32Array, token: number): number => Math.exp(-nllOf(row, token));

/**
 * Kullback-Leibler divergence of `other` from `base`, in nat: Σ p (ln p − ln q) over the vocabulary, p by base, q by other.
 * Infinity when other excludes a token that base does not; NaN as logSumExp.
 */
export function klDivergence(base: Float32Array, other: Float32Array): number {
  const [mostBase, mostOther] = [largestLogit(base), largestLogit(other)];
  const [sumBase, sumOther] = [sumOfExponentials(base, mostBase), sumOfExponentials(other, mostOther)];
  let sum = 0;
  base.forEach((logit, token) => {
    const shifted = fround(logit - mostBase);
    const weight = fround(Math.exp(shifted));
    // What has no chance adds nothing, whatever the other model thinks of it.
    if (weight !== 0) sum += weight * (shifted - fround((other[token] ?? NaN) - mostOther));
  });
  // Below zero by rounding only.
  return Math.max(0, sum / sumBase - Math.log(sumBase) + Math.log(sumOther));
}

export interface TopToken {
  readonly token: number;
  readonly probability: number;
}

/** The most likely tokens, the most likely one first, of equals the lower token; NaN and −Infinity are left out. */
export function topTokens(row: Float32Array, count: number): readonly TopToken[] {
  const limit = Math.min(count, MAX_TOP_TOKENS);
  const best: number[] = [];
  const logitOf = (token: number | undefined): number => row[token ?? -1] ?? -Infinity;
  row.forEach((logit, token) => {
    if (!(logit > (best.length < limit ? -Infinity : logitOf(best.at(-1))))) return;
    let place = best.length;
    while (place > 0 && logit > logitOf(best[place - 1])) place--;
    best.splice(place, 0, token);
    best.length = Math.min(best.length, limit);
  });
  const total = logSumExp(row);
  return best.map((token) => ({ token, probability: Math.exp(logitOf(token) - total) }));
}
