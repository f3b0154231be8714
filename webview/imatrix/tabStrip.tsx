// The tabs of the page, and at their right end what one can do with the file.
import type { ImatrixCommand, ImatrixView } from '../../src/protocol/imatrixView.ts';
import { csvOf } from '../shared/charts/chartTable.tsx';
import { Icon } from '../shared/icon.tsx';
import { copyText } from '../shared/link.ts';
import { MenuButton } from '../shared/menu.tsx';
import type { ImatrixState, Tab } from './state.ts';
import { columnsFor } from './table/columns.ts';

export const tabId = (tab: Tab): string => `tab-${tab}`;
export const panelId = (tab: Tab): string => `panel-${tab}`;

const TITLES: readonly { readonly id: Tab; readonly title: string }[] = [
  { id: 'tensors', title: 'Tensors' },
  { id: 'depth', title: 'Depth' },
];

export function TabStrip({ state, view }: { readonly state: ImatrixState; readonly view: ImatrixView }) {
  const shown = state.tab.value;
  const onKeyDown = (event: KeyboardEvent): void => {
    const at = TITLES.findIndex(({ id }) => id === shown);
    const isMove = ['ArrowRight', 'ArrowLeft', 'Home', 'End'].includes(event.key);
    if (!isMove) return;
    event.preventDefault();
    const to = event.key === 'Home' ? 0 : event.key === 'End' ? TITLES.length - 1 : (at + 1) % TITLES.length;
    const next = TITLES[to]?.id ?? shown;
    state.tab.value = next;
    document.getElementById(tabId(next))?.focus();
  };
  return (
    <nav class="tab-strip" aria-label="Views of the importance matrix">
      <div role="tablist" class="tabs" aria-label="Views of the importance matrix" onKeyDown={onKeyDown}>
        {TITLES.map(({ id, title }) => (
          <button
            key={id}
            type="button"
            role="tab"
            id={tabId(id)}
            aria-selected={id === shown}
            aria-controls={id === shown ? panelId(id) : undefined}
            tabIndex={id === shown ? 0 : -1}
            onClick={() => (state.tab.value = id)}
          >
            {title}
          </button>
        ))}
      </div>
      <Actions state={state} view={view} />
    </nav>
  );
}

function Actions({ state, view }: { readonly state: ImatrixState; readonly view: ImatrixView }) {
  const run = (command: ImatrixCommand) => (): void => {
    state.link.ask.run({ command }).catch(() => undefined); // the host tells the user what failed
  };
  const stem = view.fileName.replace(/\.(gguf|dat|imatrix)$/i, '');
  const save = (): void => {
    const bytes = new TextEncoder().encode(tableCsv(state));
    state.link.ask.saveFile({ name: `${stem}.csv`, bytes }).catch(() => undefined); // the host tells what failed
  };
  return (
    <div class="actions">
      <MenuButton
        label="Export"
        items={[
          { label: 'Copy Table as CSV', run: () => copyText(state.link, tableCsv(state)) },
          { label: 'Save Table as CSV…', run: save },
        ]}
      >
        <Icon name="export" />
        <span class="wide-only">Export</span>
        <Icon name="chevron-down" />
      </MenuButton>
      <MenuButton
        label="More actions"
        items={[
          ...(view.format === 'gguf'
            ? [{ label: 'Show Tensors and Metadata', run: run('showTensors') }]
            : []),
          { label: 'Reopen as hex', run: run('reopenAsHex') },
          { label: 'Reveal in Explorer', run: run('revealInExplorer') },
        ]}
      >
        <Icon name="ellipsis" />
      </MenuButton>
    </div>
  );
}

/** What the table shows, in its order, with all digits. */
function tableCsv(state: ImatrixState): string {
  const rows = state.rows.peek();
  const columns = columnsFor(rows);
  return csvOf({
    heads: [...columns.map(({ title }) => title), 'Channel'],
    rows: [...state.shown.peek()].map((row) => [
      ...columns.map(({ id, value, text }) => {
        const number = value(rows, row);
        return id === 'name' || Number.isNaN(number) ? text(rows, row) : number;
      }),
      rows.numbers.topChannel[row] ?? -1,
    ]),
  });
}
