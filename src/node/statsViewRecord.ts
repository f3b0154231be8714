// What the panel of a tensor shows, as it is kept on the disk: arrays of numbers as text, everything else as JSON.
import type {
  ChannelProfile,
  CodeUse,
  ExpertStats,
  Histogram,
  QuantizedOrigin,
  StatsSummary,
  TensorStatsView,
  WorstWeight,
} from '../protocol/tensorStats.ts';
import { fromBase64, recordOf, toBase64 } from './statsRecords.ts';

const ARRAYS = { f64: Float64Array, f32: Float32Array } as const;
/** Numbers that JSON does not know. */
const RARE: Readonly<Record<string, number>> = { NaN: NaN, Infinity, '-Infinity': -Infinity };

/** As something that JSON can say. */
export function viewContent(value: unknown): unknown {
  if (value instanceof Float64Array) return { f64: toBase64(value) };
  if (value instanceof Float32Array) return { f32: toBase64(value) };
  if (typeof value === 'number' && !Number.isFinite(value)) return { number: String(value) };
  if (Array.isArray(value)) return value.map(viewContent);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, viewContent(member)]));
}

/** Null for what is no view, whoever wrote it. */
export function parseView(content: unknown): TensorStatsView | null {
  const view = revived(content);
  return isView(view) ? (view as TensorStatsView) : null;
}

function revived(content: unknown): unknown {
  if (Array.isArray(content)) return content.map(revived);
  if (typeof content !== 'object' || content === null) return content;
  const record = recordOf(content);
  for (const [name, make] of Object.entries(ARRAYS)) {
    if (name in record) return fromBase64<Float64Array | Float32Array>(record[name], make);
  }
  if ('number' in record) return RARE[String(record['number'])] ?? null;
  return Object.fromEntries(Object.entries(record).map(([name, member]) => [name, revived(member)]));
}

type Check = (value: unknown) => boolean;

const isNumber: Check = (value) => typeof value === 'number';
const isText: Check = (value) => typeof value === 'string';
const isDoubles: Check = (value) => value instanceof Float64Array;
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
/** Every member of the type has its check. */
const shaped =
  <T>(checks: Readonly<Record<keyof T & string, Check>>): Check =>
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    Object.entries<Check>(checks).every(([name, check]) => check(recordOf(value)[name]));

const isHistogram = shaped<Histogram>({ low: isNumber, high: isNumber, counts: isDoubles });

const isView = shaped<TensorStatsView>({
  name: isText,
  type: isText,
  unavailable: orNull(isText),
  share: isNumber,
  summary: orNull(
    shaped<StatsSummary>({
      count: isNumber,
      nonFinite: orNull(isNumber),
      zeros: orNull(isNumber),
      min: orNull(isNumber),
      max: orNull(isNumber),
      absMax: orNull(isNumber),
      mean: orNull(isNumber),
      std: orNull(isNumber),
      skewness: orNull(isNumber),
      excessKurtosis: orNull(isNumber),
      outliers: listOf(
        shaped<StatsSummary['outliers'][number]>({
          sigmas: isNumber,
          count: isNumber,
          isExact: (value) => typeof value === 'boolean',
          normalShare: isNumber,
        }),
      ),
      quantiles: listOf(shaped<StatsSummary['quantiles'][number]>({ share: isNumber, value: isNumber })),
    }),
  ),
  worst: orNull(
    listOf(
      shaped<WorstWeight>({
        row: isNumber,
        column: isNumber,
        expert: isNumber,
        value: isNumber,
        sigmas: isNumber,
      }),
    ),
  ),
  experts: orNull(
    shaped<ExpertStats>({
      mean: isDoubles,
      std: isDoubles,
      absMax: isDoubles,
      kurtosis: isDoubles,
      beyond3: isDoubles,
    }),
  ),
  origin: orNull(
    shaped<QuantizedOrigin>({
      type: isText,
      alternatives: listOf(isText),
      blocks: isNumber,
      fitting: isNumber,
      distinct: isNumber,
      blockWeights: isNumber,
    }),
  ),
  values: orNull(isHistogram),
  scales: orNull(isHistogram),
  zeroScales: isNumber,
  nonFiniteScales: isNumber,
  mins: orNull(isHistogram),
  codes: orNull(
    shaped<CodeUse>({
      levels: listOf(isNumber),
      counts: isDoubles,
      entropyBits: isNumber,
      nominalBits: orNull(isNumber),
    }),
  ),
  channels: orNull(
    shaped<ChannelProfile>({
      channelCount: isNumber,
      maxima: (value) => value instanceof Float32Array,
      perPoint: isNumber,
      median: isNumber,
      outliers: listOf(shaped<ChannelProfile['outliers'][number]>({ channel: isNumber, absMax: isNumber })),
      outlierCount: isNumber,
    }),
  ),
  milliseconds: isNumber,
  bytes: isNumber,
});
