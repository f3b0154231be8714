// How far the predictions of a model are from those of a base model on the same text, by the formulas of llama-perplexity
// --kl-divergence (llama.cpp, tools/perplexity/perplexity.cpp). Both models score the same tokens, so their perplexities move
// together: the error of their difference is much smaller than either's.
import {
  addNlls,
  createNllTally,
  type Estimate,
  meanAndError,
  type NllTally,
  type Perplexity,
  perplexityOf,
} from './perplexity.ts';
import { quantile, sortedNumbers } from './quantiles.ts';

/** A difference is called significant from this many standard errors on: one in 22 differences by chance alone is as large. */
const SIGNIFICANT_ERRORS = 2;

/** Shares whose quantiles are computed, as llama-perplexity prints them. */
export const DIVERGENCE_SHARES = [0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999] as const;

/** Row by row, what both models say; row r of all arrays belongs together. */
export interface ComparedRows {
  /** −ln p of the token that came, in nat, by the model and by the base. */
  readonly nll: Float64Array;
  readonly baseNll: Float64Array;
  /** KL divergence of the model from the base over the vocabulary, in nat. */
  readonly kl: Float64Array;
  /** The most likely token of each; −1 where there is none. */
  readonly top: Int32Array;
  readonly baseTop: Int32Array;
}

export interface DivergenceTally {
  readonly model: NllTally;
  readonly base: NllTally;
  /** Sums of nll − baseNll and of its square: the paired error without the cancellation of a covariance. */
  nllDifference: number;
  nllDifferenceSquares: number;
  sameTop: number;
  klSum: number;
  klSquares: number;
  /** Sums of the first, second and fourth power of p − p of the base, p of the token that came. */
  readonly deltaPPowers: Float64Array;
  /** By scored token, in the order of the text; as many are filled as model.tokenCount says. */
  readonly kl: Float32Array;
  readonly deltaP: Float32Array;
}

export interface Divergence {
  readonly model: Perplexity;
  readonly base: Perplexity;
  /** Perplexity of the model minus that of the base, with the paired error. */
  readonly deltaPerplexity: Estimate;
  /** ln of the ratio of the perplexities, model by base; e to it is the ratio. */
  readonly logRatio: Estimate;
  /** False where the difference is within SIGNIFICANT_ERRORS of its errors, or not known well enough to say. */
  readonly significant: boolean;
  /** Of −ln p of both models: 1 when they stumble over the same tokens. Null when one of them never varies. */
  readonly correlation: number | null;
  /** KL divergence, in nat. */
  readonly kl: Estimate & Spread;
  /** p − p of the base of the tokens that came, as shares: 0.01 is a point. */
  readonly deltaP: Estimate & Spread;
  /** Root of the mean square of deltaP. */
  readonly rmsDeltaP: Estimate;
  /** Share of rows whose most likely token is the base's. */
  readonly sameTop: Estimate;
}

/** NaN without tokens. */
export interface Spread {
  readonly min: number;
  readonly max: number;
  /** In the order of DIVERGENCE_SHARES. */
  readonly quantiles: readonly number[];
}

/** @param tokenLimit most tokens that will be scored; eight bytes are kept for each */
export const createDivergenceTally = (tokenLimit: number): DivergenceTally => ({
  model: createNllTally(),
  base: createNllTally(),
  nllDifference: 0,
  nllDifferenceSquares: 0,
  sameTop: 0,
  klSum: 0,
  klSquares: 0,
  deltaPPowers: new Float64Array(3),
  kl: new Float32Array(tokenLimit),
  deltaP: new Float32Array(tokenLimit),
});

/** @throws RangeError when more tokens are scored than the tally was made for */
export function addComparedRows(tally: DivergenceTally, rows: ComparedRows): void {
  const { nll, baseNll, kl, top, baseTop } = rows;
  const first = tally.model.tokenCount;
  if (first + nll.length > tally.kl.length)
    throw new RangeError('More tokens are scored than were announced.');
  const [deltaSum = 0, squareSum = 0, fourthSum = 0] = tally.deltaPPowers;
  const powers = [deltaSum, squareSum, fourthSum] as [number, number, number];
  for (let row = 0; row < nll.length; row++) {
    const [one = NaN, other = NaN, divergence = NaN] = [nll[row], baseNll[row], kl[row]];
    const difference = one - other;
    const deltaP = Math.exp(-one) - Math.exp(-other);
    const square = deltaP * deltaP;
    tally.nllDifference += difference;
    tally.nllDifferenceSquares += difference * difference;
    tally.klSum += divergence;
    tally.klSquares += divergence * divergence;
    powers[0] += deltaP;
    powers[1] += square;
    powers[2] += square * square;
    if (top[row] === baseTop[row]) tally.sameTop++;
    tally.kl[first + row] = divergence;
    tally.deltaP[first + row] = deltaP;
  }
  tally.deltaPPowers.set(powers);
  addNlls(tally.model, nll);
  addNlls(tally.base, baseNll);
}

