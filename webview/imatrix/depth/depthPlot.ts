// The chart of a number over the layers: a bar for each, the same scale for all roles where that says something.
import type { AllRows } from '../rows.ts';
import { columnOf, type ColumnId } from '../table/columns.ts';
import { HEIGHT_TICKS, layerFrame, layerHead, layerPoints } from '../../shared/charts/layerAxis.ts';
import { formatNumber, roundTicks } from '../../shared/charts/numbers.ts';
import { NO_PARTS, type Plot } from '../../shared/charts/plot.ts';
import type { RoleDepth } from './depthData.ts';

/** Shares, which are drawn as percent. */
const SHARES: readonly ColumnId[] = ['entropyShare', 'topShare', 'zScoreShare', 'coverage'];
/** Those whose column says percent in its head. */
const SIGNLESS: readonly ColumnId[] = ['entropyShare', 'zScoreShare'];
/** Those that end at 1, so that all charts have one scale. */
const FROM_0_TO_1: readonly ColumnId[] = ['entropyShare', 'coverage', 'cosine'];
/** Drawn in the color of outliers. */
const OUTLYING: readonly ColumnId[] = ['outliers', 'topShare', 'max'];

export function depthPlot(depth: RoleDepth, all: AllRows, measure: ColumnId, width: number): Plot {
  const { values, rows } = depth;
  const largest = values.reduce((most, value) => (Number.isNaN(value) ? most : Math.max(most, value)), 0);
  const high = FROM_0_TO_1.includes(measure) ? 1 : largest * 1.05 || 1;
  const percent = SHARES.includes(measure);
  const column = columnOf(measure);
  return {
    ...layerFrame(values.length, width),
    y: {
      low: 0,
      high,
      ticks: roundTicks(0, high, HEIGHT_TICKS).map((at) => ({
        at,
        text: percent ? `${formatNumber(at * 100, 3)} %` : formatNumber(at, 3),
      })),
      kind: 'linear',
      hasGrid: true,
    },
    series: [
      {
        kind: 'bars',
        points: layerPoints(values).filter(({ y }) => y > 0),
        width: 1,
        gap: width / values.length > 6 ? 1 : 0,
        ink: OUTLYING.includes(measure) ? 'outlier' : 'histogram',
      },
    ],
    marks: [],
    parts:
      values.length === 0
        ? NO_PARTS
        : {
            ...{ low: 0, width: 1, count: values.length },
            read(layer) {
              const row = rows[layer] ?? -1;
              const text = row < 0 ? 'has no such tensor' : (column?.text(all, row) ?? '');
              return { head: layerHead(layer), text: withSign(text, measure) };
            },
          },
  };
}

/** "12 in layer 3 … 40 in layer 0" */
export function depthFinding({ values, rows }: RoleDepth, all: AllRows, measure: ColumnId): string {
  let [least, most] = [-1, -1];
  for (const [layer, value] of values.entries()) {
    if (Number.isNaN(value)) continue;
    if (least < 0 || value < (values[least] ?? 0)) least = layer;
    if (most < 0 || value > (values[most] ?? 0)) most = layer;
  }
  if (least < 0) return 'not known';
  const text = (layer: number): string =>
    withSign(columnOf(measure)?.text(all, rows[layer] ?? -1) ?? '', measure);
  return least === most || values[least] === values[most]
    ? text(most)
    : `${text(least)} in layer ${least} … ${text(most)} in layer ${most}`;
}

const withSign = (text: string, measure: ColumnId): string =>
  SIGNLESS.includes(measure) && /\d$/.test(text) ? `${text} %` : text;
