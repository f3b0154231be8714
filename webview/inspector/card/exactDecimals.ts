// How many decimals a column of numbers needs so that the eye can add it up.

/** Decimals with which every number is written exactly: between 2 and 4. */
export function exactDecimals(values: readonly number[]): number {
  const isExact = (value: number, decimals: number): boolean =>
    Math.abs(value - Number(value.toFixed(decimals))) < 1e-9;
  return [2, 3].find((decimals) => values.every((value) => isExact(value, decimals))) ?? 4;
}
