// Reads JSON piece by piece from a range of a file: every byte has its position, duplicate keys stay visible, memory is one
// window. JSON.parse would hide duplicates, name no positions, and give up a whole header for one bad byte.
import { formatBytes } from '../../base/units.ts';
import type { ByteSource } from '../byteSource.ts';

/** Bytes read at once; also the longest string that is kept whole. */
const WINDOW_BYTES = 1 << 20;
/** Values nested deeper than this are refused: the format needs 3, a stranger's 100,000 brackets would be a stack overflow. */
const MAX_DEPTH = 32;
/** Short strings repeat ("dtype", "BF16"): this many are remembered instead of being decoded each time. */
const MAX_REMEMBERED = 256;
const MAX_REMEMBERED_LENGTH = 16;

/** The text stops being JSON here. What was read before it stands. */
export class JsonDamage extends Error {
  readonly byteOffset: number;

  constructor(byteOffset: number, message: string) {
    super(message);
    this.byteOffset = byteOffset;
  }
}

/** Something is wrong with a string; reading goes on. malformed: JSON forbids it. long: it was cut. */
export type Flaw = 'malformed' | 'long';
export type OnFlaw = (flaw: Flaw, byteOffset: number, text: string) => void;

export interface JsonReader {
  /** Position in the file of the byte that comes next. */
  offset(): number;
  /** The next byte behind white space; -1 at the end. Stays before it. */
  peek(): number;
  /** Takes the next byte behind white space, which must be this one. */
  take(character: string): void;
  /** Takes the next byte when it is this one. */
  takeIf(character: string): boolean;
  /** A string; of one longer than a window the beginning. */
  string(): string;
  /** Any value: the number when it is a whole one from 0 to 2^53 − 1, else null. */
  wholeNumber(): number | null;
  /** Passes over any value. */
  skipValue(): void;
}

/** Reads an object: calls `read` with each key, in order, and its position; `read` takes the value. */
export function eachMember(json: JsonReader, read: (key: string, byteOffset: number) => void): void {
  json.take('{');
  if (json.takeIf('}')) return;
  do {
    json.peek();
    const byteOffset = json.offset();
    const key = json.string();
    json.take(':');
    json.peek();
    read(key, byteOffset);
  } while (json.takeIf(','));
  json.take('}');
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const MINUS = 0x2d;
const PLUS = 0x2b;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const LOWER_E = 0x65;
const SPACES: readonly number[] = [0x20, 0x09, 0x0a, 0x0d];
const WORDS = ['true', 'false', 'null'] as const;

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
const strictUtf8 = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });

