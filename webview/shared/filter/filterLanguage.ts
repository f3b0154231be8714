// The filter language: `type:q4_k layer:0-7 bpw<4.5 -norm "exact text"`. Terms are ANDed; a term that cannot be understood
// carries the reason and filters nothing. Pure text in, terms out; filterRows.ts applies them.

/** Keys that the header knows nothing of. */
const ANALYSIS = 'analysis';

/** What can be asked for, how it is compared, and the example that errors and the help card show. */
export const FILTER_KEYS = {
  type: { kind: 'text', example: 'type:q4_k,q6', help: 'type, or what it begins with' },
  layer: { kind: 'number', units: {}, example: 'layer:0-7', help: 'layer number' },
  role: { kind: 'text', example: 'role:ffn_down', help: 'role in the layer' },
  name: { kind: 'text', example: 'name:bias', help: 'part of the name, as plain words do' },
  bpw: { kind: 'number', units: {}, example: 'bpw<4.5', help: 'bits per weight' },
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
  outliers: {
    kind: 'number',
    units: { '%': 1 },
    example: 'outliers>1',
    help: 'percent beyond 3σ',
    of: ANALYSIS,
  },
  kurtosis: { kind: 'number', units: {}, example: 'kurtosis>3', help: 'excess kurtosis', of: ANALYSIS },
  std: { kind: 'number', units: {}, example: 'std<1e-3', help: 'standard deviation', of: ANALYSIS },
  absmax: { kind: 'number', units: {}, example: 'absmax>0.5', help: 'largest |w|', of: ANALYSIS },
  scales: {
    kind: 'number',
    units: {},
    example: 'scales>4',
    help: 'log₂ of the range of scales',
    of: ANALYSIS,
  },
  entropy: { kind: 'number', units: {}, example: 'entropy<3.5', help: 'bits of its codes', of: ANALYSIS },
} as const satisfies Record<string, KeySpec>;

interface KeySpec {
  readonly kind: 'text' | 'number' | 'shape' | 'state';
  readonly units?: Readonly<Record<string, number>>;
  readonly example: string;
  readonly help: string;
  readonly of?: typeof ANALYSIS;
}

export type FilterKey = keyof typeof FILTER_KEYS;
type KeyOfKind<K extends KeySpec['kind']> = {
  [Key in FilterKey]: (typeof FILTER_KEYS)[Key]['kind'] extends K ? Key : never;
}[FilterKey];
export type NumberKey = KeyOfKind<'number'>;
export type TextKey = KeyOfKind<'text' | 'state'>;

/** Both ends belong to it. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** What a row must fulfil. Texts are in lower case. */
export type Test =
  | { readonly kind: 'text'; readonly key: TextKey; readonly values: readonly string[] }
  | { readonly kind: 'number'; readonly key: NumberKey; readonly intervals: readonly Interval[] }
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

/** Does the term ask for what only the analysis knows? */
export function needsAnalysis(term: Term): boolean {
  if (!('test' in term) || term.test.kind !== 'number') return false;
  return isAnalysisKey(term.test.key);
}

export const isAnalysisKey = (key: FilterKey): boolean => 'of' in FILTER_KEYS[key];

export const TENSOR_STATE_WORDS = ['whole', 'cut', 'missing', 'invalid'] as const;

const KEYED = /^([a-z]+)(:|<=|>=|<|>|=)(.*)$/is;

export function parseFilter(text: string): Term[] {
  return [...text.matchAll(/(?:"[^"]*"?|[^\s"])+/g)].map((match) => parseTerm(match[0], match.index));
}

function parseTerm(source: string, start: number): Term {
  const end = start + source.length;
  const negated = source.startsWith('-');
  const body = negated ? source.slice(1) : source;
  const [, keyText = '', operator = '', value = ''] = KEYED.exec(body) ?? [];
  const keyEnd = start + source.length - (keyText === '' ? source.length : value.length);
  const place = { start, end, keyEnd };
  const test = keyText === '' ? nameTest(body) : keyedTest(keyText.toLowerCase(), operator, value);
  if (typeof test === 'string') return { ...place, error: test };
  return { ...place, negated, id: body.toLowerCase(), test };
}

function nameTest(body: string): Test | string {
  const text = unquote(body).toLowerCase();
  if (text === '') return 'Write what is to be left out after “-”.';
  return { kind: 'text', key: 'name', values: [text] };
}

