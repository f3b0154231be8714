// What a quantization is asked to be, apart from which files: a recipe, which a JSON file can hold (media/schemas/recipe.schema.json).
// The same recipe makes the same bytes of the same model and importance matrix.
import { messageOf, wrongUsage } from '../../core/base/failure.ts';
import { shorten, visibleText } from '../../core/base/visibleText.ts';
import { encodeUtf8 } from '../../core/base/utf8.ts';
import { formatCount } from '../../core/base/units.ts';
import { MAX_WHOLE_VALUE, type MetadataOverride } from '../../protocol/quantize.ts';
import { targetNamed, tensorSchemeNamed } from './targets.ts';

export interface Recipe {
  /** A name of QUANTIZE_TARGETS. */
  readonly type: string;
  /** Path of the importance matrix; in a file relative to its folder. */
  readonly imatrix: string | null;
  /** Names of types, as "Q8_0". */
  readonly outputType: string | null;
  readonly embeddingType: string | null;
  /** In this order: the first whose pattern finds the name counts. */
  readonly tensorTypes: readonly { readonly pattern: string; readonly type: string }[];
  /** All tensors in the type of the mix, without its exceptions. */
  readonly pure: boolean;
  /** As many files as the model has. */
  readonly keepSplit: boolean;
  readonly allowRequantize: boolean;
  /** The output tensor stays as it is. */
  readonly leaveOutput: boolean;
  readonly metadata: readonly MetadataOverride[];
  readonly pruneLayers: readonly number[];
}

export const EMPTY_RECIPE: Omit<Recipe, 'type'> = {
  imatrix: null,
  outputType: null,
  embeddingType: null,
  tensorTypes: [],
  pure: false,
  keepSplit: false,
  allowRequantize: false,
  leaveOutput: false,
  metadata: [],
  pruneLayers: [],
};

/** Where VS Code finds the schema. */
const RECIPE_SCHEMA_KEY = '$schema';
/** A rule for every tensor of the largest models. */
const MAX_RULES = 100_000;
const MAX_PATTERN = 1000;
/** llama.cpp cuts longer keys and texts. */
const MAX_OVERRIDE_BYTES = 127;
const MAX_LAYER = 100_000;

/** Whatever JSON is, a recipe or the first reason why not. @throws Failure wrong-usage */
export function parseRecipe(text: string): Recipe {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw refuse(`is not JSON (${messageOf(error)})`);
  }
  if (!isRecord(value)) throw refuse('is not a JSON object');
  const known = [RECIPE_SCHEMA_KEY, 'type', ...Object.keys(EMPTY_RECIPE)];
  const foreign = Object.keys(value).find((key) => !known.includes(key));
  if (foreign !== undefined) throw refuse(`has "${shown(foreign)}", which no recipe has`);
  if (typeof value['type'] !== 'string') throw refuse('has no "type", such as "Q4_K_M"');
  const recipe: Recipe = {
    type: value['type'],
    imatrix: optionalText(value, 'imatrix'),
    outputType: optionalText(value, 'outputType'),
    embeddingType: optionalText(value, 'embeddingType'),
    tensorTypes: list(value, 'tensorTypes').map((item) => {
      if (!isRecord(item) || typeof item['pattern'] !== 'string' || typeof item['type'] !== 'string')
        throw refuse('has tensorTypes that are not {"pattern": …, "type": …}');
      return { pattern: item['pattern'], type: item['type'] };
    }),
    pure: flag(value, 'pure'),
    keepSplit: flag(value, 'keepSplit'),
    allowRequantize: flag(value, 'allowRequantize'),
    leaveOutput: flag(value, 'leaveOutput'),
    metadata: list(value, 'metadata').map(override),
    pruneLayers: list(value, 'pruneLayers').map((item) => {
      if (typeof item === 'number') return item;
      throw refuse('has pruneLayers that are no numbers');
    }),
  };
  checkRecipe(recipe);
  return recipe;
}

/** The recipe as a file: only what differs from the usual. */
export function recipeText(recipe: Recipe): string {
  const usual: Readonly<Record<string, unknown>> = EMPTY_RECIPE;
  const entries = Object.entries(recipe).filter(
    ([key, value]) => JSON.stringify(value) !== JSON.stringify(usual[key]),
  );
  return `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`;
}

