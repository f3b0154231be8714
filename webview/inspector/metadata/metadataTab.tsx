// The metadata: searchable, grouped, every value with its type and meaning. One stop of the keyboard; arrows walk the rows.
import { useMemo, useRef } from 'preact/hooks';
import { formatCount, plural } from '../../../src/core/base/units.ts';
import type { ModelView } from '../../../src/protocol/modelView.ts';
import { SearchField } from '../../shared/controls.tsx';
import type { InspectorState } from '../state.ts';
import { MetadataRow } from './metadataRow.tsx';
import { filterMetadata, groupMetadata } from './groups.ts';
import './metadata.css';

export function MetadataTab({ state, model }: { readonly state: InspectorState; readonly model: ModelView }) {
  const filter = state.metadataFilter.value;
  const entries = useMemo(() => filterMetadata(model.metadata, filter), [model, filter]);
  const groups = useMemo(() => groupMetadata(entries), [entries]);
  const all = plural(model.metadata.length, 'entry', 'entries');
  return (
    <>
      <div class="metadata-tools">
        <SearchField
          label="Filter metadata"
          placeholder="Filter by key or value"
          value={filter}
          onValue={(value) => (state.metadataFilter.value = value)}
        />
        <span class="muted" role="status">
          {entries.length === model.metadata.length ? all : `${formatCount(entries.length)} of ${all}`}
        </span>
      </div>
      {entries.length === 0 ? (
        <p class="nothing">
          {model.metadata.length === 0 ? 'This file has no metadata.' : 'No entry matches; '}
          {model.metadata.length > 0 && (
            <button type="button" class="link" onClick={() => (state.metadataFilter.value = '')}>
              clear filter
            </button>
          )}
        </p>
      ) : (
        <Rows>
          {groups.map(({ title, prefixLength, entries: members }) => (
            <div role="rowgroup" key={title} class="metadata-group">
              <div role="row" class="group-head">
                <span role="gridcell" aria-colspan={3}>
                  <span class="strong">{title}</span>{' '}
                  <span class="muted">{plural(members.length, 'entry', 'entries')}</span>
                </span>
              </div>
              {members.map((entry, index) => (
                <MetadataRow
                  key={`${entry.key} ${index}`}
                  link={state.link}
                  entry={entry}
                  prefixLength={prefixLength}
                />
              ))}
            </div>
          ))}
        </Rows>
      )}
      {model.metadataCount > model.metadata.length && (
        <p class="nothing muted">
          {formatCount(model.metadata.length)} of {formatCount(model.metadataCount)} entries are shown; the
          exported report has all.
        </p>
      )}
    </>
  );
}

const ROW = '.metadata-row';

function Rows({ children }: { readonly children: preact.ComponentChildren }) {
  const element = useRef<HTMLDivElement>(null);
  const onKeyDown = (event: KeyboardEvent): void => {
    const rows = [...(element.current?.querySelectorAll<HTMLElement>(ROW) ?? [])];
    const at = rows.findIndex((row) => row === event.target);
    const goTo: Partial<Record<string, number>> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      Home: 0,
      End: rows.length - 1,
    };
    const next = rows[goTo[event.key] ?? -1];
    if (at < 0 || next === undefined) return;
    event.preventDefault();
    next.focus();
  };
  /** Tab comes back to the row it left. */
  const onFocus = (event: FocusEvent): void => {
    const row = event.target instanceof Element ? event.target.closest<HTMLElement>(ROW) : null;
    if (row === null || event.target !== row) return;
    for (const other of element.current?.querySelectorAll<HTMLElement>(ROW) ?? [])
      other.tabIndex = other === row ? 0 : -1;
  };
  return (
    <div
      ref={(div) => {
        element.current = div;
        const rows = div?.querySelectorAll<HTMLElement>(ROW);
        const first = rows?.[0];
        if (first !== undefined && div?.querySelector(`${ROW}[tabindex="0"]`) === null) first.tabIndex = 0;
      }}
      role="treegrid"
      aria-label="Metadata"
      aria-readonly="true"
      class="metadata-rows"
      onKeyDown={onKeyDown}
      onFocusCapture={onFocus}
    >
      {children}
    </div>
  );
}
