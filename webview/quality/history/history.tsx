// All measurements that are kept: the plot of those that can be compared, and the table.
import './history.css';
import { plural } from '../../../src/core/base/units.ts';
import type { ExportFormat, QualityView } from '../../../src/protocol/quality.ts';
import { Button } from '../../shared/controls.tsx';
import { Icon } from '../../shared/icon.tsx';
import { MenuButton } from '../../shared/menu.tsx';
import type { QualityState } from '../state.ts';
import { BitsChart } from './bitsChart.tsx';
import { HistoryTable } from './historyTable.tsx';
import { chosenRows } from './historyRows.ts';

interface Props {
  readonly state: QualityState;
  readonly view: QualityView;
}

export function History({ state, view }: Props) {
  const { measurements, removed } = view;
  if (measurements.length === 0 && removed === 0) return null;
  const shown = state.shown.value;
  const shownId = shown?.kind === 'measurement' ? shown.measurement.id : '';
  const { toRemove, toExport } = chosenRows(view, state.ticked.value, shownId);
  const remove = (): void => {
    state.ticked.value = new Set();
    if (toRemove.includes(state.chosen.value)) state.chosen.value = '';
    state.link.ask.remove({ ids: toRemove }).catch((error: Error) => (state.failure.value = error.message));
  };
  const ticked = state.ticked.value.size;
  return (
    <section class="history" aria-labelledby="history-title">
      <div class="section-title">
        <h2 id="history-title">Measurements</h2>
        <span class="finding">
          {ticked > 0
            ? `${plural(ticked, 'measurement')} selected`
            : 'Only what stands in one group can be compared'}
        </span>
        <span class="section-actions">
          {removed > 0 && (
            <>
              <span class="muted" role="status">
                {plural(removed, 'measurement')} removed
              </span>
              <Button
                appearance="secondary"
                onClick={() => void state.link.ask.undoRemove(null).catch(() => undefined)}
              >
                Undo
              </Button>
            </>
          )}
          <button
            type="button"
            class="action"
            disabled={toRemove.length === 0}
            title={removeTitle(toRemove.length, ticked)}
            onClick={remove}
          >
            <Icon name="close" />
            Remove
          </button>
          <MenuButton label="Export…" items={exportItems(state, toExport)}>
            <Icon name="export" />
            Export…
            <Icon name="chevron-down" />
          </MenuButton>
        </span>
      </div>
      {measurements.length > 0 && (
        <div class="history-parts">
          <BitsChart state={state} view={view} />
          <HistoryTable state={state} view={view} remove={remove} />
        </div>
      )}
    </section>
  );
}

function removeTitle(count: number, ticked: number): string {
  if (count === 0)
    return ticked > 0 ? 'Measurements of other models are removed on their own pages' : 'Remove';
  return ticked > 0
    ? `Remove ${plural(count, 'selected measurement')}`
    : 'Remove the measurement that is shown';
}

const FORMATS: readonly { readonly format: ExportFormat; readonly name: string }[] = [
  { format: 'markdown', name: 'Markdown' },
  { format: 'csv', name: 'CSV' },
  { format: 'json', name: 'JSON' },
];

function exportItems({ link }: QualityState, ids: readonly string[]) {
  const items = (['clipboard', 'file'] as const).flatMap((to) =>
    FORMATS.map(({ format, name }, at) => ({
      label: to === 'clipboard' ? `Copy as ${name}` : `Save as ${name}…`,
      separated: to === 'file' && at === 0,
      run: () => void link.ask.export({ ids, format, to }).catch(() => undefined), // the host tells what failed
    })),
  );
  return items;
}
