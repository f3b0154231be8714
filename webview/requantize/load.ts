// How everything comes into the page: the model with its rows, then a plan of the recipe as it is, then what is predicted of it.
import { batch, effect } from '@preact/signals';
import { Failure, messageOf } from '../../src/core/base/failure.ts';
import type { ModelView, TensorColumns } from '../../src/protocol/modelView.ts';
import type { PlanColumns, RecipeView, RequantizeView } from '../../src/protocol/requantize.ts';
import { rowsOf, type Rows } from '../shared/tensors/rows.ts';
import { FIRST_STEPS, optionsOf, recipeKey, type Draft } from './draft.ts';
import { addErrors, keptErrors } from './errors.ts';
import { isActive } from './jobs/shownJob.ts';
import { NO_OVERRIDES, overridesOf, type Overrides } from './overrides.ts';
import { joinColumns } from './planned.ts';
import { parseSaved, restore } from './saved.ts';
import { NOTHING } from './selection.ts';
import type { RequantizeState } from './state.ts';

export interface Loader {
  /** Asks for everything anew; what is shown stays until the answer is there. */
  load(): Promise<void>;
}

export function createLoader(state: RequantizeState): Loader {
  let running: AbortController | null = null;
  const { ask } = state.link;

  const allRows = async (model: ModelView, signal: AbortSignal): Promise<TensorColumns[]> => {
    const pages = [model.tensors];
    for (let arrived = model.tensors.count; arrived < model.tensorCount;) {
      const page = await ask.tensors({ first: arrived }, signal);
      if (page.count === 0) break;
      pages.push(page);
      arrived += page.count;
    }
    return pages;
  };
  const show = (view: RequantizeView, pages: readonly TensorColumns[]): void => {
    const { model, source } = view;
    const isFirst = !state.isRestored.peek();
    const isOther = state.view.peek()?.source.stamp !== source.stamp;
    batch(() => {
      // Before the view: what was named is looked up among the rows before.
      if (isOther && model.kind === 'model') takeRows(state, rowsOf(pages, model.tensorCount), view);
      state.view.value = view;
      state.jobs.value = view.jobs;
      if (model.kind !== 'model') return;
      if (isFirst) {
        const now: Draft = {
          options: optionsOf(view.recipe),
          overrides: NO_OVERRIDES,
          output: null,
        };
        state.steps.value = { ...FIRST_STEPS, now };
        state.openGroups.value = groupsOpenAtFirst(model);
        const saved = parseSaved(state.link.getState()) ?? parseSaved(view.savedState);
        if (saved !== null) restore(state, saved);
        state.isRestored.value = true;
      }
    });
  };
  return {
    async load() {
      running?.abort();
      const { signal } = (running = new AbortController());
      try {
        const view = await ask.open(null, signal);
        const pages = view.model.kind === 'model' ? await allRows(view.model, signal) : [];
        show(view, pages);
        state.failure.value = null;
      } catch (error) {
        if (!signal.aborted) state.failure.value = messageOf(error);
      }
    },
  };
}

/** Rows of another model than before: what was chosen for tensors goes with their names, and no step leads back to the old ones. */
function takeRows(state: RequantizeState, rows: Rows, { tensorTypes }: RequantizeView): void {
  const named = state.recipe.peek().overrides;
  const rowOfName = new Map(rows.names.map((name, row) => [name, row]));
  const { overrides } = overridesOf(named, rowOfName, tensorTypes);
  state.rows.value = rows;
  state.steps.value = { now: { ...state.draft.peek(), overrides }, before: [], after: [] };
  state.selection.value = NOTHING;
  state.current.value = -1;
  state.plan.value = null;
  state.errors.value = null;
}

/** A model of few tensors is shown whole; of others the first layer, as an example of the rest. */
const FEW_TENSORS = 64;

function groupsOpenAtFirst({ groups, tensorCount }: ModelView): ReadonlySet<number> {
  if (tensorCount <= FEW_TENSORS) return new Set(groups.keys());
  const first = groups.findIndex(({ layer }) => layer >= 0);
  return new Set(first < 0 ? [] : [first]);
}

/** A person gives types one after the other: the dry run waits for the last of them. */
const PLAN_DELAY_MS = 150;

interface Wanted {
  readonly recipe: RecipeView;
  readonly overrides: Overrides;
  readonly output: string | null;
}

