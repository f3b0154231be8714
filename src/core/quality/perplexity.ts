// Perplexity of the tokens scored so far and its standard error, by the formulas of llama-perplexity (llama.cpp,
// tools/perplexity/perplexity.cpp): e to the mean of −ln p, and the error of that mean times the perplexity.

/** Sums over scored tokens. Plain numbers: they travel, and add up from parts in any order. */
export interface NllTally {
  tokenCount: number;
  /** Sum of −ln p of the tokens that came, in nat. */
  nll: number;
  nllSquares: number;
}

export interface Perplexity {
  /** NaN when a row of logits was not made of numbers, Infinity when a token that came had no chance. */
  readonly perplexity: number;
  /** One standard deviation, as if tokens were independent. Null below two tokens and where the perplexity is no number. */
  readonly standardError: number | null;
  /** Mean of −ln p, in nat per token; NaN without tokens. */
  readonly meanNll: number;
  readonly tokensScored: number;
}

export const createNllTally = (): NllTally => ({ tokenCount: 0, nll: 0, nllSquares: 0 });

/** @param nll −ln p of each token that came, in nat */
export function addNlls(tally: NllTally, nll: Float64Array): void {
  let sum = 0;
  let squares = 0;
  for (const value of nll) {
    sum += value;
    squares += value * value;
  }
  tally.tokenCount += nll.length;
  tally.nll += sum;
  tally.nllSquares += squares;
}

export function perplexityOf({ tokenCount, nll, nllSquares }: Readonly<NllTally>): Perplexity {
  const { value, error } = meanAndError(nll, nllSquares, tokenCount);
  const perplexity = Math.exp(value);
  return {
    perplexity,
    standardError: error === null ? null : perplexity * error,
    meanNll: value,
    tokensScored: tokenCount,
  };
}

/** A mean, or what is made of one, and one standard deviation of it. */
export interface Estimate {
  readonly value: number;
  /** Null below two values, and where one of them is not finite. */
  readonly error: number | null;
}

/** Mean of `count` values and its standard error from their sum and the sum of their squares. */
export function meanAndError(sum: number, squares: number, count: number): Estimate {
  const value = sum / count;
  if (count < 2 || !Number.isFinite(value)) return { value, error: null };
  // Rounding may take the variance of equal values below zero.
  return { value, error: Math.sqrt(Math.max(0, squares / count - value * value) / (count - 1)) };
}
