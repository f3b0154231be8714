// What the page keeps for a model across reloads: the recipe with its overrides, and how it is looked at.
import { batch, effect } from '@preact/signals';
import type { StoredPage } from '../../src/protocol/quality.ts';
import type { MetadataOverride } from '../../src/protocol/quantize.ts';
import type { RecipeView } from '../../src/protocol/requantize.ts';
import { stateWriter } from '../shared/stateWriter.ts';
import type { RecipeOptions } from './draft.ts';
import { BY_RULE, countOverrides, overridesOf, type Overrides } from './overrides.ts';
import type { PlanColumnId, PlanSort, RequantizeState } from './state.ts';

export interface SavedState {
  readonly options: RecipeOptions;
  readonly output: string | null;
  readonly overrides: SavedOverrides;
  /** Names of selected tensors, a few of them. */
  readonly selected: readonly string[];
  readonly filter: string;
  readonly sort: PlanSort | null;
  /** Labels of the groups that are open. */
  readonly openGroups: readonly string[];
  readonly openSections: readonly string[];
  readonly scrollTop: number;
}

/** By name, which outlasts changes of the file; where they are very many, by row, which does not. */
type SavedOverrides =
  | { readonly kind: 'names'; readonly named: RecipeView['overrides'] }
  /** Each run: first row, rows, 1 + index of the type's name in `types`. */
  | {
      readonly kind: 'runs';
      readonly stamp: string;
      readonly types: readonly string[];
      readonly runs: readonly number[];
    };

/** Above it names would make a saved state of a megabyte. */
const MAX_NAMED = 4000;
/** Selected tensors and open groups that are remembered. */
const MAX_SELECTED = 500;
const MAX_GROUPS = 500;

function savedStateOf(state: RequantizeState): SavedState {
  const { names } = state.rows.value;
  const groups = state.model.value?.groups ?? [];
  const { options, output, overrides } = state.draft.value;
  return {
    ...{ options, output },
    overrides:
      countOverrides(overrides) <= MAX_NAMED
        ? { kind: 'names', named: state.recipe.value.overrides }
        : {
            kind: 'runs',
            stamp: state.view.value?.source.stamp ?? '',
            types: state.view.value?.tensorTypes.map(({ name }) => name) ?? [],
            runs: runsOf(overrides),
          },
    selected: [...state.selection.value].slice(0, MAX_SELECTED).flatMap((row) => names[row] ?? []),
    filter: state.filter.value,
    sort: state.sort.value,
    openGroups: [...state.openGroups.value]
      .slice(0, MAX_GROUPS)
      .flatMap((group) => groups[group]?.label ?? []),
    openSections: [...state.openSections.value],
    scrollTop: state.scrollTop.value,
  };
}

/** Call when the model with all its rows is there. */
export function restore(state: RequantizeState, saved: SavedState): void {
  const view = state.view.peek();
  const { names } = state.rows.peek();
  if (view === null) return;
  const rowOfName = new Map(names.map((name, row) => [name, row]));
  const groups = new Map(state.model.peek()?.groups.map(({ label }, group) => [label, group]));
  const { overrides, lost } = restoreOverrides(saved.overrides, rowOfName, view);
  batch(() => {
    const known = view.targets.some(({ name }) => name === saved.options.type);
    const options = known ? saved.options : { ...saved.options, type: view.recipe.type };
    state.steps.value = { now: { options, overrides, output: saved.output }, before: [], after: [] };
    state.selection.value = new Set(saved.selected.flatMap((name) => rowOfName.get(name) ?? []));
    state.current.value = [...state.selection.value][0] ?? -1;
    state.filter.value = saved.filter;
    state.sort.value = saved.sort;
    state.openGroups.value = new Set(saved.openGroups.flatMap((label) => groups.get(label) ?? []));
    state.openSections.value = new Set(saved.openSections);
    state.scrollTop.value = saved.scrollTop;
    if (lost > 0)
      state.notes.value = ['The model changed. Types chosen for tensors that it no longer has were dropped.'];
  });
}

function restoreOverrides(
  saved: SavedOverrides,
  rowOfName: ReadonlyMap<string, number>,
  { source, tensorTypes }: { source: { stamp: string }; tensorTypes: Parameters<typeof overridesOf>[2] },
): ReturnType<typeof overridesOf> {
  if (saved.kind === 'names') return overridesOf(saved.named, rowOfName, tensorTypes);
  const overrides = new Uint16Array(rowOfName.size);
  if (saved.stamp !== source.stamp) return { overrides, lost: saved.runs.length };
  for (let at = 0; at + 2 < saved.runs.length; at += 3) {
    const [first = 0, count = 0, type = 0] = saved.runs.slice(at, at + 3);
    const index = tensorTypes.findIndex(({ name }) => name === saved.types[type - 1]);
    overrides.fill(index < 0 ? BY_RULE : index + 1, first, first + count);
  }
  return { overrides, lost: 0 };
}

