// The filter language: `type:q4_k layer:0-7 bpw<4.5 -norm "exact text"`. Terms are ANDed; a term that cannot be understood
// carries the reason and filters nothing. Pure text in, terms out; filterRows.ts applies them.

/** What can be asked for, how it is compared, and the example that errors and the help card show. */
export interface KeySpec {
  readonly kind: 'text' | 'number' | 'shape' | 'state';
  readonly units?: Readonly<Record<string, number>>;
  /** Of numbers: two that agree so far are equal, for the digits as they are written; half of two decimals unless told. */
  readonly tolerance?: (digits: string) => number;
  readonly takesNegative?: true;
  readonly example: string;
  readonly help: string;
}
export type FilterKeys = Readonly<Record<string, KeySpec>>;

/** What every page can ask of tensors. */
export const TENSOR_KEYS = {
  type: { kind: 'text', example: 'type:q4_k,q6', help: 'type, or what it begins with' },
  layer: { kind: 'number', example: 'layer:0-7', help: 'layer number' },
  role: { kind: 'text', example: 'role:ffn_down', help: 'role in the layer' },
  name: { kind: 'text', example: 'name:bias', help: 'part of the name, as plain words do' },
  bpw: { kind: 'number', example: 'bpw<4.5', help: 'bits per weight' },
  weights: {
    kind: 'number',
    units: { k: 1e3, m: 1e6, g: 1e9, b: 1e9 },
    example: 'weights>1M',
    help: 'number of weights',
  },
  size: {
    kind: 'number',
    units: {
      b: 1,
      k: 1e3,
      kb: 1e3,
      m: 1e6,
      mb: 1e6,
      g: 1e9,
      gb: 1e9,
      t: 1e12,
      tb: 1e12,
      kib: 2 ** 10,
      mib: 2 ** 20,
      gib: 2 ** 30,
      tib: 2 ** 40,
    },
    example: 'size>10MB',
    help: 'bytes, with a unit',
  },
  share: { kind: 'number', units: { '%': 1 }, example: 'share>1', help: 'percent of the file' },
  shape: { kind: 'shape', example: 'shape:4096x*', help: 'in × out; * for any side' },
  file: { kind: 'text', example: 'file:00002-of', help: 'part of the file name' },
  state: { kind: 'state', example: 'state:missing', help: 'whole, cut, missing or invalid' },
  group: { kind: 'text', example: 'group:mm', help: 'part of the group' },
} as const satisfies FilterKeys;

export type TensorKey = keyof typeof TENSOR_KEYS;
type KeyOfKind<K extends KeySpec['kind']> = {
  [Key in TensorKey]: (typeof TENSOR_KEYS)[Key]['kind'] extends K ? Key : never;
}[TensorKey];
export type NumberKey = KeyOfKind<'number'>;
export type TextKey = KeyOfKind<'text' | 'state'>;
export const isTensorKey = (key: string): key is TensorKey => Object.hasOwn(TENSOR_KEYS, key);

/** Both ends belong to it. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** What a row must fulfil. Texts are in lower case. */
export type Test =
  | { readonly kind: 'text'; readonly key: string; readonly values: readonly string[] }
  | { readonly kind: 'number'; readonly key: string; readonly intervals: readonly Interval[] }
  /** Each shape by dimension, in × out; null: any. A single number may stand anywhere. */
  | { readonly kind: 'shape'; readonly shapes: readonly (readonly (number | null)[])[] };

interface TermText {
  /** Where it stands in the filter text. */
  readonly start: number;
  readonly end: number;
  /** End of the part drawn as key: `-type:`; equals the start for plain text. */
  readonly keyEnd: number;
}
export interface ValidTerm extends TermText {
  readonly negated: boolean;
  /** Equal ids: equal tests. */
  readonly id: string;
  readonly test: Test;
}
export interface InvalidTerm extends TermText {
  /** One sentence that says what to write instead. */
  readonly error: string;
}
export type Term = ValidTerm | InvalidTerm;

const TENSOR_STATE_WORDS = ['whole', 'cut', 'missing', 'invalid'] as const;

const KEYED = /^([a-z]+)(:|<=|>=|<|>|=)(.*)$/is;

/** @param keys All that the page knows: TENSOR_KEYS, and its own. */
export function parseFilter(text: string, keys: FilterKeys): Term[] {
  return [...text.matchAll(/(?:"[^"]*"?|[^\s"])+/g)].map((match) => parseTerm(match[0], match.index, keys));
}

function parseTerm(source: string, start: number, keys: FilterKeys): Term {
  const end = start + source.length;
  const negated = source.startsWith('-');
  const body = negated ? source.slice(1) : source;
  const [, keyText = '', operator = '', value = ''] = KEYED.exec(body) ?? [];
  const keyEnd = start + source.length - (keyText === '' ? source.length : value.length);
  const place = { start, end, keyEnd };
  const test = keyText === '' ? nameTest(body) : keyedTest(keys, keyText.toLowerCase(), operator, value);
  if (typeof test === 'string') return { ...place, error: test };
  return { ...place, negated, id: body.toLowerCase(), test };
}

function nameTest(body: string): Test | string {
  const text = unquote(body).toLowerCase();
  if (text === '') return 'Write what is to be left out after “-”.';
  return { kind: 'text', key: 'name', values: [text] };
}

