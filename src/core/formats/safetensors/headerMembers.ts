// What stands in the JSON of a safetensors header: tensors and free text. A member that is wrong is reported and kept as far
// as it goes; only text that is no JSON ends the reading.
import type { CancelSignal } from '../../base/cancel.ts';
import { cancelled } from '../../base/failure.ts';
import type { ProblemList } from '../../base/problemList.ts';
import type { ProblemCode } from '../../base/problem.ts';
import { formatCount, plural } from '../../base/units.ts';
import { shorten } from '../../base/visibleText.ts';
import { eachMember, type JsonReader } from './jsonReader.ts';

/** The largest checkpoints have 150,000 tensors over all shards; 100 MB of header could name a million and a half. */
export const MAX_TENSORS = 400_000;
/** numpy and PyTorch end at 64. */
const MAX_RANK = 64;
/** Names and dtypes beyond these many characters are cut: real ones have below 200 and 16. */
const MAX_NAME_LENGTH = 4096;
const MAX_DTYPE_LENGTH = 64;
const MAX_NAME_SHOWN = 120;
/** Free text that is kept, in characters of all together: torchao describes every tensor in it. */
const MAX_TEXT_LENGTH = 16 << 20;
const MAX_TEXTS = 50_000;
const MEMBERS_BETWEEN_CANCEL_CHECKS = 1024;

const QUOTE = 0x22;
const OPEN_BRACKET = 0x5b;
const OPEN_BRACE = 0x7b;
const FIELD_BITS: ReadonlyMap<string, number> = new Map([
  ['dtype', 1],
  ['shape', 2],
  ['data_offsets', 4],
]);

export interface HeaderMembers {
  readonly entries: HeaderEntry[];
  readonly metadata: HeaderText[];
}

export interface HeaderEntry {
  readonly name: string;
  /** Position of the name in the file. */
  readonly byteOffset: number;
  /** As written; null when it is missing or no text. */
  readonly dtype: string | null;
  /** null when it is missing or wrong. */
  readonly shape: readonly number[] | null;
  /** data_offsets: bytes from the beginning of the data, begin ≤ end; null when they are missing or wrong. */
  readonly range: readonly [begin: number, end: number] | null;
  /** False when a field is missing, wrong or there twice, or when the name was there before. */
  readonly isSound: boolean;
}

export interface HeaderText {
  readonly key: string;
  readonly value: string;
  readonly byteOffset: number;
}

/** Reads the whole object into `members`. Throws JsonDamage where the text stops being JSON; `members` keeps what came before. */
export function readMembers(
  json: JsonReader,
  members: HeaderMembers,
  problems: ProblemList,
  signal: CancelSignal,
): void {
  const names = new Set<string>();
  let textLength = 0;
  let count = 0;
  let dropped = 0;
  eachMember(json, (fullName, byteOffset) => {
    count += 1;
    if (count % MEMBERS_BETWEEN_CANCEL_CHECKS === 0 && signal.aborted) throw cancelled();
    if (members.entries.length === MAX_TENSORS) {
      dropped += 1;
      json.skipValue();
      return;
    }
    const name = shorten(fullName, MAX_NAME_LENGTH);
    if (name !== fullName) {
      const text = `A tensor name has ${formatCount(fullName.length)} characters; it is shown cut.`;
      problems.add('error', 'tensor-name-invalid', byteOffset, text);
    }
    const isFirst = !names.has(fullName);
    names.add(fullName);
    if (!isFirst) {
      const text = `"${shorten(name, MAX_NAME_SHOWN)}" stands in the header twice.`;
      problems.add('error', 'safetensors-key-duplicate', byteOffset, text, name);
    }
    if (name === '__metadata__') textLength += readTexts(json, members.metadata, textLength, problems);
    else members.entries.push(readEntry(json, name, byteOffset, isFirst, problems));
  });
  if (dropped > 0) {
    const text = `The first ${formatCount(MAX_TENSORS)} tensors of the header are shown, ${formatCount(dropped)} more are not.`;
    problems.add('error', 'header-too-large', json.offset(), text);
  }
}

