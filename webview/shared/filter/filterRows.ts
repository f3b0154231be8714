// Applies a filter to the columns of a model: one byte per row and term, remembered, so that a keystroke costs one new term.
import { TENSOR_STATES, type ModelView } from '../../../src/protocol/modelView.ts';
import type { Rows } from '../tensors/rows.ts';
import {
  isTensorKey,
  type NumberKey,
  type Term,
  type Test,
  type TextKey,
  type ValidTerm,
} from './filterLanguage.ts';
import { measuresOf } from '../tensors/measures.ts';
import { readsReversed } from '../tensors/shape.ts';

export interface FilterResult {
  /** One byte per row (1: shown); null: the filter lets everything through. */
  readonly matches: Uint8Array | null;
  readonly count: number;
  /** Of the rows shown, where known. */
  readonly bytes: number;
}

/** What a page knows of its tensors besides their header, under keys of its own. What a term finds in it is remembered with it. */
export interface OwnColumns {
  /** By row; NaN is within nothing. */
  numbers(key: string): Float64Array;
  texts(key: string): TextColumn;
}

/** A column of small numbers and the texts they stand for. */
export interface TextColumn {
  readonly column: Uint8Array | Uint16Array | Uint32Array;
  /** In lower case. */
  readonly texts: readonly string[];
  /** A value is looked for at the beginning of the text, not anywhere in it. */
  readonly byPrefix: boolean;
}

/** @param own Needed where a term has a key of the page; without it no row fulfils such a term. */
export function applyFilter(
  terms: readonly Term[],
  model: ModelView,
  rows: Rows,
  own: OwnColumns | null = null,
): FilterResult {
  const valid = terms.filter((term): term is ValidTerm => 'test' in term);
  const matches = valid.length === 0 ? null : matchingAll(valid, { model, rows, own });
  let count = 0;
  let bytes = 0;
  for (let row = 0; row < rows.count; row++) {
    if (matches !== null && matches[row] === 0) continue;
    count += 1;
    bytes += rows.bytes[row] || 0; // NaN: not known
  }
  return { matches, count, bytes };
}

interface Source {
  readonly model: ModelView;
  readonly rows: Rows;
  readonly own: OwnColumns | null;
}

function matchingAll(terms: readonly ValidTerm[], source: Source): Uint8Array {
  const { rows } = source;
  const matches = new Uint8Array(rows.count).fill(1);
  for (const term of terms) {
    const passed = passedBy(term, source);
    const wanted = term.negated ? 0 : 1;
    for (let row = 0; row < rows.count; row++) if (passed[row] !== wanted) matches[row] = 0;
  }
  return matches;
}

/** A person types some tens of different terms; this many are remembered per set of rows, and per set of results. */
const MAX_REMEMBERED = 64;
const remembered = new WeakMap<Rows | OwnColumns, Map<string, Uint8Array>>();

function passedBy(term: ValidTerm, { model, rows, own }: Source): Uint8Array {
  const { test } = term;
  if (test.kind === 'shape' || isTensorKey(test.key))
    return recall(rows, term, () => evaluate(test, model, rows));
  if (own === null) return new Uint8Array(rows.count);
  return recall(own, term, () =>
    test.kind === 'number'
      ? withinAny(own.numbers(test.key), test.intervals)
      : hasText(own.texts(test.key), test.values),
  );
}

function recall(
  of: Rows | OwnColumns,
  term: ValidTerm,
  compute: (term: ValidTerm) => Uint8Array,
): Uint8Array {
  let terms = remembered.get(of);
  if (terms === undefined) remembered.set(of, (terms = new Map()));
  let passed = terms.get(term.id);
  if (passed === undefined) {
    if (terms.size >= MAX_REMEMBERED) terms.clear();
    terms.set(term.id, (passed = compute(term)));
  }
  return passed;
}

/** 1 for every row that fulfils the test. */
function evaluate(test: Test, model: ModelView, rows: Rows): Uint8Array {
  if (test.kind === 'number') return withinAny(numbersOf(test.key as NumberKey, model, rows), test.intervals);
  if (test.kind === 'shape') return hasShape(test.shapes, model, rows);
  if (test.key === 'name') {
    return namesWith(test.values, lowerNames(rows));
  }
  return hasText(indexedTexts(test.key as IndexedKey, model, rows), test.values);
}

function hasText(texts: TextColumn, values: readonly string[]): Uint8Array {
  const { column } = texts;
  const accepted = acceptedTexts(texts, values);
  const passed = new Uint8Array(column.length);
  for (let row = 0; row < column.length; row++) passed[row] = accepted[column[row] ?? 0] ?? 0;
  return passed;
}

