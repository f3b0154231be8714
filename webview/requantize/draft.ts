// What the user is making: the options of the recipe, the types of single tensors and where to write; and its steps, to undo them.
import type { RecipeView } from '../../src/protocol/requantize.ts';
import { NO_OVERRIDES, type Overrides } from './overrides.ts';

/** All of a recipe but the overrides, which the page keeps by row. */
export type RecipeOptions = Omit<RecipeView, 'overrides'>;

export interface Draft {
  readonly options: RecipeOptions;
  readonly overrides: Overrides;
  /** Absolute path; null: as the host proposes. */
  readonly output: string | null;
}

export const optionsOf = ({ overrides: _overrides, ...options }: RecipeView): RecipeOptions => options;

/** Equal keys: equal recipes, whoever put their fields in which order. */
export const recipeKey = (recipe: RecipeView): string =>
  JSON.stringify(Object.entries(recipe).sort(([first], [second]) => (first < second ? -1 : 1)));

export interface Steps {
  readonly now: Draft;
  /** The nearest last. */
  readonly before: readonly Draft[];
  readonly after: readonly Draft[];
}

/** A step keeps two bytes per tensor at most: 100 of 60,000 tensors are 12 MB. */
const MAX_STEPS = 100;

export const FIRST_STEPS: Steps = {
  now: {
    options: {
      ...{ type: '', imatrix: null, outputType: null, embeddingType: null, rules: [], metadata: [] },
      ...{ pure: false, keepSplit: false, allowRequantize: false, leaveOutput: false, pruneLayers: [] },
    },
    overrides: NO_OVERRIDES,
    output: null,
  },
  before: [],
  after: [],
};

/** What changes nothing is no step. */
export function step({ now, before }: Steps, next: Draft): Steps | null {
  const isSame =
    next.overrides === now.overrides &&
    next.output === now.output &&
    JSON.stringify(next.options) === JSON.stringify(now.options);
  return isSame ? null : { now: next, before: [...before, now].slice(-MAX_STEPS), after: [] };
}

export function undo({ now, before, after }: Steps): Steps | null {
  const last = before.at(-1);
  return last === undefined ? null : { now: last, before: before.slice(0, -1), after: [now, ...after] };
}

export function redo({ now, before, after }: Steps): Steps | null {
  const [next, ...rest] = after;
  return next === undefined ? null : { now: next, before: [...before, now], after: rest };
}