/** Reads `__metadata__`; returns how many characters were kept. */
function readTexts(json: JsonReader, texts: HeaderText[], kept: number, problems: ProblemList): number {
  const start = json.offset();
  if (json.peek() !== OPEN_BRACE) {
    json.skipValue();
    const text = '"__metadata__" must hold an object of texts and holds something else.';
    problems.add('error', 'safetensors-metadata-invalid', start, text);
    return 0;
  }
  const names = new Set<string>();
  let length = 0;
  let dropped = 0;
  eachMember(json, (key, byteOffset) => {
    const shown = shorten(key, MAX_NAME_SHOWN);
    if (names.size === MAX_TEXTS && !names.has(key)) {
      dropped += 1;
      json.skipValue();
      return;
    }
    if (names.has(key)) {
      const text = `"${shown}" stands in "__metadata__" twice.`;
      problems.add('error', 'safetensors-key-duplicate', byteOffset, text);
    }
    names.add(key);
    if (json.peek() !== QUOTE) {
      json.skipValue();
      const text = `"${shown}" in "__metadata__" is not a text; only texts are allowed there.`;
      problems.add('error', 'safetensors-metadata-invalid', byteOffset, text);
      return;
    }
    const value = json.string();
    const size = key.length + value.length;
    if (texts.length < MAX_TEXTS && kept + length + size <= MAX_TEXT_LENGTH) {
      texts.push({ key, value, byteOffset });
      length += size;
    } else dropped += 1;
  });
  if (dropped > 0) {
    const text = `"__metadata__" is too large: ${plural(dropped, 'entry', 'entries')} of it are not shown.`;
    problems.add('warning', 'header-too-large', start, text);
  }
  return length;
}

type Fields = { dtype?: string; shape?: readonly number[]; range?: readonly [number, number] };

function readEntry(
  json: JsonReader,
  name: string,
  byteOffset: number,
  isFirst: boolean,
  problems: ProblemList,
): HeaderEntry {
  const fields: Fields = {};
  let isSound = isFirst;
  const fault = (code: ProblemCode, text: string): void => {
    isSound = false;
    problems.add('error', code, byteOffset, `"${shorten(name, MAX_NAME_SHOWN)}" ${text}`, name);
  };
  if (json.peek() !== OPEN_BRACE) {
    json.skipValue();
    fault('safetensors-entry-invalid', 'must be an object with dtype, shape and data_offsets.');
    return { name, byteOffset, dtype: null, shape: null, range: null, isSound };
  }
  let seen = 0;
  eachMember(json, (field) => {
    const bit = FIELD_BITS.get(field) ?? 0;
    if ((seen & bit) !== 0) fault('safetensors-entry-invalid', `has the field ${field} twice.`);
    seen |= bit;
    if (field === 'dtype') readDtype(json, fields, fault);
    else if (field === 'shape') readShape(json, fields, fault);
    else if (field === 'data_offsets') readRange(json, fields, fault);
    else {
      json.skipValue();
      fault('safetensors-entry-invalid', `has a field that the format does not know: ${shorten(field, 80)}.`);
    }
  });
  for (const [field, bit] of FIELD_BITS)
    if ((seen & bit) === 0) fault('safetensors-entry-invalid', `has no ${field}.`);
  const { dtype = null, shape = null, range = null } = fields;
  return { name, byteOffset, dtype, shape, range, isSound };
}

type Fault = (code: ProblemCode, text: string) => void;

function readDtype(json: JsonReader, fields: Fields, fault: Fault): void {
  if (json.peek() === QUOTE) fields.dtype = shorten(json.string(), MAX_DTYPE_LENGTH);
  else {
    json.skipValue();
    fault('safetensors-entry-invalid', 'has a dtype that is not a text.');
  }
}

function readShape(json: JsonReader, fields: Fields, fault: Fault): void {
  const { values, count } = readNumbers(json, MAX_RANK);
  if (values === null)
    fault('tensor-shape-invalid', 'has a shape that is not a list of whole numbers from 0 to 2^53 − 1.');
  else if (count > MAX_RANK)
    fault(
      'tensor-shape-invalid',
      `has ${formatCount(count)} dimensions; more than ${MAX_RANK} exist nowhere.`,
    );
  else fields.shape = values;
}

function readRange(json: JsonReader, fields: Fields, fault: Fault): void {
  const { values, count } = readNumbers(json, 2);
  const [begin, end] = values ?? [];
  if (begin === undefined || end === undefined || count !== 2)
    fault('tensor-offset-invalid', 'has data_offsets that are not two whole numbers from 0 to 2^53 − 1.');
  else if (begin > end)
    fault('tensor-offset-invalid', `ends at ${formatCount(end)}, before it begins at ${formatCount(begin)}.`);
  else fields.range = [begin, end];
}

/** A list of whole numbers, the first `limit` of them kept; values null when it is something else. */
function readNumbers(json: JsonReader, limit: number): { values: number[] | null; count: number } {
  if (json.peek() !== OPEN_BRACKET) {
    json.skipValue();
    return { values: null, count: 0 };
  }
  json.take('[');
  let values: number[] | null = [];
  let count = 0;
  if (json.takeIf(']')) return { values, count };
  do {
    const value = json.wholeNumber();
    if (value === null) values = null;
    else if (count < limit) values?.push(value);
    count += 1;
  } while (json.takeIf(','));
  json.take(']');
  return { values, count };
}
