// The bit-width map: layers × roles, a cell per tensor, colored by bits per weight. One canvas draws it, one element takes
// the focus, and a hidden cell tells screen readers where it is.
import './map.css';
import type { ModelView } from '../../../src/protocol/modelView.ts';
import { theme } from '../../shared/theme.ts';
import type { InspectorState } from '../state.ts';
import { measuresOf } from '../table/measures.ts';
import { Legend } from './legend.tsx';
import { AXIS_HEIGHT } from './mapLayout.ts';
import { mapKey } from './mapKeys.ts';
import { useMapView, type MapView } from './mapView.ts';
import { describeCell } from './mapText.ts';

export function BitMap({ state }: { readonly state: InspectorState }) {
  const model = state.model.value;
  return model === null ? null : <ModelMap state={state} model={model} />;
}

/** Px up to which a map is shown whole: as high as that of most models, with one more norm or two. */
const SHORT_MAP = 240;

function ModelMap({ state, model }: { readonly state: InspectorState; readonly model: ModelView }) {
  const view = useMapView(state, model);
  const { width, height } = view.layout.value;
  const cell = view.cursor.value?.box.cell;
  const cellId = cell === undefined ? undefined : `map-cell-${cell.rows[0]}`;
  return (
    <section class="bit-map" aria-label="Bit-width map">
      <div class="map-title">
        <h2>Bit width</h2>
        <HatchedNote view={view} model={model} />
        <Legend model={model} theme={theme.value} />
      </div>
      <div class="map-area">
        <div
          ref={view.scroller}
          class={`map-scroller${height + AXIS_HEIGHT <= SHORT_MAP ? ' short' : ''}`}
          role="grid"
          tabIndex={0}
          aria-label="Bits per weight by layer and role"
          aria-rowcount={-1}
          aria-colcount={-1}
          aria-activedescendant={cellId}
          onScroll={view.onScroll}
          onFocus={({ currentTarget }) => (view.isFocused.value = currentTarget.matches(':focus-visible'))}
          onBlur={() => (view.isFocused.value = false)}
          onKeyDown={(event) => {
            if (mapKey(event, state, view)) event.preventDefault();
          }}
          onPointerMove={view.onPointerMove}
          onPointerLeave={view.onPointerLeave}
          onClick={view.onClick}
        >
          <div style={{ width: `${width}px`, height: `${height + AXIS_HEIGHT}px` }}>
            {cell !== undefined && (
              <div role="row" class="unseen">
                <div role="gridcell" id={cellId} aria-selected={cell.rows.includes(state.selected.value)}>
                  {describeCell(model, cell, measuresOf(model, state.rows.value).wholeBytes)}
                </div>
              </div>
            )}
          </div>
        </div>
        <canvas ref={view.canvas} aria-hidden="true" />
      </div>
    </section>
  );
}

/** What the hatched cells are, when there are any. */
function HatchedNote({ view, model }: { readonly view: MapView; readonly model: ModelView }) {
  const cells = view.layout.value.boxes.map(({ cell }) => cell);
  const reasons = [
    cells.some(({ absent }) => absent) ? 'not in the file' : '',
    model.types.some(({ bitsPerWeight }) => bitsPerWeight === null) ? 'unknown type' : '',
  ].filter((reason) => reason !== '');
  if (reasons.length === 0) return null;
  return (
    <span class="hatched-note">
      <i />
      {reasons.join(', ')}
    </span>
  );
}