/** The names in it, and that every part of it can have an effect. @throws Failure wrong-usage */
export function checkRecipe(recipe: Recipe): void {
  const { type, outputType, embeddingType, tensorTypes, metadata, pruneLayers } = recipe;
  const target = targetNamed(type);
  if (target === null) throw wrongUsage(`There is no quantization type "${shown(type)}".`);
  for (const name of [outputType, embeddingType, ...tensorTypes.map((rule) => rule.type)])
    if (name !== null && tensorSchemeNamed(name) === null)
      throw wrongUsage(`There is no type "${shown(name)}" for a tensor.`);
  if (tensorTypes.length > MAX_RULES) throw wrongUsage(`More than ${MAX_RULES} rules for tensors.`);
  if (tensorTypes.length > 0 && target.scheme.kind === 'float')
    throw wrongUsage(`Types of single tensors have no effect with ${target.name}; choose a quantized type.`);
  for (const { pattern } of tensorTypes) checkPattern(pattern);
  for (const { key, ...rest } of metadata) {
    const texts = rest.type === 'str' ? [key, rest.value] : [key];
    if (key === '' || texts.some((one) => one.includes('\0') || encodeUtf8(one).length > MAX_OVERRIDE_BYTES))
      throw wrongUsage(
        `"${shown(key)}" cannot be set: a key and a text have at most ${MAX_OVERRIDE_BYTES} bytes.`,
      );
    if (key === 'general.alignment')
      throw wrongUsage('"general.alignment" cannot be set: llama.cpp would lay out the file as before.');
    if (rest.type === 'int' && !isWholeValue(rest.value))
      throw wrongUsage(
        `"${shown(key)}" takes a whole number from 0 to ${formatCount(MAX_WHOLE_VALUE)}: llama.cpp writes no others.`,
      );
    if (rest.type === 'float' && !Number.isFinite(Math.fround(rest.value)))
      throw wrongUsage(`"${shown(key)}" takes a number that a float32 can hold.`);
  }
  const isRising = pruneLayers.every((layer, index) => index === 0 || layer > (pruneLayers[index - 1] ?? 0));
  if (!isRising || pruneLayers.some((layer) => !Number.isInteger(layer) || layer < 0 || layer > MAX_LAYER))
    throw wrongUsage('Layers to leave out are whole numbers from 0 on, each once, rising.');
}

const isWholeValue = (value: number): boolean =>
  Number.isInteger(value) && value >= 0 && value <= MAX_WHOLE_VALUE;

function checkPattern(pattern: string): void {
  if (pattern === '' || pattern.length > MAX_PATTERN || pattern.includes('\0'))
    throw wrongUsage(`"${shown(pattern)}" is no pattern: 1 to ${MAX_PATTERN} characters are.`);
  try {
    new RegExp(pattern); // only whether it is one: it is searched in the engine, where it may take its time
  } catch (error) {
    throw wrongUsage(`"${shown(pattern)}" is no regular expression (${shorten(messageOf(error), 200)}).`);
  }
}

function override(item: unknown): MetadataOverride {
  if (isRecord(item) && typeof item['key'] === 'string') {
    const { key, type, value } = item;
    if ((type === 'int' || type === 'float') && typeof value === 'number') return { key, type, value };
    if (type === 'bool' && typeof value === 'boolean') return { key, type, value };
    if (type === 'str' && typeof value === 'string') return { key, type, value };
  }
  throw refuse('has metadata that are not {"key": …, "type": "int", "float", "bool" or "str", "value": …}');
}

type Json = Readonly<Record<string, unknown>>;

const isRecord = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function optionalText(value: Json, key: string): string | null {
  const found = value[key] ?? null;
  if (found === null || typeof found === 'string') return found;
  throw refuse(`has a "${key}" that is no text`);
}

function flag(value: Json, key: string): boolean {
  const found = value[key] ?? false;
  if (typeof found === 'boolean') return found;
  throw refuse(`has a "${key}" that is neither true nor false`);
}

function list(value: Json, key: string): readonly unknown[] {
  const found = value[key] ?? [];
  if (Array.isArray(found)) return found as readonly unknown[];
  throw refuse(`has a "${key}" that is no list`);
}

const refuse = (why: string) => wrongUsage(`The recipe ${why}.`);
const shown = (text: string): string => shorten(visibleText(text), 100);