export function divergenceOf(tally: DivergenceTally): Divergence {
  const count = tally.model.tokenCount;
  const [deltaSum = NaN, squareSum = NaN, fourthSum = NaN] = tally.deltaPPowers;
  const deltaPerplexity = perplexityDifference(tally);
  const meanSquare = meanAndError(squareSum, fourthSum, count);
  const rms = Math.sqrt(meanSquare.value);
  const sameTop = tally.sameTop / count;
  return {
    model: perplexityOf(tally.model),
    base: perplexityOf(tally.base),
    deltaPerplexity,
    logRatio: meanAndError(tally.nllDifference, tally.nllDifferenceSquares, count),
    significant: isSignificant(deltaPerplexity),
    correlation: correlationOf(tally),
    kl: { ...meanAndError(tally.klSum, tally.klSquares, count), ...spreadOf(tally.kl, count) },
    deltaP: { ...meanAndError(deltaSum, squareSum, count), ...spreadOf(tally.deltaP, count) },
    rmsDeltaP: {
      value: rms,
      // Of the root, from the error of what stands under it; equal probabilities have no error.
      error: meanSquare.error === null ? null : rms === 0 ? 0 : meanSquare.error / (2 * rms),
    },
    sameTop: {
      value: sameTop,
      error: count < 2 ? null : Math.sqrt((sameTop * (1 - sameTop)) / (count - 1)),
    },
  };
}

/** Whether a difference stands out from its error. */
export const isSignificant = ({ value, error }: Estimate): boolean =>
  error !== null && Math.abs(value) >= SIGNIFICANT_ERRORS * error && value !== 0;

/**
 * PPL − PPL of the base. Its variance is P²·Vp + B²·Vb − 2·P·B·Cov, where Cov = (Vp + Vb − Vd) / 2 with the variances of the
 * mean nlls and of their difference; written so that nearly equal models do not cancel to noise.
 */
function perplexityDifference({
  model,
  base,
  nllDifference,
  nllDifferenceSquares,
}: DivergenceTally): Estimate {
  const count = model.tokenCount;
  const [one, other] = [nllMean(model), nllMean(base)];
  const difference = meanAndError(nllDifference, nllDifferenceSquares, count);
  const [p, b] = [Math.exp(one.value), Math.exp(other.value)];
  // P − B = B (P/B − 1), exact for models that differ in the last digits.
  const value = b * Math.expm1(difference.value);
  if (one.error === null || other.error === null || difference.error === null) return { value, error: null };
  const variance = value * (p * one.error ** 2 - b * other.error ** 2) + p * b * difference.error ** 2;
  return { value, error: Math.sqrt(Math.max(0, variance)) };
}

const nllMean = ({ nll, nllSquares, tokenCount }: NllTally): Estimate =>
  meanAndError(nll, nllSquares, tokenCount);

function correlationOf({ model, base, nllDifference, nllDifferenceSquares }: DivergenceTally): number | null {
  const [one, other] = [nllMean(model).error, nllMean(base).error];
  const difference = meanAndError(nllDifference, nllDifferenceSquares, model.tokenCount).error;
  if (one === null || other === null || difference === null || one === 0 || other === 0) return null;
  return (one ** 2 + other ** 2 - difference ** 2) / (2 * one * other);
}

function spreadOf(values: Float32Array, count: number): Spread {
  const sorted = sortedNumbers(values.subarray(0, count));
  return {
    min: sorted.at(0) ?? NaN,
    max: sorted.at(-1) ?? NaN,
    quantiles: DIVERGENCE_SHARES.map((share) => quantile(sorted, share)),
  };
}