/** @param begin and end: the range of the file that holds the text. Nothing beyond it is read. */
export function createJsonReader(source: ByteSource, begin: number, end: number, onFlaw: OnFlaw): JsonReader {
  const window = new Uint8Array(Math.max(1, Math.min(WINDOW_BYTES, end - begin)));
  let base = begin; // position of window[0] in the file
  let limit = 0; // bytes of the window that are filled
  let at = 0;
  const remembered = new Map<number, string>();

  /** Reads on: the bytes from `keep` on stay, at the front. False at the end of the text or when nothing can be dropped. */
  const slide = (keep: number): boolean => {
    const kept = limit - keep;
    if (kept === window.length || base + limit >= end) return false;
    window.copyWithin(0, keep, limit);
    base += keep;
    at -= keep;
    limit = kept;
    const space = Math.min(window.length - kept, end - base - kept);
    const read = source.read(base + kept, window.subarray(kept, kept + space));
    limit += read;
    return read > 0;
  };
  const more = (): boolean => at < limit || slide(at);
  const next = (): number => (more() ? (window[at] ?? -1) : -1);

  const damage = (what: string): JsonDamage => {
    const byte = next();
    const found = byte < 0 ? 'the text ends' : `there is ${nameOfByte(byte)}`;
    return new JsonDamage(base + at, `${what} is expected where ${found}`);
  };

  /** Index of the quote that ends the string; −1 when it is not in the window and the window cannot move on, −2 when the byte
   * behind the window is escaped besides. */
  const findQuote = (): number => {
    let index = at;
    for (;;) {
      for (; index < limit; index += 1) {
        const byte = window[index];
        if (byte === QUOTE) return index;
        if (byte === BACKSLASH) index += 1; // whatever it escapes, perhaps beyond the window
      }
      const moved = at;
      if (!slide(at)) return limit - index - 1;
      index -= moved;
    }
  };

  /** A string whose end is not in the window: its beginning is kept, its end is looked for. */
  const longString = (found: number): string => {
    const opened = base + at - 1;
    const text = decodeWithCare(window.subarray(at, limit), opened, ignoreFlaw); // cut anywhere, perhaps inside a character
    for (let quote = found; ; quote = findQuote()) {
      if (quote >= 0) {
        at = quote + 1;
        onFlaw(
          'long',
          opened,
          `A string is longer than ${formatBytes(WINDOW_BYTES)}; only its beginning is kept.`,
        );
        return text;
      }
      at = limit;
      if (!more()) throw new JsonDamage(opened, 'a string begins here and does not end');
      if (quote === -2) at += 1;
    }
  };

  /** Text of the bytes from `from` to `to` of the window. */
  const decode = (from: number, to: number): string => {
    let bits = 0;
    let hash = 0;
    let flawed = false;
    for (let index = from; index < to; index += 1) {
      const byte = window[index] ?? 0;
      bits |= byte;
      hash = (hash * 31 + byte) | 0;
      if (byte < 0x20 || byte === BACKSLASH) flawed = true;
    }
    if (bits < 0x80 && !flawed)
      return to - from > MAX_REMEMBERED_LENGTH ? ascii(from, to) : shortAscii(from, to, hash);
    return decodeWithCare(window.subarray(from, to), base + from, onFlaw);
  };
  const ascii = (from: number, to: number): string => utf8.decode(window.subarray(from, to));
  const shortAscii = (from: number, to: number, hash: number): string => {
    const known = remembered.get(hash);
    if (known !== undefined && isSame(known, from, to)) return known;
    const text = ascii(from, to);
    if (known === undefined && remembered.size < MAX_REMEMBERED) remembered.set(hash, text);
    return text;
  };
  const isSame = (text: string, from: number, to: number): boolean => {
    if (text.length !== to - from) return false;
    for (let index = from; index < to; index += 1)
      if (text.charCodeAt(index - from) !== window[index]) return false;
    return true;
  };

  /** -?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?, JSON's grammar of a number. */
  const number = (): number | null => {
    const negative = next() === MINUS;
    if (negative) at += 1;
    const first = next();
    const begin = base + at;
    let value = digits('a number');
    if (first === ZERO && base + at > begin + 1)
      throw new JsonDamage(base + at, 'a number has a leading zero');
    let whole = !negative;
    if (next() === POINT) {
      at += 1;
      digits('a digit');
      whole = false;
    }
    if ((next() | 0x20) === LOWER_E) {
      at += 1;
      if (next() === PLUS || next() === MINUS) at += 1;
      digits('a digit');
      whole = false;
    }
    if (value > Number.MAX_SAFE_INTEGER) value = NaN;
    return whole && !Number.isNaN(value) ? value : null;
  };
  const digits = (what: string): number => {
    let value = 0;
    let count = 0;
    for (let byte = next(); byte >= ZERO && byte <= NINE; byte = next()) {
      value = value * 10 + (byte - ZERO);
      count += 1;
      at += 1;
    }
    if (count === 0) throw damage(what);
    return value;
  };

  const skip = (depth: number): void => {
    if (depth > MAX_DEPTH) throw new JsonDamage(base + at, `values are nested more than ${MAX_DEPTH} deep`);
    const first = String.fromCharCode(Math.max(0, reader.peek()));
    if (first === '"') reader.string();
    else if (first === '{' || first === '[') skipMembers(first, depth);
    else if (first === '-' || (first >= '0' && first <= '9')) number();
    else skipWord();
  };
  const skipMembers = (open: '{' | '[', depth: number): void => {
    const close = open === '{' ? '}' : ']';
    reader.take(open);
    if (reader.takeIf(close)) return;
    do {
      if (open === '{') {
        reader.string();
        reader.take(':');
      }
      skip(depth + 1);
    } while (reader.takeIf(','));
    reader.take(close);
  };
  const skipWord = (): void => {
    const word = WORDS.find((candidate) => candidate.charCodeAt(0) === next());
    if (word === undefined) throw damage('a value');
    for (const character of word) {
      if (next() !== character.charCodeAt(0)) throw damage(`"${word}"`);
      at += 1;
    }
  };

  const reader: JsonReader = {
    offset: () => base + at,
    peek() {
      for (;;) {
        const byte = next();
        if (byte > 0x20 || byte < 0 || !SPACES.includes(byte)) return byte;
        at += 1;
      }
    },
    take(character) {
      if (!reader.takeIf(character)) throw damage(`"${character}"`);
    },
    takeIf(character) {
      if (reader.peek() !== character.charCodeAt(0)) return false;
      at += 1;
      return true;
    },
    string() {
      reader.take('"');
      const quote = findQuote();
      if (quote < 0) return longString(quote);
      const text = decode(at, quote);
      at = quote + 1;
      return text;
    },
    wholeNumber() {
      const byte = reader.peek();
      if (byte === MINUS || (byte >= ZERO && byte <= NINE)) return number();
      skip(0);
      return null;
    },
    skipValue() {
      skip(0);
    },
  };
  return reader;
}

function ignoreFlaw(): void {
  // The caller says that the string was cut; what the cut broke is no news.
}

function nameOfByte(byte: number): string {
  if (byte > 0x20 && byte < 0x7f) return `"${String.fromCharCode(byte)}"`;
  return `the byte 0x${byte.toString(16).padStart(2, '0')}`;
}

/** A string that is not plain ASCII: checks UTF-8, escapes and control characters; what is wrong becomes U+FFFD or stays. */
function decodeWithCare(bytes: Uint8Array, byteOffset: number, onFlaw: OnFlaw): string {
  let raw: string;
  try {
    raw = strictUtf8.decode(bytes);
  } catch {
    // The decoder's only way to say "not UTF-8".
    onFlaw('malformed', byteOffset, 'A string is not valid UTF-8.');
    raw = utf8.decode(bytes);
  }
  // eslint-disable-next-line no-control-regex -- JSON forbids exactly these
  if (/[\u0000-\u001f]/.test(raw))
    onFlaw('malformed', byteOffset, 'A string has a control character that must be escaped.');
  if (!raw.includes('\\')) return raw;
  let wellFormed = true;
  const text = raw.replace(
    /\\(?:u([0-9a-fA-F]{4})|([^]?))/g,
    (match, hex: string | undefined, sign: string) => {
      if (hex !== undefined) return String.fromCharCode(parseInt(hex, 16));
      const meaning = ESCAPES.get(sign);
      if (meaning === undefined) wellFormed = false;
      return meaning ?? match;
    },
  );
  if (!wellFormed)
    onFlaw('malformed', byteOffset, 'A string has a backslash that escapes nothing JSON knows.');
  if (/[\ud800-\udfff]/u.test(text))
    onFlaw('malformed', byteOffset, 'A string has half of a surrogate pair.');
  return text;
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);
