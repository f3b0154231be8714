// Numbers in the formula of a weight.

/** Four significant digits, whole numbers whole. */
export function shownNumber(value: number): string {
  const text = Number.isInteger(value) ? `${value}` : `${Number(value.toPrecision(4))}`;
  return text.replaceAll('-', '−');
}