/** The test, or why there is none. */
function keyedTest(keys: FilterKeys, key: string, operator: string, value: string): Test | string {
  const spec = Object.hasOwn(keys, key) ? keys[key] : undefined;
  if (spec === undefined)
    return `There is no key “${key}”. Keys are ${Object.keys(keys).join(', ')}; text in quotes is looked for in names.`;
  const { kind, example } = spec;
  const compares = operator.startsWith('<') || operator.startsWith('>');
  if (compares && kind !== 'number') return `“${key}” is not a number; write ${example}.`;
  const items = (value.match(/(?:"[^"]*"?|[^",])+/g) ?? []).map((item) => unquote(item).toLowerCase());
  if (items.length === 0) return `A value is missing after “${key}${operator}”; write ${example}.`;
  switch (kind) {
    case 'number':
      return numberTest({ ...spec, key }, operator, items);
    case 'shape':
      return shapeTest(items);
    case 'state':
      return stateTest(items);
    case 'text':
      return { kind, key, values: items };
  }
}

interface NumberSpec extends KeySpec {
  readonly key: string;
}

function numberTest(spec: NumberSpec, operator: string, items: readonly string[]): Test | string {
  const compares = operator.startsWith('<') || operator.startsWith('>');
  const intervals: Interval[] = [];
  for (const item of items) {
    const interval = compares ? comparison(spec, operator, item) : rangeOrValue(spec, item);
    if (typeof interval === 'string') return interval;
    intervals.push(interval);
  }
  if (compares && items.length > 1) return `“${operator}” takes one number; write ${spec.example}.`;
  return { kind: 'number', key: spec.key, intervals };
}

/**
 * Numbers compare as the table shows them: two that agree in two decimals of the unit written are equal. So `bpw:6.56` finds
 * 6.5625 and `bpw>6.56` does not.
 */
const SHOWN = 0.005;
/** Of a column with one decimal. */
export const oneDecimal = (): number => 10 * SHOWN;

interface Quantity {
  readonly value: number;
  readonly tolerance: number;
}

function comparison(spec: NumberSpec, operator: string, item: string): Interval | string {
  const quantity = quantityOf(spec, item, '');
  if (typeof quantity === 'string') return quantity;
  const { value, tolerance } = quantity;
  switch (operator) {
    case '<':
      return { low: -Infinity, high: value - tolerance };
    case '<=':
      return { low: -Infinity, high: value + tolerance };
    case '>':
      return { low: value + tolerance, high: Infinity };
    default:
      return { low: value - tolerance, high: Infinity };
  }
}

function rangeOrValue(spec: NumberSpec, item: string): Interval | string {
  const [, first, last] = RANGE.exec(item) ?? [];
  if (first === undefined || last === undefined) {
    const only = quantityOf(spec, item, '');
    return typeof only === 'string'
      ? only
      : { low: only.value - only.tolerance, high: only.value + only.tolerance };
  }
  if (last === '')
    return `The range “${item}” has no end; write ${spec.key}:${item}${Number.parseFloat(first) + 1 || 8}.`;
  const high = quantityOf(spec, last, '');
  if (typeof high === 'string') return high;
  const low = quantityOf(spec, first, unitOf(last)); // 10-20MB: the unit is said once
  if (typeof low === 'string') return low;
  if (low.value > high.value) return `The range “${item}” ends before it begins.`;
  return { low: low.value - low.tolerance, high: high.value + high.tolerance };
}

/** 4, .5, −0.3, 1e-3: in lower case, as all items are. */
const NUMERAL = String.raw`-?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?`;
const NUMBER = new RegExp(`^(${NUMERAL})([a-z%]*)$`);
const RANGE = new RegExp(`^(${NUMERAL}[a-z%]*)-(${NUMERAL}[a-z%]*|)$`);
const unitOf = (item: string): string => NUMBER.exec(item)?.[2] ?? '';

function quantityOf(spec: NumberSpec, item: string, otherwise: string): Quantity | string {
  const { key, units = {}, example, tolerance = () => SHOWN, takesNegative } = spec;
  const [, digits, ownUnit] = NUMBER.exec(item) ?? [];
  if (digits === undefined || (digits.startsWith('-') && takesNegative !== true))
    return `“${item}” is not a number; write ${example}.`;
  const unit = ownUnit || otherwise;
  const factor = unit === '' ? 1 : Object.hasOwn(units, unit) ? units[unit] : undefined;
  if (factor === undefined) {
    return Object.keys(units).length === 0
      ? `“${key}” has no unit; write ${example}.`
      : `“${unit}” is not a unit of ${key}; write ${example}.`;
  }
  return { value: Number(digits) * factor, tolerance: tolerance(digits) * factor };
}

function shapeTest(items: readonly string[]): Test | string {
  const shapes: (number | null)[][] = [];
  for (const item of items) {
    const sides = item.split(/[x×]/);
    if (!sides.every((side) => /^(?:\d+|\*)$/.test(side.trim())))
      return `“${item}” is not a shape; write shape:4096x1024, shape:4096x* or shape:4096.`;
    shapes.push(sides.map((side) => (side.trim() === '*' ? null : Number(side))));
  }
  return { kind: 'shape', shapes };
}

function stateTest(items: readonly string[]): Test | string {
  const wrong = items.find((item) => !TENSOR_STATE_WORDS.some((word) => word.startsWith(item)));
  if (wrong !== undefined) return `“${wrong}” is not a state; states are ${TENSOR_STATE_WORDS.join(', ')}.`;
  return { kind: 'text', key: 'state', values: items };
}

const unquote = (text: string): string => text.replaceAll('"', '');
