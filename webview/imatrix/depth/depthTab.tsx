// The tab of the charts over depth: one number of every role, from the first layer to the last.
import './depth.css';
import { useMemo } from 'preact/hooks';
import type { ImatrixView } from '../../../src/protocol/imatrixView.ts';
import { Chart, type ChartFrame } from '../../shared/charts/chart.tsx';
import { copyText } from '../../shared/link.ts';
import { StandIn } from '../../shared/standIn.tsx';
import { select, type ImatrixState } from '../state.ts';
import { columnOf, columnsFor, type ColumnId } from '../table/columns.ts';
import { DEPTH_MEASURES, depthsOf, type RoleDepth } from './depthData.ts';
import { depthFinding, depthPlot } from './depthPlot.ts';

interface Props {
  readonly state: ImatrixState;
  readonly view: ImatrixView;
}

export function DepthTab({ state, view }: Props) {
  const rows = state.rows.value;
  const known = new Set(columnsFor(rows).map(({ id }) => id));
  const measures = DEPTH_MEASURES.filter((id) => known.has(id));
  const measure = measures.find((id) => id === state.measure.value) ?? 'entropyShare';
  const depths = useMemo(() => depthsOf(view, rows, measure), [view, rows, measure]);
  if (depths.length === 0)
    return (
      <StandIn icon="info" heading="h2" title="No layers to follow">
        <p>None of the tensors of this file belongs to a numbered layer, so nothing changes with depth.</p>
      </StandIn>
    );
  return (
    <div class="depth">
      <h2 class="unseen">Importance over depth</h2>
      <div class="depth-tools">
        <label>
          <span class="muted">Show</span>{' '}
          <select
            class="expert-select measure"
            value={measure}
            onChange={({ currentTarget }) => (state.measure.value = currentTarget.value as ColumnId)}
          >
            {measures.map((id) => (
              <option key={id} value={id}>
                {columnOf(id)?.title}
              </option>
            ))}
          </select>
        </label>
        <p class="muted">{columnOf(measure)?.meaning}.</p>
        <button
          type="button"
          class="chart-switch"
          aria-pressed={state.asTable.value}
          title="Every chart as a table (t)"
          onClick={() => (state.asTable.value = !state.asTable.peek())}
        >
          Tables
        </button>
      </div>
      <div class="depth-charts">
        {depths.map((depth) => (
          <RoleChart key={depth.label} state={state} view={view} depth={depth} measure={measure} />
        ))}
      </div>
    </div>
  );
}

function RoleChart({
  state,
  view,
  depth,
  measure,
}: Props & { readonly depth: RoleDepth; readonly measure: ColumnId }) {
  const { link } = state;
  const rows = state.rows.value;
  const frame: ChartFrame = {
    subject: `${view.fileName} · ${depth.label}`,
    fileStem: `${view.fileName}.${depth.label}`,
    asTable: state.asTable.value,
    isEstimate: false,
    copy: (csv) => copyText(link, csv),
    save: (name, bytes) => void link.ask.saveFile({ name, bytes }).catch(() => undefined), // told by the host
  };
  const pick = (layer: number): void => {
    const row = depth.rows[layer] ?? -1;
    if (row < 0) return;
    state.filter.value = '';
    state.tab.value = 'tensors';
    select(state, row);
  };
  return (
    <Chart
      {...frame}
      title={depth.label}
      finding={depthFinding(depth, rows, measure)}
      data={() => ({
        heads: ['Layer', columnOf(measure)?.title ?? ''],
        rows: Array.from(depth.values, (value, layer) => [layer, Number.isNaN(value) ? '–' : value]),
      })}
      causes={[depth, rows]}
      plot={(width) => depthPlot(depth, rows, measure, width)}
      pick={pick}
    />
  );
}
