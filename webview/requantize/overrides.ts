// Types given to single tensors on the page: one small number per row. Never changed in place, so that undo can keep them.
import type { RecipeView, TensorTypeView } from '../../src/protocol/requantize.ts';

/** By row of the source: 0 where the rules decide, else 1 + index into the types a tensor can be given. Shorter than the model: 0. */
export type Overrides = Uint16Array;
export const NO_OVERRIDES: Overrides = new Uint16Array(0);
export const BY_RULE = 0;

/** @param type index into the types a tensor can be given; null: back to the rules */
export function assign(overrides: Overrides, rows: Iterable<number>, type: number | null): Overrides {
  const value = type === null ? BY_RULE : type + 1;
  const changed = [...rows].filter((row) => (overrides[row] ?? BY_RULE) !== value);
  if (changed.length === 0) return overrides;
  const last = changed.reduce((most, row) => Math.max(most, row), 0);
  const next = new Uint16Array(Math.max(overrides.length, last + 1));
  next.set(overrides);
  for (const row of changed) next[row] = value;
  return next;
}

export function countOverrides(overrides: Overrides): number {
  let count = 0;
  for (const type of overrides) if (type !== BY_RULE) count += 1;
  return count;
}

/** As a recipe has them: names by type, types in the order of the list. */
export function namedOverrides(
  overrides: Overrides,
  names: readonly string[],
  types: readonly TensorTypeView[],
): RecipeView['overrides'] {
  const byType = new Map<number, string[]>();
  overrides.forEach((type, row) => {
    const name = names[row];
    if (type === BY_RULE || name === undefined) return;
    const list = byType.get(type);
    if (list === undefined) byType.set(type, [name]);
    else list.push(name);
  });
  return [...byType]
    .sort(([first], [second]) => first - second)
    .map(([type, members]) => ({ type: types[type - 1]?.name ?? '', names: members }));
}

/** Names and types that this model or this version does not have are left out. */
export function overridesOf(
  named: RecipeView['overrides'],
  rowOfName: ReadonlyMap<string, number>,
  types: readonly TensorTypeView[],
): { readonly overrides: Overrides; readonly lost: number } {
  let lost = 0;
  let overrides = NO_OVERRIDES;
  for (const { type, names } of named) {
    const index = types.findIndex(({ name }) => name === type);
    const rows = names.flatMap((name) => rowOfName.get(name) ?? []);
    lost += index < 0 ? names.length : names.length - rows.length;
    if (index >= 0) overrides = assign(overrides, rows, index);
  }
  return { overrides, lost };
}
