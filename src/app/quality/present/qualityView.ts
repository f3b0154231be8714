// The history of a model as its page shows it: with what is true today, and beside other models on the same texts.
import type { MeasurementView, SeriesView } from '../../../protocol/quality.ts';
import type { KeptMeasurement } from '../keptMeasurement.ts';
import type { QualityHistory } from '../qualityHistory.ts';
import { latestOfOthers, seriesKey, seriesViews } from './seriesViews.ts';

export interface HistoryView {
  readonly measurements: MeasurementView[];
  readonly others: MeasurementView[];
  readonly series: SeriesView[];
}

/** Others that are shown: a message stays small. */
const MAX_OTHERS = 200;

export async function historyView(path: string, history: QualityHistory): Promise<HistoryView> {
  const own = await history.of(path);
  const others = latestOfOthers(path, own, await history.all()).slice(0, MAX_OTHERS);
  const states = await fileStates(history, [...own, ...others]);
  const parts = new Map<string, Awaited<ReturnType<QualityHistory['partsOf']>>>();
  for (const { model } of [...own, ...others])
    if (!parts.has(model.path)) parts.set(model.path, await history.partsOf(model.path));
  const view = (kept: KeptMeasurement): MeasurementView => {
    const { spreads: _spreads, isRemoved: _hidden, ...shown } = kept;
    const has = parts.get(kept.model.path)?.(kept.id) ?? { hasCurve: false, hasDamage: false };
    return { ...shown, ...has, fileState: states.get(stateKey(kept)) ?? 'gone', series: seriesKey(kept) };
  };
  return { measurements: own.map(view), others: others.map(view), series: seriesViews(path, own, others) };
}

const stateKey = ({ model }: KeptMeasurement): string => `${model.path} ${model.stamp}`;

async function fileStates(
  history: QualityHistory,
  kept: readonly KeptMeasurement[],
): Promise<ReadonlyMap<string, MeasurementView['fileState']>> {
  const models = new Map(kept.map((one) => [stateKey(one), one.model]));
  const states = [...models].map(async ([key, model]) => [key, await history.fileState(model)] as const);
  return new Map(await Promise.all(states));
}
