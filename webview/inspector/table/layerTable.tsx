// The layer table: the filter line, and under it the tensors in their groups.
import '../../shared/table/table.css';
import { useSignalEffect } from '@preact/signals';
import { useMemo, useRef } from 'preact/hooks';
import type { InspectorState } from '../state.ts';
import { needsAnalysis } from './analysisFilter.ts';
import { FilterLine } from './filterLine.tsx';
import { TableGrid } from './tableGrid.tsx';
import { createMenu, TableMenu } from './tableMenu.tsx';
import { createTableModel, type TableModel } from './tableModel.ts';

export function LayerTable({ state }: { readonly state: InspectorState }) {
  const table = useMemo(() => createTableModel(state), [state]);
  const menu = useMemo(createMenu, []);
  const root = useRef<HTMLElement>(null);
  const model = state.model.value;
  useSignalEffect(() => void (state.matches.value = table.filtered.value.matches));
  if (model === null) return null;
  const openMenu = (place: NonNullable<typeof menu.value>): void => void (menu.value = place);
  const focusTable = (): void => root.current?.querySelector<HTMLElement>('.table')?.focus();
  return (
    <section ref={root} class="layer-table" aria-label="Tensors">
      <FilterLine table={table} openMenu={openMenu} focusTable={focusTable} />
      <TableGrid table={table} model={model} openMenu={openMenu} />
      {table.lines.value.length === 0 && state.rows.value.count > 0 && <NoMatch table={table} />}
      <TableMenu table={table} place={menu} />
    </section>
  );
}

function NoMatch({ table }: { readonly table: TableModel }) {
  const waits = table.state.stats.value === null && table.terms.value.some(needsAnalysis);
  return (
    <div class="no-match">
      {waits ? 'What the filter asks for is known after the analysis.' : 'No tensor matches.'}{' '}
      <button type="button" class="link-button" onClick={() => table.setFilter('')}>
        Clear filter
      </button>
    </div>
  );
}
