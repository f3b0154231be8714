// Lines of the files in which results of analyses are kept: a letter, a checksum, JSON. A line that is damaged is no line.
import { QUANTILE_LEVELS, STATS_NUMBERS } from '../protocol/analysis.ts';
import { MAX_KEPT_CHANNELS, type TensorNumbers } from '../app/present/statsColumns.ts';

/** h: head of the file; n: numbers of a tensor; v: what its panel shows. */
export type LineKind = 'h' | 'n' | 'v';

export interface Line {
  readonly kind: LineKind;
  /** Anything: it is parsed, not trusted. */
  readonly content: unknown;
}

/** Ends with a line feed, of which it has no other. */
export function writeLine(kind: LineKind, content: unknown): string {
  const json = JSON.stringify(content);
  return `${kind} ${checksumOf(json)} ${json}\n`;
}

/** @param text without line feed. Null for a line that was not written whole. */
export function readLine(text: string): Line | null {
  const [, kind, checksum, json] = /^([hnv]) ([0-9a-f]{8}) (.*)$/s.exec(text) ?? [];
  if (kind === undefined || json === undefined || checksumOf(json) !== checksum) return null;
  try {
    return { kind: kind as LineKind, content: JSON.parse(json) };
  } catch {
    return null; // somebody computed the checksum of something else
  }
}

export interface NumbersRecord {
  readonly key: string;
  readonly numbers: TensorNumbers;
}

export function numbersContent({ key, numbers }: NumbersRecord): unknown {
  const { channels } = numbers;
  return {
    key,
    numbers: toBase64(numbers.numbers),
    quantiles: toBase64(numbers.quantiles),
    ...(channels && {
      width: channels.width,
      channel: toBase64(channels.channel),
      ratio: toBase64(channels.ratio),
    }),
  };
}

/** Null for what numbersContent did not make. */
export function parseNumbers(content: unknown): NumbersRecord | null {
  const record = recordOf(content);
  const key = record['key'];
  const numbers = fromBase64(record['numbers'], Float64Array);
  const quantiles = fromBase64(record['quantiles'], Float32Array);
  if (typeof key !== 'string' || numbers === null || quantiles === null) return null;
  if (numbers.length !== STATS_NUMBERS.length || quantiles.length !== QUANTILE_LEVELS.length) return null;
  return { key, numbers: { known: 'exact', numbers, quantiles, channels: parseChannels(record) } };
}

function parseChannels(record: Readonly<Record<string, unknown>>): TensorNumbers['channels'] {
  const width = record['width'];
  const channel = fromBase64(record['channel'], Uint32Array);
  const ratio = fromBase64(record['ratio'], Float32Array);
  if (typeof width !== 'number' || !Number.isSafeInteger(width) || channel === null || ratio === null)
    return null;
  const isSound =
    channel.length === ratio.length &&
    channel.length <= MAX_KEPT_CHANNELS &&
    channel.every((index) => index < width);
  return isSound ? { width, channel, ratio } : null;
}

export const recordOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

type Numbers = Float64Array | Float32Array | Uint32Array;

/** The bytes of an array of numbers as they lie in memory: the cache of a machine stays on it. */
export const toBase64 = ({ buffer, byteOffset, byteLength }: Numbers): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString('base64');

export function fromBase64<T extends Numbers>(
  text: unknown,
  make: { new (buffer: ArrayBuffer): T; readonly BYTES_PER_ELEMENT: number },
): T | null {
  if (typeof text !== 'string') return null;
  const bytes = Uint8Array.from(Buffer.from(text, 'base64')); // a copy: a small Buffer lies somewhere in a large one
  return bytes.byteLength % make.BYTES_PER_ELEMENT === 0 ? new make(bytes.buffer) : null;
}

/** FNV-1a of the characters, in hexadecimal: finds lines that were torn or overwritten, not those somebody made up. */
function checksumOf(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(8, '0');
}
