// The table of the plan: the filter line, and under it what every tensor would become.
import '../../shared/table/table.css';
import './planTable.css';
import { useSignalEffect } from '@preact/signals';
import { useMemo, useRef } from 'preact/hooks';
import { formatBytes, formatCount, plural } from '../../../src/core/base/units.ts';
import type { ModelView } from '../../../src/protocol/modelView.ts';
import { FilterField } from '../../shared/filter/filterField.tsx';
import { FilterHelp } from '../../shared/filter/filterHelp.tsx';
import { prepareFilter } from '../../shared/filter/filterRows.ts';
import { hoverOpen } from '../hover/target.ts';
import { countOverrides } from '../overrides.ts';
import { selectAll, type RequantizeState } from '../state.ts';
import { PLAN_KEYS } from './planFilter.ts';
import { PlanGrid } from './planGrid.tsx';
import { createPlanTable, type PlanTable as Table } from './tableModel.ts';

/** The page puts the focus here on `/` and Ctrl+F. */
export const FILTER_INPUT = 'plan-filter';

interface Props {
  readonly state: RequantizeState;
  readonly model: ModelView;
}

export function PlanTable({ state, model }: Props) {
  const table = useMemo(() => createPlanTable(state), [state]);
  const root = useRef<HTMLElement>(null);
  useSignalEffect(() => void (state.matches.value = table.filtered.value.matches));
  const { matches, count } = table.filtered.value;
  const focusTable = (): void => root.current?.querySelector<HTMLElement>('.table')?.focus();
  return (
    <section ref={root} class="layer-table plan-table" aria-label="Plan, tensor by tensor">
      <div class="filter-line">
        <FilterField
          id={FILTER_INPUT}
          label="Filter tensors"
          placeholder="Filter by name, or  type:q6_k  layer:0-7  why:override  sqnr<20"
          text={state.filter.value}
          terms={table.terms.value}
          help={<FilterHelp caption="Of the plan; type, bpw and size are those planned:" keys={PLAN_KEYS} />}
          onText={table.setFilter}
          onFocus={() => prepareFilter(state.rows.peek())}
          onLeave={focusTable}
          keepsText={() => hoverOpen.peek()}
        />
        <div class="filter-count">
          <span role="status">{countText(table)}</span>
          {matches !== null && count > 0 && (
            <button
              type="button"
              class="link-button"
              title="Select what the filter shows (Ctrl+A in the table)"
              onClick={() => selectAll(state)}
            >
              Select
            </button>
          )}
          {table.isStale.value && (
            <button
              type="button"
              class="link-button"
              title="The rows keep their order while predictions come"
              onClick={() => table.sortAgain()}
            >
              Sort again
            </button>
          )}
        </div>
      </div>
      <PlanGrid table={table} model={model} />
      {table.lines.value.length === 0 && state.rows.value.count > 0 && (
        <div class="no-match">
          No tensor matches.{' '}
          <button type="button" class="link-button" onClick={() => table.setFilter('')}>
            Clear filter
          </button>
        </div>
      )}
    </section>
  );
}

/** "291 tensors · 2 overrides", "10 of 291 · 258.05 MB" */
function countText({ state, filtered }: Table): string {
  const { matches, count, bytes } = filtered.value;
  const total = state.rows.value.count;
  if (matches !== null)
    return `${formatCount(count)} of ${formatCount(total)}${count === 0 ? '' : ` · ${formatBytes(bytes)}`}`;
  const overrides = countOverrides(state.draft.value.overrides);
  return overrides === 0
    ? plural(total, 'tensor')
    : `${plural(total, 'tensor')} · ${plural(overrides, 'override')}`;
}
