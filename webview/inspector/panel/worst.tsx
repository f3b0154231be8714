// The third tab: the weights furthest from the mean, one line each; a click or Enter shows one in its block.
import './worst.css';
import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { formatCount, formatFixed } from '../../../src/core/base/units.ts';
import type { ModelView } from '../../../src/protocol/modelView.ts';
import type { TensorStatsView } from '../../../src/protocol/tensorStats.ts';
import { csvOf } from '../../shared/charts/chartTable.tsx';
import { Icon } from '../../shared/icon.tsx';
import { copyText } from '../../shared/link.ts';
import { MenuButton } from '../../shared/menu.tsx';
import type { InspectorState } from '../state.ts';
import { inOutDims } from '../../shared/tensors/shape.ts';
import { Notice } from './notices.tsx';
import { pinnedWeight, placeOfWeight } from './pinned.ts';
import {
  FURTHEST_FIRST,
  nextSort,
  repeatsOf,
  sortWorst,
  worstFinding,
  type WorstColumn,
  type WorstLine,
  type WorstSort,
  valueFormat,
} from './worstOrder.ts';

interface Props {
  readonly state: InspectorState;
  readonly model: ModelView;
  readonly row: number;
  readonly stats: TensorStatsView;
}

const HEADS: readonly { readonly column: WorstColumn; readonly title: string; readonly help: string }[] = [
  { column: 'value', title: 'Value', help: 'The weight' },
  { column: 'sigmas', title: 'σ', help: 'Distance from the mean in standard deviations' },
  { column: 'row', title: 'Row', help: 'The output it belongs to' },
  { column: 'column', title: 'Column', help: 'The input channel it is multiplied with' },
  { column: 'expert', title: 'Expert', help: 'The expert it belongs to' },
  { column: 'block', title: 'Block', help: 'Where it is shown with its bytes' },
];

export function Worst({ state, model, row, stats }: Props) {
  const { worst, summary, unavailable, share } = stats;
  if (unavailable !== null) return <Notice icon="warning" text={unavailable} />;
  if (worst === null || worst.length === 0)
    return <p class="muted">{whyNone(share, summary?.std ?? null)}</p>;
  const rows = state.rows.value;
  const dims = inOutDims(model, rows, row);
  const blockWeights = model.types[rows.type[row] ?? 0]?.block?.weights ?? 1;
  const lines = worst.map((weight) => ({ ...weight, ...placeOfWeight(weight, dims, blockWeights) }));
  return <WorstTable key={stats.name} state={state} stats={stats} lines={lines} />;
}

function whyNone(share: number, std: number | null): string {
  if (share < 1) return 'The furthest weights are known when all rows have been read.';
  return std === 0 ? 'All weights are the same: none stands out.' : 'No weight stands out.';
}

function WorstTable({
  state,
  stats,
  lines,
}: {
  readonly state: InspectorState;
  readonly stats: TensorStatsView;
  readonly lines: readonly WorstLine[];
}) {
  const sort = useSignal<WorstSort>(FURTHEST_FIRST);
  const cursor = useSignal(0);
  const body = useRef<HTMLTableSectionElement>(null);
  const repeats = repeatsOf(lines);
  const format = valueFormat(lines.map(({ value }) => value));
  const heads = HEADS.filter(({ column }) => column !== 'expert' || lines.some(({ expert }) => expert >= 0));
  const sorted = sortWorst(lines, sort.value);
  const open = ({ block, index }: WorstLine): void => {
    pinnedWeight.value = { tensor: stats.name, block, index };
    state.block.value = block;
    state.panelTab.value = 'blocks';
    setTimeout(() => document.getElementById('tensor-tab-blocks')?.focus()); // when the tab is drawn
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const line = sorted[cursor.peek()];
    const to = { ArrowDown: cursor.peek() + 1, ArrowUp: cursor.peek() - 1, Home: 0, End: sorted.length - 1 }[
      event.key
    ];
    if (event.key === 'Enter' && line !== undefined) open(line);
    else if (to === undefined) return;
    else {
      cursor.value = Math.max(0, Math.min(sorted.length - 1, to));
      body.current?.querySelectorAll('tr')[cursor.value]?.focus();
    }
    event.preventDefault();
    event.stopPropagation(); // up and down would go to another tensor
  };
  const copy = (): void => {
    const columns = heads.map(({ column }) => column);
    copyText(
      state.link,
      csvOf({ heads: columns, rows: sorted.map((line) => columns.map((column) => line[column])) }),
    );
  };
  return (
    <section class="chart" aria-label="Worst outliers">
      <div class="chart-title">
        <h3>Worst outliers</h3>
        <span class="finding" title={worstFinding(lines)}>
          {worstFinding(lines)}
        </span>
        <span class="switches">
          <MenuButton label="Export worst outliers" items={[{ label: 'Copy Data as CSV', run: copy }]}>
            <Icon name="ellipsis" />
          </MenuButton>
        </span>
      </div>
      <table role="grid" class="worst" aria-label="Worst outliers">
        <thead>
          <tr>
            {heads.map(({ column, title, help }) => {
              const isSorted = sort.value.column === column;
              const direction = sort.value.descending ? 'descending' : 'ascending';
              return (
                <th key={column} scope="col" aria-sort={isSorted ? direction : undefined}>
                  <button
                    type="button"
                    title={help}
                    onClick={() => {
                      sort.value = nextSort(sort.value, column);
                      cursor.value = 0;
                    }}
                  >
                    {title}
                    {isSorted && <Icon name={sort.value.descending ? 'arrow-down' : 'arrow-up'} />}
                  </button>
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody ref={body} onKeyDown={onKeyDown}>
          {sorted.map((line, at) => (
            <tr
              key={`${line.expert} ${line.row} ${line.column}`}
              tabIndex={at === cursor.value ? 0 : -1}
              title="Show it in its block (Enter)"
              onFocus={() => (cursor.value = at)}
              onClick={() => open(line)}
            >
              {heads.map(({ column }) => (
                <td
                  key={column}
                  role="gridcell"
                  class={
                    repeats.some(({ kind, place }) => kind === column && place === line[column])
                      ? 'repeated'
                      : undefined
                  }
                >
                  {column === 'value' ? format(line.value) : cellText(line, column)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function cellText(line: WorstLine, column: Exclude<WorstColumn, 'value'>): string {
  if (column === 'sigmas') return formatFixed(line.sigmas, 1).replace('-', '−');
  return line[column] < 0 ? '–' : formatCount(line[column]);
}