function runsOf(overrides: Overrides): number[] {
  const runs: number[] = [];
  for (let row = 0; row < overrides.length;) {
    const type = overrides[row] ?? BY_RULE;
    let end = row + 1;
    while (end < overrides.length && overrides[end] === type) end++;
    if (type !== BY_RULE) runs.push(row, end - row, type);
    row = end;
  }
  return runs;
}

/** Writes down every change from now on. */
export function keepSaved(state: RequantizeState): void {
  const write = stateWriter<SavedState>(state.link, (saved) => ({ ...saved, scrollTop: 0 }));
  effect(() => {
    if (!state.isRestored.value || state.view.value === null) return;
    const saved = savedStateOf(state);
    const { path } = state.view.value.source; // by which VS Code's host opens the page again
    write(saved, { ...saved, path } satisfies StoredPage);
  });
}

/** A saved state, read with care: another version may have written it. null when it is none. */
export function parseSaved(raw: unknown): SavedState | null {
  if (typeof raw !== 'object' || raw === null || !('options' in raw) || !('overrides' in raw)) return null;
  const saved = raw as Readonly<Record<keyof SavedState, unknown>>;
  const options = optionsFrom(saved.options);
  if (options === null) return null;
  return {
    options,
    output: typeof saved.output === 'string' ? saved.output : null,
    overrides: overridesFrom(saved.overrides),
    selected: textsOf(saved.selected),
    filter: typeof saved.filter === 'string' ? saved.filter : '',
    sort: sortOf(saved.sort),
    openGroups: textsOf(saved.openGroups),
    openSections: textsOf(saved.openSections),
    scrollTop: typeof saved.scrollTop === 'number' && saved.scrollTop > 0 ? saved.scrollTop : 0,
  };
}

type Json = Readonly<Record<string, unknown>>;
const recordOf = (raw: unknown): Json => (typeof raw === 'object' && raw !== null ? (raw as Json) : {});
const textsOf = (raw: unknown): string[] =>
  Array.isArray(raw) ? raw.filter((item) => typeof item === 'string') : [];
const numbersOf = (raw: unknown): number[] =>
  Array.isArray(raw) ? raw.filter((item) => Number.isSafeInteger(item) && item >= 0) : [];
const textOrNull = (raw: unknown): string | null => (typeof raw === 'string' ? raw : null);

function optionsFrom(raw: unknown): RecipeOptions | null {
  const options = recordOf(raw);
  if (typeof options['type'] !== 'string') return null;
  const rules = Array.isArray(options['rules']) ? options['rules'].map(recordOf) : [];
  return {
    type: options['type'],
    imatrix: textOrNull(options['imatrix']),
    outputType: textOrNull(options['outputType']),
    embeddingType: textOrNull(options['embeddingType']),
    rules: rules.flatMap(({ pattern, type }) =>
      typeof pattern === 'string' && typeof type === 'string' ? [{ pattern, type }] : [],
    ),
    pure: options['pure'] === true,
    keepSplit: options['keepSplit'] === true,
    allowRequantize: options['allowRequantize'] === true,
    leaveOutput: options['leaveOutput'] === true,
    metadata: Array.isArray(options['metadata']) ? options['metadata'].flatMap(metadataFrom) : [],
    pruneLayers: numbersOf(options['pruneLayers']),
  };
}

function metadataFrom(raw: unknown): MetadataOverride[] {
  const { key, type, value } = recordOf(raw);
  if (typeof key !== 'string') return [];
  if ((type === 'int' || type === 'float') && typeof value === 'number') return [{ key, type, value }];
  if (type === 'bool' && typeof value === 'boolean') return [{ key, type, value }];
  return type === 'str' && typeof value === 'string' ? [{ key, type, value }] : [];
}

function overridesFrom(raw: unknown): SavedOverrides {
  const { kind, named, stamp, types, runs } = recordOf(raw);
  if (kind === 'runs' && typeof stamp === 'string')
    return { kind, stamp, types: textsOf(types), runs: numbersOf(runs) };
  const list = Array.isArray(named) ? named.map(recordOf) : [];
  return {
    kind: 'names',
    named: list.flatMap(({ type, names }) =>
      typeof type === 'string' ? [{ type, names: textsOf(names) }] : [],
    ),
  };
}

const IS_COLUMN: Readonly<Record<PlanColumnId, true>> = {
  ...{ name: true, from: true, to: true, reason: true, sqnr: true, error: true },
  ...{ before: true, after: true, state: true },
};

function sortOf(raw: unknown): PlanSort | null {
  const { column, descending } = recordOf(raw);
  return typeof column === 'string' && Object.hasOwn(IS_COLUMN, column)
    ? { column: column as PlanColumnId, descending: descending === true }
    : null;
}
