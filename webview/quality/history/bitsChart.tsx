// The plot of perplexity against bits per weight, of the series of what is shown.
import { formatBits } from '../../../src/core/base/units.ts';
import type { QualityView, SeriesView } from '../../../src/protocol/quality.ts';
import { Chart } from '../../shared/charts/chart.tsx';
import type { ChartData } from '../../shared/charts/chartTable.tsx';
import { theme } from '../../shared/theme.ts';
import { chartFrame } from '../chartFrame.ts';
import type { QualityState } from '../state.ts';
import { bitsPlot } from './bitsPlot.ts';

export function BitsChart({ state, view }: { readonly state: QualityState; readonly view: QualityView }) {
  const shown = state.shown.value;
  const key = shown?.kind === 'measurement' ? shown.measurement.series : '';
  const series = view.series.find((one) => one.key === key) ?? view.series[0];
  if (series === undefined || series.points.length === 0) return null;
  const { points } = series;
  const seen = points.filter(({ perplexity }) => Number.isFinite(perplexity));
  return (
    <Chart
      {...chartFrame(state)}
      title="Perplexity against bits per weight"
      finding={series.label}
      data={() => bitsData(series)}
      plot={(width) => bitsPlot({ points, theme: theme.value }, width)}
      causes={[points, theme.value]}
      pick={(part) => {
        const point = seen[part];
        if (point !== undefined) state.chosen.value = point.id;
      }}
    />
  );
}

function bitsData({ points }: SeriesView): ChartData {
  return {
    heads: ['Model', 'Bits per weight', 'Perplexity', 'Standard error'],
    rows: points.map(({ model, bitsPerWeight, perplexity, standardError }) => [
      model.label,
      formatBits(bitsPerWeight),
      Number.isFinite(perplexity) ? Number(perplexity.toPrecision(6)) : '–',
      standardError === null ? '–' : Number(standardError.toPrecision(3)),
    ]),
  };
}
