// The tab of the charts over depth: for every role of the layers how its weights spread and how many stand out, then the
// input channels that stand out again and again.
import './depth.css';
import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { formatPercent, plural } from '../../../src/core/base/units.ts';
import { QUANTILE_LEVELS } from '../../../src/protocol/analysis.ts';
import type { ModelView } from '../../../src/protocol/modelView.ts';
import { Chart, type ChartFrame } from '../../shared/charts/chart.tsx';
import type { ChartData } from '../../shared/charts/chartTable.tsx';
import { formatNumber } from '../../shared/charts/numbers.ts';
import { Button } from '../../shared/controls.tsx';
import { copyText } from '../../shared/link.ts';
import { analyze } from '../analysis/analyzeButton.tsx';
import { analysisAction } from '../analysis/progressText.ts';
import { StandIn } from '../../shared/standIn.tsx';
import { revealRow, type InspectorState } from '../state.ts';
import { ChannelsInManyLayers } from './channels.tsx';
import { depthOf, type RoleDepth } from './depthData.ts';
import { outlierPlot, spreadPlot } from './depthPlots.ts';

interface Props {
  readonly state: InspectorState;
  readonly model: ModelView;
}

export function DepthTab({ state, model }: Props) {
  const stats = state.stats.value;
  const rows = state.rows.value;
  const asTables = useSignal(false);
  const depths = useMemo(() => depthOf(model, rows, stats), [model, rows, stats]);
  if (depths.length === 0)
    return (
      <StandIn icon="info" heading="h2" title="No layers to follow">
        <p>None of the tensors of this file belongs to a numbered layer, so nothing changes with depth.</p>
      </StandIn>
    );
  if (stats === null) return <NotAnalyzed state={state} />;
  const top = depths.reduce(
    (most, { beyond3 }) =>
      beyond3.reduce((own, share) => (Number.isNaN(share) ? own : Math.max(own, share)), most),
    0,
  );
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 't' || event.ctrlKey || event.metaKey || event.altKey) return;
    asTables.value = !asTables.peek();
    event.preventDefault();
  };
  return (
    <div class="depth" onKeyDown={onKeyDown}>
      <h2 class="unseen">Weights over depth</h2>
      <div class="depth-tools">
        <p class="muted">
          From the first layer to the last. Spread: the middle 50, 98 and 99.8 % of the weights, and their
          median. Outliers: weights beyond 3σ; dashed, what a normal distribution has.
        </p>
        <button
          type="button"
          class="chart-switch"
          aria-pressed={asTables.value}
          title="Every chart as a table (t)"
          onClick={() => (asTables.value = !asTables.peek())}
        >
          Tables
        </button>
      </div>
      {depths.map((depth) => (
        <RoleCharts
          key={depth.role.label}
          state={state}
          model={model}
          depth={depth}
          top={top}
          asTables={asTables.value}
        />
      ))}
      <ChannelsInManyLayers state={state} model={model} />
    </div>
  );
}

function NotAnalyzed({ state }: { readonly state: InspectorState }) {
  const action = analysisAction(state.analysis.value);
  return (
    <StandIn icon="graph" heading="h2" title="Not analyzed yet">
      <p>
        The analysis reads every weight once. It shows here how the weights of each role spread from layer to
        layer, where the outliers are, and which input channels stand out in many layers.
      </p>
      {(action === 'analyze' || action === 'continue') && (
        <p class="buttons">
          <Button appearance="primary" onClick={() => analyze(state)}>
            Analyze all tensors
          </Button>
        </p>
      )}
    </StandIn>
  );
}

function RoleCharts({
  state,
  model,
  depth,
  top,
  asTables,
}: Props & {
  readonly depth: RoleDepth;
  /** Largest share of outliers of all roles. */
  readonly top: number;
  readonly asTables: boolean;
}) {
  const { role, exactCount, layerCount } = depth;
  const frame: ChartFrame = {
    subject: `${model.title} · ${role.label}`,
    fileStem: `${model.fileName}.${role.label}`,
    asTable: asTables,
    isEstimate: exactCount < layerCount,
    copy: (csv) => copyText(state.link, csv),
    save: (name, bytes) => void state.link.ask.saveFile({ name, bytes }).catch(() => undefined), // told by the host
  };
  const pick = (layer: number): void => {
    const [row] = depth.rows[layer] ?? [];
    if (row === undefined) return;
    state.tab.value = 'layers';
    revealRow(state, row, true);
  };
  return (
    <div class="depth-role">
      <Chart
        {...frame}
        title={`${role.label} spread`}
        finding={spreadFinding(depth)}
        data={() => spreadData(depth)}
        causes={[depth]}
        plot={(width) => spreadPlot(depth, width)}
        pick={pick}
      />
      <Chart
        {...frame}
        title={`${role.label} outliers`}
        finding={outlierFinding(depth)}
        data={() => outlierData(depth)}
        causes={[depth, top]}
        plot={(width) => outlierPlot(depth, top, width)}
        pick={pick}
      />
    </div>
  );
}

function spreadFinding({ std, exactCount, layerCount }: RoleDepth): string {
  const [narrowest, widest] = extremesOf(std);
  if (narrowest === null || widest === null) return 'not analyzed';
  const range =
    narrowest.layer === widest.layer
      ? `σ ${formatNumber(widest.value, 3)}`
      : `σ ${formatNumber(narrowest.value, 3)} in layer ${narrowest.layer} … ${formatNumber(widest.value, 3)} in layer ${widest.layer}`;
  return exactCount < layerCount ? `${range} · ${exactCount} of ${plural(layerCount, 'layer')} exact` : range;
}

function outlierFinding({ beyond3 }: RoleDepth): string {
  const [least, most] = extremesOf(beyond3);
  if (least === null || most === null) return 'not analyzed';
  if (least.layer === most.layer) return `${formatPercent(most.value)} % beyond 3σ`;
  return `${formatPercent(least.value)} % in layer ${least.layer} … ${formatPercent(most.value)} % in layer ${most.layer}`;
}

interface Extreme {
  readonly layer: number;
  readonly value: number;
}

function extremesOf(values: Float64Array): [Extreme | null, Extreme | null] {
  let [least, most]: [Extreme | null, Extreme | null] = [null, null];
  for (const [layer, value] of values.entries()) {
    if (Number.isNaN(value)) continue;
    if (least === null || value < least.value) least = { layer, value };
    if (most === null || value > most.value) most = { layer, value };
  }
  return [least, most];
}

function spreadData({ quantiles, std }: RoleDepth): ChartData {
  return {
    heads: ['Layer', 'σ', ...QUANTILE_LEVELS.map((level) => `${formatNumber(level * 100)} %`)],
    rows: Array.from(std, (value, layer) => [layer, value, ...quantiles.map((own) => own[layer] ?? NaN)]),
  };
}

const outlierData = ({ beyond3 }: RoleDepth): ChartData => ({
  heads: ['Layer', '% beyond 3σ'],
  rows: Array.from(beyond3, (share, layer) => [layer, share * 100]),
});
