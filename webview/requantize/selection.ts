// Which tensors are selected, and what pointer and keyboard make of it. Pure: rows in, rows out.

export type Selection = ReadonlySet<number>;
export const NOTHING: Selection = new Set();

/** What a key held down makes of what is pointed at: takes its place, adds it or takes it out. */
export type SelectionMode = 'replace' | 'add' | 'toggle';

export const modeOf = (event: { readonly ctrlKey: boolean; readonly metaKey: boolean }): SelectionMode =>
  event.ctrlKey || event.metaKey ? 'toggle' : 'replace';

/** Toggling takes rows out only where all of them were in: else what was begun is completed. */
export function changeSelection(before: Selection, rows: readonly number[], mode: SelectionMode): Selection {
  if (mode === 'replace') return new Set(rows);
  const next = new Set(before);
  if (mode === 'toggle' && rows.length > 0 && rows.every((row) => before.has(row)))
    for (const row of rows) next.delete(row);
  else for (const row of rows) next.add(row);
  return next;
}

/** "ffn_down, layers 0–1, 5": what the rows have in common, in the words of the map; '' where that says nothing. */
export function describeSelection(
  selection: Selection,
  roleOf: (row: number) => string,
  layerOf: (row: number) => number,
): string {
  const roles = new Set<string>();
  const layers = new Set<number>();
  for (const row of selection) {
    roles.add(roleOf(row));
    layers.add(layerOf(row));
    if (roles.size > MAX_ROLES) return '';
  }
  const withLayer = [...layers].filter((layer) => layer >= 0).sort((a, b) => a - b);
  const where =
    withLayer.length === 0 ? '' : `layer${withLayer.length > 1 ? 's' : ''} ${rangesText(withLayer)}`;
  return [[...roles].join(', '), where].filter((text) => text !== '').join(', ');
}
const MAX_ROLES = 4;
const MAX_RANGES = 4;

/** Rising numbers with runs drawn together: "0–3, 7, 28–31"; of many runs the first ones. */
export function rangesText(numbers: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const number of numbers) {
    const last = ranges.at(-1);
    if (last !== undefined && number === last[1] + 1) last[1] = number;
    else ranges.push([number, number]);
  }
  const texts = ranges
    .slice(0, MAX_RANGES)
    .map(([from, to]) => (from === to ? String(from) : `${from}–${to}`));
  return ranges.length > MAX_RANGES ? `${texts.join(', ')}, …` : texts.join(', ');
}
