// The first tab: how the weights of a tensor are spread, what its scales and codes look like, which channels stand out.
import { useSignal } from '@preact/signals';
import type { Histogram, StatsSummary, TensorStatsView } from '../../../src/protocol/tensorStats.ts';
import { Chart, type ChartFrame } from '../../shared/charts/chart.tsx';
import { profilePlot } from '../../shared/charts/profilePlot.ts';
import { valuePlot } from '../../shared/charts/valuePlot.ts';
import type { Range, Zoom } from '../../shared/charts/zoom.ts';
import { fieldColor } from '../../shared/colors.ts';
import { copyText } from '../../shared/link.ts';
import { theme } from '../../shared/theme.ts';
import type { InspectorState } from '../state.ts';
import { channelData, codeData, histogramData, scaleData } from './chartData.ts';
import { Experts } from './experts.tsx';
import {
  channelFinding,
  codeFinding,
  minFinding,
  scaleFinding,
  valueFinding,
  zoomFinding,
} from './findings.ts';
import { Notice, Notices, noticesOf } from './notices.tsx';
import { codePlot, logBarPlot } from './smallPlots.ts';
import { Statistics } from './statistics.tsx';

interface Props {
  readonly state: InspectorState;
  readonly stats: TensorStatsView;
  readonly asTables: boolean;
}

export function Distribution({ state, stats, asTables }: Props) {
  const { summary, values, scales, mins, codes, channels, experts } = stats;
  if (stats.unavailable !== null) return <Notice icon="warning" text={stats.unavailable} />;
  const frame: ChartFrame = {
    subject: `${stats.name} · ${stats.type}`,
    fileStem: stats.name,
    asTable: asTables,
    isEstimate: stats.share < 1,
    copy: (csv) => copyText(state.link, csv),
    save: (name, bytes) => void state.link.ask.saveFile({ name, bytes }).catch(() => undefined), // told by the host
  };
  const kind = theme.value;
  // What MLX adds to a product is no min of a block.
  const isPacked = state.model.value?.types.find(({ name }) => name === stats.type)?.isPacked === true;
  return (
    <>
      <Notices notices={noticesOf(stats, state.fileState.value)} />
      {summary && values && (
        <Values state={state} stats={stats} summary={summary} values={values} frame={frame} />
      )}
      <div class="chart-pair">
        {scales && (
          <Chart
            {...frame}
            title="Scales"
            finding={scaleFinding(stats)}
            data={() => scaleData(scales)}
            causes={[scales, kind]}
            plot={(width) => logBarPlot(scales, fieldColor(kind, 'scale'), 'scale', width)}
          />
        )}
        {mins && (
          <Chart
            {...frame}
            title={isPacked ? 'Biases' : 'Mins'}
            finding={minFinding(mins, stats.share)}
            data={() => scaleData(mins)}
            causes={[mins, kind]}
            plot={(width) => logBarPlot(mins, fieldColor(kind, 'min'), isPacked ? 'bias' : 'min', width)}
          />
        )}
        {codes && (
          <Chart
            {...frame}
            title="Codes"
            finding={codeFinding(codes, stats.share)}
            data={() => codeData(codes)}
            causes={[codes, kind]}
            plot={(width) => codePlot(codes, fieldColor(kind, 'code'), width)}
          />
        )}
      </div>
      {channels && channels.channelCount > 1 && (
        <Chart
          {...frame}
          title="Input channels"
          finding={channelFinding(channels, stats.share)}
          data={() => channelData(channels)}
          causes={[channels]}
          plot={(width) => profilePlot(channels, width)}
        />
      )}
      {summary && <Statistics summary={summary} share={stats.share} />}
      {/* Last, because an estimate has none: what stands above must not move. */}
      {experts && <Experts experts={experts} frame={frame} />}
    </>
  );
}

/** So many of the finest bins are left when a chart is zoomed in as far as it goes: then each is a bar of its own. */
const LEAST_BINS = 64;

function Values({
  state,
  stats,
  summary,
  values,
  frame,
}: {
  readonly state: InspectorState;
  readonly stats: TensorStatsView;
  readonly summary: StatsSummary;
  readonly values: Histogram;
  readonly frame: ChartFrame;
}) {
  const counts = state.countScale.value;
  const shown = useSignal<{ readonly name: string; readonly range: Range | null }>({ name: '', range: null });
  const { low, high } = values;
  // Another tensor is shown whole; the exact numbers after an estimate keep the range.
  const range = shown.value.name === stats.name ? shown.value.range : null;
  const zoom: Zoom = {
    range,
    full: [low, high],
    least: ((high - low) * LEAST_BINS) / values.counts.length,
    set: (next) => (shown.value = { name: stats.name, range: next }),
  };
  return (
    <Chart
      {...frame}
      title="Values"
      finding={range === null ? valueFinding(stats) : zoomFinding(values, summary, range)}
      data={() => histogramData(values, range)}
      causes={[values, summary, counts, range]}
      plot={(width) => valuePlot({ values, summary, counts, range }, width)}
      zoom={zoom}
    >
      {range !== null && (
        <button
          type="button"
          class="chart-switch reset"
          title="Show all values (0, or a double click)"
          onClick={() => zoom.set(null)}
        >
          Reset
        </button>
      )}
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
