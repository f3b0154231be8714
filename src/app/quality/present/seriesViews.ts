// Measurements that can be compared: on the same text, context and number of chunks; and the point of each model among them.
import { plural } from '../../../core/base/units.ts';
import type { Score } from '../../../protocol/engine.ts';
import type { ModelMark, SeriesPoint, SeriesView } from '../../../protocol/quality.ts';
import type { KeptMeasurement } from '../keptMeasurement.ts';

export const seriesKey = ({ text, contextTokens, chunks }: KeptMeasurement): string =>
  `${text.sha256.slice(0, 16)}-${contextTokens}-${chunks}`;

/** @param own of the model at `path` @param others of other models; both the latest first */
export function seriesViews(
  path: string,
  own: readonly KeptMeasurement[],
  others: readonly KeptMeasurement[],
): SeriesView[] {
  const keys = [...new Set(own.map(seriesKey))];
  const all = [...own, ...others].toSorted((one, other) => other.date - one.date);
  return keys.map((key) => {
    const members = all.filter((measurement) => seriesKey(measurement) === key);
    const [latest] = members;
    return {
      key,
      label:
        latest === undefined
          ? ''
          : `${latest.text.name} · ${plural(latest.chunks, 'chunk')} of ${latest.contextTokens}`,
      points: pointsOf(path, members),
    };
  });
}

/** @param members the latest first */
function pointsOf(path: string, members: readonly KeptMeasurement[]): SeriesPoint[] {
  const points = new Map<string, SeriesPoint>();
  const add = (id: string, model: ModelMark, asBase: boolean, score: Score): void => {
    const { bitsPerWeight } = model;
    if (bitsPerWeight === null || points.has(model.path)) return;
    const { perplexity, standardError } = score;
    const isThis = model.path === path;
    points.set(model.path, { id, model, asBase, isThis, bitsPerWeight, perplexity, standardError });
  };
  for (const { id, model, base, score, figures } of members) {
    add(id, model, false, score);
    if (base !== null && figures !== null) add(id, base, true, figures.base);
  }
  return [...points.values()].toSorted((one, other) => one.bitsPerWeight - other.bitsPerWeight);
}

/** The latest of each other model in each series that has one of `own`. */
export function latestOfOthers(
  path: string,
  own: readonly KeptMeasurement[],
  all: readonly KeptMeasurement[],
): KeptMeasurement[] {
  const keys = new Set(own.map(seriesKey));
  const seen = new Set<string>();
  return all.filter((measurement) => {
    const key = seriesKey(measurement);
    const known = `${key} ${measurement.model.path}`;
    if (measurement.model.path === path || !keys.has(key) || seen.has(known)) return false;
    seen.add(known);
    return true;
  });
}
