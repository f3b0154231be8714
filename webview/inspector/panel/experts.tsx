// The experts of a 3-D tensor beside each other: how far their weights spread, and which of them stand out.
import { formatCount, formatPercent } from '../../../src/core/base/units.ts';
import type { ExpertStats } from '../../../src/protocol/tensorStats.ts';
import { barPlot } from '../../shared/charts/barPlot.ts';
import { Chart, type ChartFrame } from '../../shared/charts/chart.tsx';
import { formatNumber } from '../../shared/charts/numbers.ts';
import type { Ink, Plot } from '../../shared/charts/plot.ts';
import { expertData } from './chartData.ts';
import { expertFinding, type ExpertNumbers } from './findings.ts';

interface Measure extends ExpertNumbers {
  readonly title: string;
  readonly ink: Ink;
}

export function Experts({ experts, frame }: { readonly experts: ExpertStats; readonly frame: ChartFrame }) {
  const measures: readonly Measure[] = [
    {
      title: 'Std by expert',
      numbers: experts.std,
      ink: 'histogram',
      format: (value) => formatNumber(value, 3),
    },
    {
      title: 'Absmax by expert',
      numbers: experts.absMax,
      ink: 'histogram',
      format: (value) => formatNumber(value, 3),
    },
    {
      title: 'Outliers by expert',
      numbers: experts.beyond3,
      ink: 'outlier',
      format: (value) => `${formatPercent(value)} %`,
      suffix: ' beyond 3σ',
    },
  ];
  return (
    <div class="chart-pair">
      {measures.map((measure) => (
        <Chart
          key={measure.title}
          {...frame}
          title={measure.title}
          finding={expertFinding(measure)}
          data={() => expertData(experts)}
          causes={[experts]}
          plot={(width) => expertPlot(measure, width)}
        />
      ))}
    </div>
  );
}

/** Px for the number of an expert and the space to the next. */
const EXPERT_ROOM = 28;
/** Between a number at the left and the next below. */
const LEAST_APART = 0.3;

function expertPlot({ numbers, ink, format }: Measure, width: number): Plot {
  const every = Math.max(1, Math.ceil((numbers.length * EXPERT_ROOM) / width));
  const known = numbers.filter(Number.isFinite);
  const most = known.reduce((a, b) => Math.max(a, b), 0);
  const median = known.toSorted()[known.length >> 1] ?? 0;
  const isApart = most > 0 && (most - median) / most >= LEAST_APART;
  return barPlot(
    {
      counts: numbers,
      ink,
      heights: [...(isApart ? [{ at: median, text: format(median) }] : []), { at: most, text: format(most) }],
      ticks: Array.from({ length: numbers.length }, (_item, expert) => expert)
        .filter((expert) => expert % every === 0)
        .map((expert) => ({ at: expert + 0.5, text: formatCount(expert) })),
      read: (expert) => {
        const value = numbers[expert] ?? NaN;
        return {
          head: `Expert ${formatCount(expert)}`,
          text: Number.isFinite(value) ? format(value) : 'not known',
        };
      },
    },
    width,
  );
}
