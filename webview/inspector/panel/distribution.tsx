// The first tab: how the weights of a tensor are spread, what its scales and codes look like, which channels stand out.
import { formatCount, formatFixed, formatPercent } from '../../../src/core/base/units.ts';
import type { FieldColor } from '../../../src/protocol/modelView.ts';
import type { CodeUse, Histogram, StatsSummary, TensorStatsView } from '../../../src/protocol/tensorStats.ts';
import { BarChart } from '../../shared/charts/barChart.tsx';
import { mergeBins } from '../../shared/charts/bins.ts';
import { Chart } from '../../shared/charts/chart.tsx';
import { formatNumber, roundTicks } from '../../shared/charts/numbers.ts';
import { OUTLIER_MEDIANS, ProfileChart } from '../../shared/charts/profileChart.tsx';
import { ValueChart } from '../../shared/charts/valueChart.tsx';
import { fieldColor } from '../../shared/colors.ts';
import { copyText } from '../../shared/link.ts';
import { theme } from '../../shared/theme.ts';
import type { InspectorState } from '../state.ts';
import { channelData, codeData, histogramData, scaleData } from './chartData.ts';
import { Statistics } from './statistics.tsx';

interface Props {
  readonly state: InspectorState;
  readonly stats: TensorStatsView;
  readonly asTables: boolean;
}

export function Distribution({ state, stats, asTables }: Props) {
  const { summary, values, scales, mins, codes, channels } = stats;
  if (stats.unavailable !== null) return <p>{stats.unavailable}</p>;
  const shared = { asTable: asTables, copy: (csv: string): void => copyText(state.link, csv) };
  return (
    <>
      {summary && values && <Values state={state} summary={summary} values={values} {...shared} />}
      <div class="chart-pair">
        {scales && (
          <Chart
            title="Scales"
            finding={scaleFinding(scales, stats.zeroScales, stats.nonFiniteScales)}
            data={() => scaleData(scales)}
            {...shared}
            draw={(width) => (
              <LogBars width={width} label="Scales of the blocks" histogram={scales} field="scale" />
            )}
          />
        )}
        {mins && (
          <Chart
            title="Mins"
            finding={formatCount(sumOf(mins.counts))}
            data={() => scaleData(mins)}
            {...shared}
            draw={(width) => (
              <LogBars width={width} label="Mins of the blocks" histogram={mins} field="min" />
            )}
          />
        )}
        {codes && (
          <Chart
            title="Codes"
            finding={codeFinding(codes)}
            data={() => codeData(codes)}
            {...shared}
            draw={(width) => <Codes width={width} codes={codes} />}
          />
        )}
      </div>
      {channels && channels.channelCount > 1 && (
        <Chart
          title="Input channels"
          finding={`largest |w| of each of ${formatCount(channels.channelCount)} columns; ${channels.outlierCount === 0 ? 'none' : formatCount(channels.outlierCount)} above ${OUTLIER_MEDIANS} × the median`}
          data={() => channelData(channels)}
          {...shared}
          draw={(width) => (
            <ProfileChart width={width} label="Largest weight of each input channel" profile={channels} />
          )}
        />
      )}
      {summary && <Statistics summary={summary} />}
    </>
  );
}

function Values({
  state,
  summary,
  values,
  ...shared
}: {
  readonly state: InspectorState;
  readonly summary: StatsSummary;
  readonly values: Histogram;
  readonly asTable: boolean;
  readonly copy: (csv: string) => void;
}) {
  const counts = state.countScale.value;
  const finding = valueFinding(summary);
  return (
    <Chart
      title="Values"
      finding={finding}
      data={() => histogramData(values)}
      {...shared}
      draw={(width) => (
        <ValueChart
          width={width}
          label={`Weights by value. ${finding}`}
          values={values}
          summary={summary}
          counts={counts}
        />
      )}
    >
      {(['log', 'linear'] as const).map((kind) => (
        <button
          key={kind}
          type="button"
          class="chart-switch"
          aria-pressed={kind === counts}
          title={kind === 'log' ? 'Counts by their logarithm: single weights are seen' : 'Counts as they are'}
          onClick={() => (state.countScale.value = kind)}
        >
          {kind === 'log' ? 'Log' : 'Linear'}
        </button>
      ))}
    </Chart>
  );
}

/** Bars over an axis of powers of two. */
function LogBars({
  width,
  label,
  histogram,
  field,
}: {
  readonly width: number;
  readonly label: string;
  readonly histogram: Histogram;
  readonly field: FieldColor;
}) {
  const { low, high, counts } = mergeBins(histogram, width / LEAST_BAR);
  const at = (exponent: number): number => ((exponent - low) / (high - low)) * counts.length;
  const ticks = roundTicks(low, high, Math.max(1, Math.floor(width / TICK_ROOM))).map((exponent) => ({
    at: at(exponent),
    text: formatNumber(2 ** exponent, 3),
  }));
  // A range too short for a round power of two still says where it is.
  const ends = ticks.length > 0 ? ticks : [{ at: 0, text: formatNumber(2 ** low) }];
  return (
    <BarChart
      width={width}
      label={label}
      counts={counts}
      color={fieldColor(theme.value, field)}
      ticks={ends}
    />
  );
}
const LEAST_BAR = 4;
/** Px for a number and the space to the next. */
const TICK_ROOM = 64;

function Codes({ width, codes: { levels, counts } }: { readonly width: number; readonly codes: CodeUse }) {
  const every = Math.max(1, Math.ceil((levels.length * CODE_ROOM) / width));
  const ticks = levels.flatMap((level, index) =>
    index % every === 0 && (levels.length - index) * (width / levels.length) >= CODE_ROOM / 2
      ? [{ at: index + 0.5, text: formatNumber(level, 3) }]
      : [],
  );
  return (
    <BarChart
      width={width}
      label="How often each code is used; the dashed line is even use"
      counts={counts}
      color={fieldColor(theme.value, 'code')}
      ticks={ticks}
      even={sumOf(counts) / levels.length}
    />
  );
}
const CODE_ROOM = 32;

/** "1,046 beyond 3σ (0.53 %; a normal distribution: 0.27 %)". */
export function valueFinding({ outliers, count, nonFinite, std }: StatsSummary): string {
  const beyond = outliers.find(({ sigmas }) => sigmas === 3);
  if (beyond === undefined || std === 0) return std === 0 ? 'all weights are the same' : '';
  const finite = Math.max(1, count - (nonFinite ?? 0));
  return `${beyond.isExact ? '' : '≈ '}${formatCount(beyond.count)} beyond 3σ (${formatPercent(beyond.count / finite)} %; a normal distribution: ${formatPercent(beyond.normalShare)} %)`;
}

export function scaleFinding(scales: Histogram, zeros: number, nonFinite: number): string {
  const total = sumOf(scales.counts) + zeros + nonFinite;
  const wrong = nonFinite === 0 ? '' : `, ${formatCount(nonFinite)} NaN or Inf`;
  return `${formatCount(total)}, ${zeros === 0 ? 'none' : formatCount(zeros)} zero${wrong}`;
}

const codeFinding = ({ entropyBits, nominalBits }: CodeUse): string =>
  nominalBits === null
    ? `${formatFixed(entropyBits, 2)} bits`
    : `${formatFixed(entropyBits, 2)} of ${formatNumber(nominalBits)} bits`;

const sumOf = (counts: Float64Array): number => counts.reduce((sum, count) => sum + count, 0);
