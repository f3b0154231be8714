// Quantiles as llama-perplexity computes them: between the two values nearest to the place share · (count − 1).

/** A sorted copy; NaN at the end. */
export const sortedNumbers = (values: Float32Array): Float32Array => values.slice().sort();

/**
 * The value below which a share 0…1 of the sorted values lies; 0.5 is the median. NaN without values.
 * @param sorted rising
 */
export function quantile(sorted: Float32Array, share: number): number {
  const place = share * (sorted.length - 1);
  const index = Math.floor(place);
  const [low = NaN, high = low] = [sorted[index], sorted[index + 1]];
  const rest = place - index;
  // Not a weighted sum: of an infinity it would make NaN.
  return rest === 0 || low === high ? low : low + rest * (high - low);
}