// Loops over indexes: Uint8Array.from takes several times longer, and a person waits for every key.

function namesWith(parts: readonly string[], names: readonly string[]): Uint8Array {
  const passed = new Uint8Array(names.length);
  for (const part of parts)
    for (let row = 0; row < names.length; row++) if (names[row]?.includes(part) === true) passed[row] = 1;
  return passed;
}

function withinAny(
  numbers: Float64Array | Int32Array,
  intervals: readonly { low: number; high: number }[],
): Uint8Array {
  const passed = new Uint8Array(numbers.length);
  for (const { low, high } of intervals)
    for (let row = 0; row < numbers.length; row++) {
      const number = numbers[row] ?? NaN; // NaN is within nothing
      if (number >= low && number <= high) passed[row] = 1;
    }
  return passed;
}

function numbersOf(key: NumberKey, model: ModelView, rows: Rows): Float64Array | Int32Array {
  const { bits, wholeBytes } = measuresOf(model, rows);
  switch (key) {
    case 'layer':
      return knownLayers(rows);
    case 'bpw':
      return bits;
    case 'weights':
      return rows.weights;
    case 'size':
      return rows.bytes;
    case 'share':
      return rows.bytes.map((bytes) => (bytes / wholeBytes) * 100);
  }
}

const layersOf = new WeakMap<Rows, Float64Array>();

/** The layer of every row; NaN where it has none. */
function knownLayers(rows: Rows): Float64Array {
  let layers = layersOf.get(rows);
  if (layers === undefined) {
    layers = new Float64Array(rows.count);
    for (let row = 0; row < rows.count; row++) {
      const layer = rows.layer[row] ?? -1;
      layers[row] = layer < 0 ? NaN : layer;
    }
    layersOf.set(rows, layers);
  }
  return layers;
}

type IndexedKey = Exclude<TextKey, 'name'>;

function indexedTexts(key: IndexedKey, model: ModelView, rows: Rows): TextColumn {
  const lower = (texts: readonly string[]): string[] => texts.map((text) => text.toLowerCase());
  switch (key) {
    case 'type':
      return { column: rows.type, texts: lower(model.types.map(({ name }) => name)), byPrefix: true };
    case 'role':
      return { column: rows.role, texts: lower(model.roles.map(({ label }) => label)), byPrefix: false };
    case 'group':
      return { column: rows.group, texts: lower(model.groups.map(({ label }) => label)), byPrefix: false };
    case 'file':
      return { column: rows.file, texts: lower(model.files.map(({ name }) => name)), byPrefix: false };
    case 'state':
      return { column: rows.state, texts: TENSOR_STATES, byPrefix: true };
  }
}

/** A text that is the value wins over those that begin with it or contain it. */
function acceptedTexts({ texts, byPrefix }: TextColumn, values: readonly string[]): Uint8Array {
  const accepted = new Uint8Array(texts.length);
  for (const value of values) {
    const exact = texts.includes(value);
    texts.forEach((text, index) => {
      const found = exact ? text === value : byPrefix ? text.startsWith(value) : text.includes(value);
      if (found) accepted[index] = 1;
    });
  }
  return accepted;
}

function hasShape(shapes: readonly (readonly (number | null)[])[], model: ModelView, rows: Rows): Uint8Array {
  const reversed = readsReversed(model);
  const passed = new Uint8Array(rows.count);
  for (let row = 0; row < rows.count; row++) {
    const rank = rows.rank[row] ?? 0;
    const start = rows.dimStart[row] ?? 0;
    const side = (index: number): number => rows.dims[start + (reversed ? rank - 1 - index : index)] ?? NaN;
    const fits = shapes.some((shape) =>
      shape.length === 1
        ? Array.from({ length: rank }, (_, index) => side(index)).some(
            (size) => shape[0] === null || size === shape[0],
          )
        : shape.length === rank && shape.every((size, index) => size === null || size === side(index)),
    );
    if (fits) passed[row] = 1;
  }
  return passed;
}

/** Makes ready what the first letter would wait for: call when a person is about to type. */
export function prepareFilter(rows: Rows): void {
  lowerNames(rows);
  knownLayers(rows);
}

const lowered = new WeakMap<readonly string[], readonly string[]>();

function lowerNames({ names }: Rows): readonly string[] {
  let lower = lowered.get(names);
  if (lower === undefined) lowered.set(names, (lower = names.map((name) => name.toLowerCase())));
  return lower;
}
