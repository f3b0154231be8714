// The keys that memory depends on, by their GGUF names without the architecture, whichever container they come from.
import { isArrayRef, type MetadataEntry, type Model } from '../formats/model.ts';

export interface ShapeKeys {
  /** As llama.cpp calls it: "llama", "gemma3", "deepseek2"; '' when the model does not say. */
  readonly architecture: string;
  /** A whole number ≥ 0 under a key such as "attention.head_count"; null when there is none, or a list. */
  number(key: string): number | null;
  /** One number a layer; null when there is no list under the key. */
  numbers(key: string): readonly number[] | null;
  /** What should be said about these keys. */
  readonly notes: readonly string[];
}

/** Reads the numbers of an array that stayed in the file; null when it cannot be read. Booleans are 0 and 1. */
export type ReadNumbers = (key: string) => readonly number[] | null;

/** LLAMA_MAX_LAYERS of llama.cpp, src/llama-hparams.h: a list a layer cannot be longer. */
export const MAX_LAYERS = 512;

export function ggufKeys(model: Model, readNumbers: ReadNumbers): ShapeKeys {
  const architecture = model.architecture ?? '';
  const entries = new Map(model.metadata.map((entry) => [entry.key, entry]));
  return {
    architecture,
    notes: [],
    number: (key) => wholeNumber(entries.get(`${architecture}.${key}`)),
    numbers(key) {
      const value = entries.get(`${architecture}.${key}`)?.value;
      if (value === undefined || !isArrayRef(value) || value.count > MAX_LAYERS) return null;
      const numbers = readNumbers(`${architecture}.${key}`);
      return numbers?.every(isCount) === true ? numbers : null;
    },
  };
}

export function wholeNumber(entry: MetadataEntry | undefined): number | null {
  const value = entry?.value;
  if (typeof value === 'boolean') return Number(value);
  return typeof value === 'number' && isCount(value) ? value : null;
}

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;
