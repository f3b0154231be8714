// The state of the Re-quantize page: what was loaded, and what the user made of it. The parts of the page read these signals and
// change them; nothing else is shared between them.
import { computed, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import type { ModelView } from '../../src/protocol/modelView.ts';
import {
  type JobView,
  MAX_CHOSEN_TENSORS,
  type RecipeView,
  type RequantizeHost,
  type RequantizePushes,
  type RequantizeView,
} from '../../src/protocol/requantize.ts';
import { tooManyChosen } from '../../src/protocol/requantizeWords.ts';
import type { HostLink } from '../shared/link.ts';
import { NO_ROWS, type Rows } from '../shared/tensors/rows.ts';
import { FIRST_STEPS, recipeKey, step, type Draft, type RecipeOptions, type Steps } from './draft.ts';
import type { Errors } from './errors.ts';
import { shownJob, writtenTurn } from './jobs/shownJob.ts';
import { assign, countOverrides, namedOverrides } from './overrides.ts';
import { plannedOf, type Planned, type WholePlan } from './planned.ts';
import { NOTHING, type Selection } from './selection.ts';

export type RequantizeLink = HostLink<RequantizeHost, RequantizePushes>;

export type PlanColumnId =
  'name' | 'from' | 'to' | 'reason' | 'sqnr' | 'error' | 'before' | 'after' | 'state';

export interface PlanSort {
  readonly column: PlanColumnId;
  readonly descending: boolean;
}

export interface RequantizeState {
  readonly link: RequantizeLink;
  /** null while nothing has arrived. */
  readonly view: Signal<RequantizeView | null>;
  /** The model of the view; null where there is none in the file. */
  readonly model: ReadonlySignal<ModelView | null>;
  /** A request failed as a whole: its sentence. */
  readonly failure: Signal<string | null>;
  /** Of the source, as far as they have arrived. */
  readonly rows: Signal<Rows>;
  readonly jobs: Signal<readonly JobView[]>;
  /** Recipes of jobs of this source, by their ids, as `recipeKey` has them. */
  readonly jobRecipes: Signal<ReadonlyMap<string, string>>;

  readonly steps: Signal<Steps>;
  readonly draft: ReadonlySignal<Draft>;
  readonly recipe: ReadonlySignal<RecipeView>;
  /** Of the recipe, to compare it. */
  readonly recipeKey: ReadonlySignal<string>;
  /** The newest job that makes what the page shows; null: there is none. */
  readonly job: ReadonlySignal<JobView | null>;
  /** While what is shown is being written: tensors with a lower turn are. null: nothing is written now. */
  readonly turn: ReadonlySignal<number | null>;
  /** Said once after a recipe was loaded or a state restored. */
  readonly notes: Signal<readonly string[]>;

  /** The last whole plan; it stays until the next one is there. */
  readonly plan: Signal<WholePlan | null>;
  /** One is asked for. */
  readonly isPlanning: Signal<boolean>;
  /** Why there is no plan of the recipe as it is. */
  readonly planFailure: Signal<string | null>;
  readonly planned: ReadonlySignal<Planned | null>;
  readonly errors: Signal<Errors | null>;
  /** Why it was not started. */
  readonly startFailure: Signal<string | null>;

  readonly selection: Signal<Selection>;
  /** Row where the keyboard is, −1 for none; one for map and table. */
  readonly current: Signal<number>;
  /** The table scrolls to this row and opens its group when it changes; `serial` makes repeated asks differ. */
  readonly reveal: Signal<{ readonly row: number; readonly focus: boolean; readonly serial: number }>;
  readonly filter: Signal<string>;
  /** What the filter lets through; null: everything. Set by the table's filter. */
  readonly matches: Signal<Uint8Array | null>;
  readonly sort: Signal<PlanSort | null>;
  readonly openGroups: Signal<ReadonlySet<number>>;
  readonly scrollTop: Signal<number>;
  /** Sections of the options that the user opened. */
  readonly openSections: Signal<ReadonlySet<string>>;
  /** True once what was saved has been put back. */
  readonly isRestored: Signal<boolean>;
}

export function createState(link: RequantizeLink): RequantizeState {
  const view = signal<RequantizeView | null>(null);
  const rows = signal<Rows>(NO_ROWS);
  const steps = signal(FIRST_STEPS);
  const draft = computed(() => steps.value.now);
  const plan = signal<WholePlan | null>(null);
  const model = computed(() => {
    const snapshot = view.value?.model;
    return snapshot?.kind === 'model' ? snapshot : null;
  });
  const overrides = computed(() => draft.value.overrides);
  const recipe = computed(() => ({
    ...draft.value.options,
    overrides: namedOverrides(overrides.value, rows.value.names, view.value?.tensorTypes ?? []),
  }));
  const key = computed(() => recipeKey(recipe.value));
  const jobs = signal<readonly JobView[]>([]);
  const jobRecipes = signal<ReadonlyMap<string, string>>(new Map());
  const job = computed(() =>
    shownJob(jobs.value, {
      source: view.value?.source.path,
      output: draft.value.output,
      isRecipe: ({ id }) => jobRecipes.value.get(id) === key.value,
    }),
  );
  return {
    ...{ link, view, model, rows, steps, draft, plan, recipe, jobs, jobRecipes, job },
    recipeKey: key,
    turn: computed(() => writtenTurn(job.value)),
    failure: signal(null),
    notes: signal([]),
    isPlanning: signal(false),
    planFailure: signal(null),
    planned: computed(() =>
      model.value === null || plan.value === null || plan.value.columns.count !== rows.value.count
        ? null
        : plannedOf(model.value, rows.value, plan.value, overrides.value, view.value?.tensorTypes ?? []),
    ),
    errors: signal(null),
    startFailure: signal(null),
    selection: signal(NOTHING),
    current: signal(-1),
    reveal: signal({ row: -1, focus: false, serial: 0 }),
    filter: signal(''),
    matches: signal(null),
    sort: signal(null),
    openGroups: signal(new Set<number>()),
    scrollTop: signal(0),
    openSections: signal(new Set<string>()),
    isRestored: signal(false),
  };
}

/** One step of the user, which can be undone. */
export function change(state: RequantizeState, next: Partial<Draft>): void {
  const steps = step(state.steps.peek(), { ...state.draft.peek(), ...next });
  if (steps === null) return;
  state.steps.value = steps;
  state.startFailure.value = null;
}

export function changeOptions(state: RequantizeState, options: Partial<RecipeOptions>): void {
  change(state, { options: { ...state.draft.peek().options, ...options } });
}

/** Gives the selected tensors a type, as far as they are ever quantized; says so where they are too many. @param type null: back to the rules */
export function giveType(state: RequantizeState, type: number | null): void {
  const roles = state.model.peek()?.roles ?? [];
  const { role } = state.rows.peek();
  const rows = [...state.selection.peek()].filter((row) => roles[role[row] ?? -1]?.thin !== true);
  const overrides = assign(state.draft.peek().overrides, rows, type);
  if (type !== null && countOverrides(overrides) > MAX_CHOSEN_TENSORS) state.notes.value = [tooManyChosen()];
  else change(state, { overrides });
}

/** Selects every tensor that the filter lets through. */
export function selectAll(state: RequantizeState): void {
  const matches = state.matches.peek();
  const rows: number[] = [];
  for (let row = 0; row < state.rows.peek().count; row++)
    if (matches === null || matches[row] !== 0) rows.push(row);
  state.selection.value = new Set(rows);
}

/** Why nothing can be changed now; null: it can. */
export const isLocked = ({ view }: RequantizeState): boolean => (view.value?.obstacle ?? null) !== null;

/** Brings a tensor into view in the table. `focus`: moves the keyboard there too. */
export function revealRow(state: RequantizeState, row: number, focus: boolean): void {
  state.current.value = row;
  state.reveal.value = { row, focus, serial: state.reveal.peek().serial + 1 };
}
