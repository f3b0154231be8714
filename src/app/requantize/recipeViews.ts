// The options as the page edits them, as a recipe that is run and kept in a file, and back.
import { wrongUsage } from '../../core/base/failure.ts';
import { plural } from '../../core/base/units.ts';
import { shorten, visibleText } from '../../core/base/visibleText.ts';
import type { Model } from '../../core/formats/model.ts';
import { type LoadedRecipe, MAX_CHOSEN_TENSORS, type RecipeView } from '../../protocol/requantize.ts';
import { tooManyChosen } from '../../protocol/requantizeWords.ts';
import { EMPTY_RECIPE, parseRecipe, type Recipe, recipeText } from '../quantize/recipe.ts';
import { targetNamed } from '../quantize/targets.ts';
import { chosenByRules, exactRules } from './overrides.ts';

const { tensorTypes: _none, ...NO_OPTIONS } = EMPTY_RECIPE;

/** The usual choice (targets.ts). */
export const FIRST_RECIPE: RecipeView = { ...NO_OPTIONS, type: 'Q4_K_M', overrides: [], rules: [] };

export interface RecipeOfView {
  readonly recipe: Recipe;
  /** Type by the name in the output: what was chosen tensor by tensor. */
  readonly chosen: ReadonlyMap<string, string>;
  /** Sentences: what of the view has no effect. */
  readonly notes: readonly string[];
}

/** @throws Failure wrong-usage */
export function recipeOfView(model: Model, view: RecipeView): RecipeOfView {
  const { overrides, rules, ...options } = view;
  if (overrides.reduce((sum, { names }) => sum + names.length, 0) > MAX_CHOSEN_TENSORS)
    throw wrongUsage(tooManyChosen());
  const { rules: exact, types, unknown } = exactRules(model, view);
  if (targetNamed(view.type)?.scheme.kind === 'float')
    return {
      recipe: { ...options, tensorTypes: [] },
      chosen: new Map(),
      notes:
        overrides.length + rules.length === 0
          ? []
          : [`Types of single tensors have no effect with ${view.type}: choose a quantized type.`],
    };
  return {
    recipe: { ...options, ...askedFirst(view, types), tensorTypes: [...exact, ...rules] },
    chosen: types,
    notes: unknown.length === 0 ? [] : [notHere(unknown)],
  };
}

/** The types of output and embedding: llama.cpp asks for these before it looks at rules, so what is chosen for the two goes here. */
function askedFirst(
  { outputType, embeddingType }: RecipeView,
  chosen: ReadonlyMap<string, string>,
): Pick<Recipe, 'outputType' | 'embeddingType'> {
  const isAsked = embeddingType !== null || outputType !== null; // without an output of its own the embedding is the output
  return {
    outputType: outputType === null ? null : (chosen.get('output.weight') ?? outputType),
    embeddingType: isAsked ? (chosen.get('token_embd.weight') ?? embeddingType) : null,
  };
}

const notHere = (names: readonly string[]): string =>
  `${plural(names.length, 'tensor')} with a type of ${names.length === 1 ? 'its' : 'their'} own would not be in the output: ` +
  `${shorten(names.slice(0, 3).join(', '), 200)}${names.length > 3 ? ', …' : ''}.`;

/** What *.recipe.json has in it. @param folder of that file: what lies in it is named without it */
export function recipeFileText(model: Model, view: RecipeView, folder: string): string {
  const { recipe } = recipeOfView(model, view);
  const { imatrix } = recipe;
  const isBeside =
    imatrix !== null && /^[\\/]/.test(imatrix.slice(folder.length)) && imatrix.startsWith(folder);
  return recipeText({ ...recipe, imatrix: isBeside ? imatrix.slice(folder.length + 1) : imatrix });
}

/**
 * @param fromFolder absolute path of a path in a recipe, which may be relative to the recipe's folder
 * @throws Failure wrong-usage
 */
export function readRecipeFile(
  model: Model,
  text: string,
  fromFolder: (path: string) => string,
): Omit<LoadedRecipe, 'fileName'> {
  const { tensorTypes, ...options } = parseRecipe(text);
  const isFloat = targetNamed(options.type)?.scheme.kind === 'float';
  const { overrides, rules } = chosenByRules(model, { ...options, tensorTypes });
  const upper = (type: string | null): string | null => type?.toUpperCase() ?? null;
  const layers = new Set(model.tensors.map(({ place }) => place.layer));
  const hidden = rules.find(({ pattern }) => visibleText(pattern) !== pattern);
  if (hidden !== undefined)
    throw wrongUsage(
      `The recipe has a pattern with characters that nobody sees: ${visibleText(hidden.pattern)}`,
    );
  const foreign = options.pruneLayers.filter((layer) => !layers.has(layer));
  return {
    recipe: {
      ...options,
      type: targetNamed(options.type)?.name ?? options.type,
      imatrix: options.imatrix === null ? null : fromFolder(options.imatrix),
      outputType: upper(options.outputType),
      embeddingType: upper(options.embeddingType),
      overrides: isFloat ? [] : overrides,
      rules: rules.map(({ pattern, type }) => ({ pattern, type: type.toUpperCase() })),
    },
    notes: foreign.map((layer) => `There is no layer ${layer} to leave out.`),
  };
}