/** Asks for a plan whenever the recipe changes; the one before is no longer waited for. */
export function followDraft(state: RequantizeState): () => void {
  const { ask } = state.link;
  let stop: AbortController | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let last = '';

  const wholePlan = async ({ recipe, overrides, output }: Wanted, signal: AbortSignal): Promise<void> => {
    const view = await ask.plan({ recipe, output }, signal);
    const pages: PlanColumns[] = [view.rows];
    for (let arrived = view.rows.count; arrived < state.rows.peek().count;) {
      const page = await ask.planColumns({ plan: view.id, first: arrived }, signal);
      if (page.count === 0) break;
      pages.push(page);
      arrived += page.count;
    }
    const plan = { view, overrides, columns: joinColumns(pages) };
    batch(() => {
      state.errors.value = keptErrors(state.errors.peek(), state.plan.peek(), plan);
      state.plan.value = plan;
      state.planFailure.value = null;
      state.isPlanning.value = false;
    });
    void askErrors(state, view.id);
  };
  const plan = (wanted: Wanted, isAgain = false): void => {
    stop = new AbortController();
    const { signal } = stop;
    wholePlan(wanted, signal).catch((error: unknown) => {
      if (signal.aborted) return;
      // What the host has forgotten meanwhile it is asked for again, once.
      if (!isAgain && error instanceof Failure && error.code === 'gone') return plan(wanted, true);
      state.planFailure.value = messageOf(error);
      state.isPlanning.value = false;
    });
  };
  const again = (): void => {
    const { output, overrides } = state.draft.value;
    const recipe = state.recipe.value;
    const view = state.view.value;
    if (!state.isRestored.value || view === null || view.obstacle !== null) return;
    const key = JSON.stringify([view.source.stamp, state.recipeKey.value, output]);
    if (key === last) return;
    const isFirst = last === '';
    last = key;
    stop?.abort();
    clearTimeout(timer);
    state.isPlanning.value = true;
    timer = setTimeout(() => plan({ recipe, overrides, output }), isFirst ? 0 : PLAN_DELAY_MS);
  };
  effect(again);
  return () => {
    last = '';
    again();
  };
}

/** Takes in what is predicted of the plan that is shown, as long as there is more at once. */
async function askErrors(state: RequantizeState, plan: string): Promise<void> {
  try {
    for (;;) {
      const errors = state.errors.peek();
      if (errors?.plan !== plan) return;
      const came = await state.link.ask.predictedErrors({ plan, since: errors.serial });
      const now = state.errors.peek();
      if (now?.plan !== plan) return;
      state.errors.value = addErrors(now, came);
      if (!came.more) return;
    }
  } catch {
    // The plan is gone: another one is on its way.
  }
}

/** Takes in what the host tells. */
export function followHost(state: RequantizeState, loader: Loader): void {
  const { link } = state;
  let isAsking = false;
  let isAskedAgain = false;
  const errorsOf = async (plan: string): Promise<void> => {
    if (isAsking) {
      isAskedAgain = true;
      return;
    }
    isAsking = true;
    await askErrors(state, plan);
    isAsking = false;
    if (!isAskedAgain) return;
    isAskedAgain = false;
    void errorsOf(plan);
  };
  link.onPush('changed', () => void loader.load());
  link.onPush('jobs', (jobs) => (state.jobs.value = jobs));
  link.onPush('errors', ({ plan, serial }) => {
    const errors = state.errors.peek();
    if (errors?.plan === plan && serial > errors.serial) void errorsOf(plan);
  });
}

/**
 * Learns the recipes of this model's jobs, so that the page can tell which of them it shows; and has a new plan made when one has
 * ended: files have come, and the disk has less room.
 */
export function followJobs(state: RequantizeState, planAgain: () => void): void {
  const asked = new Set<string>();
  const active = new Set<string>();
  effect(() => {
    const source = state.view.value?.source.path;
    for (const job of state.jobs.value) {
      if (isActive(job)) active.add(job.id);
      else if (active.delete(job.id)) queueMicrotask(planAgain); // outside of this effect
      if (job.source.path !== source || asked.has(job.id)) continue;
      asked.add(job.id);
      state.link.ask.jobRecipe({ job: job.id }).then(
        (recipe) => {
          const recipes = new Map(state.jobRecipes.peek());
          state.jobRecipes.value = recipes.set(job.id, recipeKey(recipe));
        },
        () => undefined, // gone: it ended and was dismissed
      );
    }
  });
}
