// A measurement as it is kept: what its view shows without what is true today only, and how it is read back from JSON.
import type { SpreadEstimate } from '../../protocol/engine.ts';
import type { MeasurementView, ModelMark } from '../../protocol/quality.ts';
import { SPREAD_LEVELS } from '../../protocol/quality.ts';
import { recordOf } from './damageFile.ts';

export interface KeptMeasurement extends Omit<
  MeasurementView,
  'fileState' | 'series' | 'hasCurve' | 'hasDamage'
> {
  readonly spreads: { readonly kl: SpreadEstimate; readonly deltaP: SpreadEstimate } | null;
  /** Removed by the user; for good with the next change of the history. */
  readonly isRemoved: boolean;
}

const VERSION = 1;

export const keptText = (measurements: readonly KeptMeasurement[]): string =>
  `${JSON.stringify({ version: VERSION, measurements }, null, 1)}\n`;

/** Those that are whole; none of a text that is not ours. */
export function readKept(text: string): KeptMeasurement[] {
  const { version, measurements } = recordOf(parsed(text));
  if (version !== VERSION || !Array.isArray(measurements)) return [];
  return measurements.filter(isKept);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // torn, or no JSON at all
  }
}

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === 'string';
const isNumber: Check = (value) => typeof value === 'number' && Number.isFinite(value);
const isFlag: Check = (value) => typeof value === 'boolean';
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
const shape =
  (fields: Readonly<Record<string, Check>>): Check =>
  (value) => {
    const record = recordOf(value);
    return Object.entries(fields).every(([name, check]) => check(record[name]));
  };

const isMark = shape({
  path: isText,
  fileName: isText,
  label: isText,
  shortLabel: isText,
  bitsPerWeight: orNull(isNumber),
  fileBytes: isNumber,
  stamp: isText,
} satisfies Record<keyof ModelMark, Check>);
const isScore = shape({
  perplexity: isNumber,
  standardError: orNull(isNumber),
  meanNll: isNumber,
  tokensScored: isNumber,
});
const ESTIMATE = { value: isNumber, error: orNull(isNumber) };
const isEstimate = shape(ESTIMATE);
const isSpread = shape({
  ...ESTIMATE,
  min: isNumber,
  max: isNumber,
  quantiles: (value) =>
    listOf(isNumber)(value) && (value as readonly number[]).length === SPREAD_LEVELS.length,
});
const isDevice = shape({
  backend: isText,
  names: listOf(isText),
  gpuLayers: isNumber,
  layers: isNumber,
  threads: isNumber,
  extraBuffers: isFlag,
  notes: listOf(isText),
});

const isMeasurement = shape({
  id: (value) => isText(value) && ID.test(value as string),
  date: isNumber,
  model: isMark,
  base: orNull(isMark),
  text: shape({ name: isText, sha256: isText }),
  contextTokens: isNumber,
  chunks: isNumber,
  availableChunks: isNumber,
  score: isScore,
  figures: orNull(
    shape({
      base: isScore,
      deltaPerplexity: isEstimate,
      logRatio: isEstimate,
      significant: isFlag,
      correlation: orNull(isNumber),
      rmsDeltaP: isEstimate,
      sameTop: isEstimate,
      meanKl: isEstimate,
      medianKl: isNumber,
      p99Kl: isNumber,
      maxKl: isNumber,
    }),
  ),
  device: isDevice,
  engineVersion: isText,
  seconds: isNumber,
  tokensPerSecond: isNumber,
  twoPasses: isFlag,
  notes: listOf(isText),
  spreads: orNull(shape({ kl: isSpread, deltaP: isSpread })),
  isRemoved: isFlag,
} satisfies Record<keyof KeptMeasurement, Check>);

/** Names of files are made of it. */
const ID = /^[0-9a-z-]{1,64}$/;

const isKept = (value: unknown): value is KeptMeasurement => isMeasurement(value);
