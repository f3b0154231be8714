// What a row of logits says: the reference. Precision as in llama-perplexity (llama.cpp, tools/perplexity/perplexity.cpp):
// exponentials in float32, sums in double. A row is `vocabulary` float32, at least one of them.

const { fround } = Math;

/** Most tokens that topTokens lists. */
const MAX_TOP_TOKENS = 10;

/** ln 2^-126, as float32. Tokens further below the largest have no chance that a normal float32 could hold: they count as
 * excluded. */
export const LEAST_SHIFT = -87.33654022216797;

// Loops over indexes: V8 runs `for … of` over a typed array many times slower.

/** The largest logit; NaN are passed over. −Infinity when nothing is larger. */
export function largestLogit(row: Float32Array): number {
  let most = -Infinity;
  for (let token = 0; token < row.length; token++) {
    const logit = row[token] ?? NaN;
    if (logit > most) most = logit;
  }
  return most;
}

/** Index of the largest logit, the first of equal ones; NaN are passed over. −1 when nothing is above −Infinity. */
export function argmax(row: Float32Array): number {
  const most = largestLogit(row);
  return most === -Infinity ? -1 : row.indexOf(most);
}

/** Sum of e^(logit − largest). NaN when the row holds a NaN or +Infinity, or nothing above −Infinity. */
function sumOfExponentials(row: Float32Array, most: number): number {
  let sum = 0;
  for (let token = 0; token < row.length; token++)
    sum += fround(Math.exp(fround((row[token] ?? NaN) - most)));
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
  for (let token = 0; token < base.length; token++) {
    const shifted = fround((base[token] ?? NaN) - mostBase);
    // What has no chance adds nothing, whatever the other model thinks of it.
    if (shifted < LEAST_SHIFT) continue;
    sum += fround(Math.exp(shifted)) * (shifted - fround((other[token] ?? NaN) - mostOther));
  }
  // Below zero by rounding only.
  return Math.max(0, sum / sumBase - Math.log(sumBase) + Math.log(sumOther));
}

export interface TopToken {
  readonly token: number;
  readonly probability: number;
}

/**
 * The most likely tokens, the most likely one first, of equals the lower token; NaN and −Infinity are left out.
 * @param total logSumExp of the row, by whom it is known: it takes most of the time
 */
export function topTokens(row: Float32Array, count: number, total = logSumExp(row)): readonly TopToken[] {
  const limit = Math.min(count, MAX_TOP_TOKENS, row.length);
  const best: number[] = [];
  const logitOf = (token: number | undefined): number => row[token ?? -1] ?? -Infinity;
  let least = limit > 0 ? -Infinity : Infinity;
  for (let token = 0; token < row.length; token++) {
    const logit = row[token] ?? NaN;
    if (!(logit > least)) continue;
    let place = best.length;
    while (place > 0 && logit > logitOf(best[place - 1])) place--;
    best.splice(place, 0, token);
    best.length = Math.min(best.length, limit);
    if (best.length === limit) least = logitOf(best.at(-1));
  }
  return best.map((token) => ({ token, probability: Math.exp(logitOf(token) - total) }));
}
