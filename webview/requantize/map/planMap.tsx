// The bit-width map of the plan: what every tensor would have. Cells are selected here and given types.
import '../../shared/map/map.css';
import './planMap.css';
import { formatBits, formatBytes, formatPercent, plural } from '../../../src/core/base/units.ts';
import type { ModelView } from '../../../src/protocol/modelView.ts';
import type { RequantizeView } from '../../../src/protocol/requantize.ts';
import { Legend } from '../../shared/map/legend.tsx';
import type { MapCell } from '../../shared/map/mapCells.ts';
import { AXIS_HEIGHT } from '../../shared/map/mapLayout.ts';
import { theme } from '../../shared/theme.ts';
import { BY_RULE } from '../overrides.ts';
import { isLocked, type RequantizeState } from '../state.ts';
import { mapKey } from './mapKeys.ts';
import { usePlanMap } from './planMapView.ts';
import { TypeToolbar } from './typeToolbar.tsx';

interface Props {
  readonly state: RequantizeState;
  readonly view: RequantizeView;
  readonly model: ModelView;
}

/** Px up to which a map is shown whole, as in the inspector. */
const SHORT_MAP = 240;

export function PlanMap({ state, view, model }: Props) {
  const map = usePlanMap(state, model);
  const { width, height } = map.layout.value;
  const cell = map.cursor.value?.box.cell;
  const cellId = cell === undefined ? undefined : `map-cell-${cell.rows[0]}`;
  const hasLeftOut = map.layout.value.boxes.some((box) => box.cell.absent);
  return (
    <section class="bit-map plan-map" aria-label="Planned bit width by layer and role">
      <div class="map-title">
        <h2>{titleOf(state)}</h2>
        {hasLeftOut && (
          <span class="hatched-note">
            <i />
            {state.plan.value === null ? 'not in the file' : 'left out'}
          </span>
        )}
        <Legend
          name="bits per weight"
          caption="bits per weight"
          scale={map.scale.value}
          theme={theme.value}
        />
      </div>
      <div class="map-area">
        <div
          ref={map.scroller}
          class={`map-scroller${height + AXIS_HEIGHT <= SHORT_MAP ? ' short' : ''}`}
          role="grid"
          tabIndex={0}
          aria-label="Planned bit width"
          aria-multiselectable={true}
          aria-rowcount={-1}
          aria-colcount={-1}
          aria-activedescendant={cellId}
          onScroll={map.onScroll}
          onFocus={({ currentTarget }) => (map.isFocused.value = currentTarget.matches(':focus-visible'))}
          onBlur={() => (map.isFocused.value = false)}
          onKeyDown={(event) => {
            if (mapKey(event, state, map)) event.preventDefault();
          }}
          onPointerDown={map.onPointerDown}
          onPointerMove={map.onPointerMove}
          onPointerUp={map.onPointerUp}
          onPointerLeave={map.onPointerLeave}
        >
          <div style={{ width: `${width}px`, height: `${height + AXIS_HEIGHT}px` }}>
            {cell !== undefined && (
              <div role="row" class="unseen">
                <div
                  role="gridcell"
                  id={cellId}
                  aria-selected={cell.rows.some((row) => state.selection.value.has(row))}
                >
                  {describe(state, cell)}
                </div>
              </div>
            )}
          </div>
        </div>
        <canvas ref={map.canvas} aria-hidden="true" />
      </div>
      {!isLocked(state) && <TypeToolbar state={state} view={view} />}
    </section>
  );
}

function titleOf(state: RequantizeState): string {
  if (state.plan.value === null) return 'Bit width now';
  return state.turn.value === null ? 'Planned bit width' : 'Written so far';
}

/** "attn_v, layer 3: Q6_K, 6.56 bits per weight, 3.44 MB, 0.07 % of the file, your override" */
function describe(state: RequantizeState, cell: MapCell): string {
  const { model, rows } = state.planned.value ?? { model: state.model.value, rows: state.rows.value };
  const { overrides } = state.draft.value;
  const type = model?.types[cell.type]?.name ?? '';
  const facts = [cell.rows.length > 1 ? `${plural(cell.rows.length, 'tensor')}, mostly ${type}` : type];
  if (!cell.absent) {
    if (!Number.isNaN(cell.bits)) facts.push(`${formatBits(cell.bits)} bits per weight`);
    if (!Number.isNaN(cell.bytes))
      facts.push(
        formatBytes(cell.bytes),
        `${formatPercent(cell.bytes / (model?.fileBytes ?? NaN))} % of the file`,
      );
  }
  if (cell.rows.some((row) => (overrides[row] ?? BY_RULE) !== BY_RULE)) facts.push('your override');
  return `${cell.title || (rows.names[cell.rows[0] ?? 0] ?? '')}: ${facts.join(', ')}`;
}
