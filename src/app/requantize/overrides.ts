// Types of single tensors, chosen by name, as rules that llama.cpp understands: regular expressions searched in the names of the
// output, of which the first that fits counts. A rule here finds exactly the tensors that were chosen, so their order is free.
import type { Model, Tensor } from '../../core/formats/model.ts';
import { MAX_CHOSEN_TENSORS, type RecipeView } from '../../protocol/requantize.ts';
import { shownName } from '../present/tensorColumns.ts';
import { keptTensors } from '../quantize/plan.ts';
import type { Recipe } from '../quantize/recipe.ts';

export type Rule = Recipe['tensorTypes'][number];

export interface ExactRules {
  readonly rules: readonly Rule[];
  /** Type by the name in the output. */
  readonly types: ReadonlyMap<string, string>;
  /** Chosen names that the output does not have. */
  readonly unknown: readonly string[];
}

/** Below the length that a recipe takes (1,000). */
const MAX_PATTERN = 900;

export function exactRules(
  model: Model,
  { overrides, pruneLayers }: Pick<RecipeView, 'overrides' | 'pruneLayers'>,
): ExactRules {
  const wanted = new Map(overrides.flatMap(({ type, names }) => names.map((name) => [name, type])));
  const types = new Map<string, string>();
  /** What follows "blk.N." and its type → layers; names without a layer go as they are. */
  const groups = new Map<string, { readonly type: string; readonly rest: string; layers: string[] | null }>();
  for (const [name, { name: sourceName }] of keptTensors(model, pruneLayers)) {
    const shown = shownName(sourceName);
    const type = wanted.get(shown);
    if (type === undefined) continue;
    wanted.delete(shown);
    types.set(name, type);
    const [, layer, rest = name] = /^blk\.(\d+)\.(.+)$/s.exec(name) ?? [];
    const key = JSON.stringify([type, layer !== undefined, rest]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { type, rest, layers: layer === undefined ? null : [layer] });
    else if (layer !== undefined) group.layers?.push(layer);
  }
  const rules = [...groups.values()].flatMap(({ type, rest, layers }) =>
    layers === null
      ? [{ pattern: `^${escaped(rest)}$`, type }]
      : pieces(layers, MAX_PATTERN - rest.length).map((some) => ({
          pattern: `^blk\\.${some.length === 1 ? (some[0] ?? '') : `(${some.join('|')})`}\\.${escaped(rest)}$`,
          type,
        })),
  );
  return { rules, types, unknown: [...wanted.keys()] };
}

/** A list cut where its texts together become longer than so many characters. */
function pieces(texts: readonly string[], maxCharacters: number): string[][] {
  const all: string[][] = [];
  let room = 0;
  for (const text of texts) {
    room -= text.length + 1;
    if (room < 0) {
      all.push([]);
      room = maxCharacters - text.length - 1;
    }
    all.at(-1)?.push(text);
  }
  return all;
}

/** llama-quantize, and the engine as it does, makes patterns lower case before it searches: capitals would find nothing. */
const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&').replace(/[A-Z]/g, '.');

/**
 * The other way: rules of a recipe file that choose tensors by their whole names become choices, as many as stand before the first
 * that does not. The others stay rules, behind them.
 */
export function chosenByRules(
  model: Model,
  { tensorTypes, pruneLayers }: Pick<Recipe, 'tensorTypes' | 'pruneLayers'>,
): Pick<RecipeView, 'overrides' | 'rules'> {
  const kept = keptTensors(model, pruneLayers);
  const names = new Map<string, string[]>();
  const taken = new Set<Tensor>();
  let read = 0;
  for (const { pattern, type } of tensorTypes) {
    const found = namesOf(pattern)?.map((name) => kept.get(name));
    // A name that this model does not have is kept as a rule, so that nothing of the file is lost.
    if (found === undefined || found.includes(undefined)) break;
    if (taken.size + found.length > MAX_CHOSEN_TENSORS) break;
    for (const tensor of found)
      if (tensor !== undefined && !taken.has(tensor)) {
        taken.add(tensor);
        names.set(type.toUpperCase(), [...(names.get(type.toUpperCase()) ?? []), shownName(tensor.name)]);
      }
    read += 1;
  }
  return {
    overrides: [...names].map(([type, chosen]) => ({ type, names: chosen })),
    rules: tensorTypes.slice(read),
  };
}

/** All names that a pattern made by `exactRules` finds; null: it may be another's. */
function namesOf(pattern: string): string[] | null {
  const [, layers, rest] = /^\^(?:blk\\\.(\d+|\(\d+(?:\|\d+)*\))\\\.)?(.+)\$$/s.exec(pattern) ?? [];
  if (rest === undefined) return null;
  if (/[.*+?^${}()|[\]/]/.test(rest.replace(/\\[^\w\s]/g, ''))) return null;
  if (/\\[\w\s]|\\$/.test(rest.replace(/\\\\/g, ''))) return null;
  const plain = rest.replace(/\\(.)/gs, '$1');
  if (layers === undefined) return [plain];
  return layers
    .replace(/[()]/g, '')
    .split('|')
    .map((layer) => `blk.${layer}.${plain}`);
}
