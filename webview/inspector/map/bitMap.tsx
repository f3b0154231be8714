// The bit-width map: layers × roles, a cell per tensor, colored by bits per weight or another measure. One canvas draws it, one element takes
// the focus, and a hidden cell tells screen readers where it is.
import '../../shared/map/map.css';
import type { ModelView } from '../../../src/protocol/modelView.ts';
import { theme } from '../../shared/theme.ts';
import type { InspectorState, MapMeasure } from '../state.ts';
import { measuresOf } from '../../shared/tensors/measures.ts';
import type { StatSum } from '../table/statSums.ts';
import { Legend } from '../../shared/map/legend.tsx';
import { AXIS_HEIGHT } from '../../shared/map/mapLayout.ts';
import { MEASURES } from './mapMeasures.ts';
import { mapKey } from './mapKeys.ts';
import { MeasureSelect } from './measureSelect.tsx';
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
  const { measure, scale } = view.shown.value;
  const { title, name, caption } = MEASURES[measure];
  const cell = view.cursor.value?.box.cell;
  const cellId = cell === undefined ? undefined : `map-cell-${cell.rows[0]}`;
  return (
    <section class="bit-map" aria-label="Bit-width map">
      <div class="map-title">
        <h2>{title}</h2>
        <MeasureSelect state={state} />
        <HatchedNote view={view} model={model} />
        <Legend name={name} caption={caption} scale={scale} theme={theme.value} />
      </div>
      <div class="map-area">
        <div
          ref={view.scroller}
          class={`map-scroller${height + AXIS_HEIGHT <= SHORT_MAP ? ' short' : ''}`}
          role="grid"
          tabIndex={0}
          aria-label={`${name[0]?.toUpperCase()}${name.slice(1)} by layer and role`}
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
                  {describeCell(
                    model,
                    cell,
                    measuresOf(model, state.rows.value).wholeBytes,
                    view.shown.value,
                  )}
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
  const { measure, readings } = view.shown.value;
  const { boxes } = view.layout.value;
  const reasons = new Set<string>();
  if (boxes.some(({ cell }) => cell.absent && !cell.invalid)) reasons.add('not in the file');
  if (boxes.some(({ cell }) => cell.invalid)) reasons.add('invalid');
  if (model.types.some(({ bitsPerWeight }) => bitsPerWeight === null)) reasons.add('unknown type');
  const nothing = NOTHING_OF_THE_KIND[measure];
  if (nothing !== undefined && boxes.some((box) => !box.isThin && isNone(readings(box.cell))))
    reasons.add(nothing);
  if (reasons.size === 0) return null;
  return (
    <span class="hatched-note">
      <i />
      {[...reasons].join(', ')}
    </span>
  );
}

const NOTHING_OF_THE_KIND: Readonly<Partial<Record<MapMeasure, string>>> = {
  scaleRange: 'no scales',
  entropy: 'no codes',
};
const isNone = ({ value, known }: StatSum): boolean => known === 'exact' && Number.isNaN(value);