/** The test, or why there is none. */
function keyedTest(key: string, operator: string, value: string): Test | string {
  if (!isKey(key)) {
    const keys = Object.keys(FILTER_KEYS).join(', ');
    return `There is no key “${key}”. Keys are ${keys}; text in quotes is looked for in names.`;
  }
  const { kind, example } = FILTER_KEYS[key];
  const compares = operator.startsWith('<') || operator.startsWith('>');
  if (compares && kind !== 'number') return `“${key}” is not a number; write ${example}.`;
  const items = (value.match(/(?:"[^"]*"?|[^",])+/g) ?? []).map((item) => unquote(item).toLowerCase());
  if (items.length === 0) return `A value is missing after “${key}${operator}”; write ${example}.`;
  switch (key) {
    case 'layer':
    case 'bpw':
    case 'weights':
    case 'size':
    case 'share':
    case 'outliers':
    case 'kurtosis':
    case 'std':
    case 'absmax':
    case 'scales':
    case 'entropy':
      return numberTest(key, operator, items);
    case 'shape':
      return shapeTest(items);
    case 'state':
      return stateTest(items);
    default:
      return { kind: 'text', key, values: items };
  }
}

function numberTest(key: NumberKey, operator: string, items: readonly string[]): Test | string {
  const compares = operator.startsWith('<') || operator.startsWith('>');
  const intervals: Interval[] = [];
  for (const item of items) {
    const interval = compares ? comparison(key, operator, item) : rangeOrValue(key, item);
    if (typeof interval === 'string') return interval;
    intervals.push(interval);
  }
  if (compares && items.length > 1)
    return `“${operator}” takes one number; write ${FILTER_KEYS[key].example}.`;
  return { kind: 'number', key, intervals };
}

/**
 * Numbers compare as the table shows them: two that agree in two decimals of the unit written are equal. So `bpw:6.56` finds
 * 6.5625 and `bpw>6.56` does not.
 */
const SHOWN = 0.005;
/** Numbers of any size agree when they do in the digits written, or in half a percent: `std:0.0146` finds 0.01462. */
const SHOWN_PART = 0.005;

function toleranceOf(key: NumberKey, digits: string): number {
  if (key === 'scales') return 10 * SHOWN; // one decimal
  if (key !== 'std' && key !== 'absmax') return SHOWN;
  const [mantissa = '', exponent = '0'] = digits.split('e');
  const decimals = mantissa.includes('.') ? mantissa.length - mantissa.indexOf('.') - 1 : 0;
  return Math.min(10 ** (Number(exponent) - decimals) / 2, Math.abs(Number(digits)) * SHOWN_PART);
}

interface Quantity {
  readonly value: number;
  readonly tolerance: number;
}

function comparison(key: NumberKey, operator: string, item: string): Interval | string {
  const quantity = quantityOf(key, item, '');
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

function rangeOrValue(key: NumberKey, item: string): Interval | string {
  const [, first, last] = RANGE.exec(item) ?? [];
  if (first === undefined || last === undefined) {
    const only = quantityOf(key, item, '');
    return typeof only === 'string'
      ? only
      : { low: only.value - only.tolerance, high: only.value + only.tolerance };
  }
  if (last === '')
    return `The range “${item}” has no end; write ${key}:${item}${Number.parseFloat(first) + 1 || 8}.`;
  const high = quantityOf(key, last, '');
  if (typeof high === 'string') return high;
  const low = quantityOf(key, first, unitOf(last)); // 10-20MB: the unit is said once
  if (typeof low === 'string') return low;
  if (low.value > high.value) return `The range “${item}” ends before it begins.`;
  return { low: low.value - low.tolerance, high: high.value + high.tolerance };
}

/** 4, .5, −0.3, 1e-3: in lower case, as all items are. */
const NUMERAL = String.raw`-?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?`;
const NUMBER = new RegExp(`^(${NUMERAL})([a-z%]*)$`);
const RANGE = new RegExp(`^(${NUMERAL}[a-z%]*)-(${NUMERAL}[a-z%]*|)$`);
const unitOf = (item: string): string => NUMBER.exec(item)?.[2] ?? '';

function quantityOf(key: NumberKey, item: string, otherwise: string): Quantity | string {
  const { units, example }: { readonly units: Readonly<Record<string, number>>; readonly example: string } =
    FILTER_KEYS[key];
  const [, digits, ownUnit] = NUMBER.exec(item) ?? [];
  if (digits === undefined || (digits.startsWith('-') && key !== 'kurtosis'))
    return `“${item}” is not a number; write ${example}.`;
  const unit = ownUnit || otherwise;
  const factor = unit === '' ? 1 : Object.hasOwn(units, unit) ? units[unit] : undefined;
  if (factor === undefined) {
    return Object.keys(units).length === 0
      ? `“${key}” has no unit; write ${example}.`
      : `“${unit}” is not a unit of ${key}; write ${example}.`;
  }
  return { value: Number(digits) * factor, tolerance: toleranceOf(key, digits) * factor };
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
const isKey = (text: string): text is FilterKey => Object.hasOwn(FILTER_KEYS, text);
