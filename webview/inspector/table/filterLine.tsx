// The filter line: the filter, how much is left, and the menu of the table.
import { formatBytes, formatCount, plural } from '../../../src/core/base/units.ts';
import { FilterField } from '../../shared/filter/filterField.tsx';
import { FilterHelp } from '../../shared/filter/filterHelp.tsx';
import { prepareFilter } from '../../shared/filter/filterRows.ts';
import { Icon } from '../../shared/icon.tsx';
import { hoverOpen } from '../hover.ts';
import { ANALYSIS_KEYS } from './analysisFilter.ts';
import type { OpenMenu } from './tableMenu.tsx';
import type { TableModel } from './tableModel.ts';

/** The page puts the focus here on `/`, Ctrl+F and when the host asks. */
const FILTER_INPUT = 'tensor-filter';

interface Props {
  readonly table: TableModel;
  readonly openMenu: OpenMenu;
  focusTable(): void;
}

export function FilterLine({ table, openMenu, focusTable }: Props) {
  return (
    <div class="filter-line">
      <FilterField
        id={FILTER_INPUT}
        label="Filter tensors"
        placeholder="Filter by name, or  type:q6_k  layer:0-7  bpw>5"
        text={table.state.filter.value}
        terms={table.terms.value}
        help={<FilterHelp caption="Of the analysis, when it has run:" keys={ANALYSIS_KEYS} />}
        onText={table.setFilter}
        onFocus={() => prepareFilter(table.state.rows.peek())}
        onLeave={focusTable}
        keepsText={() => hoverOpen.peek()}
      />
      <div class="filter-count">
        {/* Not read aloud while it counts: the progress tells how far it is. */}
        <span role="status" aria-live={table.analyzed.value.isRunning ? 'off' : 'polite'}>
          {countText(table)}
        </span>
        {table.order.isStale.value && (
          <button
            type="button"
            class="link-button"
            title="The rows keep their order while results come"
            onClick={() => table.order.sortAgain()}
          >
            Sort again
          </button>
        )}
      </div>
      <button
        type="button"
        class="icon-button"
        title="Copy rows, choose columns"
        aria-label="Copy rows, choose columns"
        aria-haspopup="menu"
        onClick={(event) => {
          const { right, bottom } = event.currentTarget.getBoundingClientRect();
          openMenu({ x: right, y: bottom, target: event.currentTarget });
        }}
      >
        <Icon name="ellipsis" />
      </button>
    </div>
  );
}

/** "291 tensors", "10 of 291 · 258.05 MB", "192 of 291 analyzed", "191 of 291 tensors readable", "8,192 of 60,000 tensors read". */
function countText({ state, filtered, analyzed }: TableModel): string {
  const rows = state.rows.value;
  const { matches, count, bytes } = filtered.value;
  if (matches !== null && count === 0) return `0 of ${formatCount(rows.total)}`;
  if (matches !== null) return `${formatCount(count)} of ${formatCount(rows.total)} · ${formatBytes(bytes)}`;
  if (rows.count < rows.total) return `${formatCount(rows.count)} of ${plural(rows.total, 'tensor')} read`;
  const analysis = state.analysis.value;
  if (analyzed.value.isRunning && analysis !== null)
    return `${formatCount(analysis.tensorsDone)} of ${formatCount(analysis.tensorCount)} analyzed`;
  let whole = 0;
  for (const tensorState of rows.state) if (tensorState === 0) whole += 1;
  return whole < rows.total
    ? `${formatCount(whole)} of ${plural(rows.total, 'tensor')} readable`
    : plural(rows.total, 'tensor');
}
