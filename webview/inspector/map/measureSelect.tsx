// What the colors of the map stand for: chosen from a list, in which what needs the analysis says so until it ran.
import { Icon } from '../../shared/icon.tsx';
import type { InspectorState, MapMeasure } from '../state.ts';
import { hasAnalysis, MEASURES, needsAnalysis, shownMeasure } from './mapMeasures.ts';

const ORDER = Object.keys(MEASURES) as readonly MapMeasure[];

/** The browser's own list: its keyboard, its typing ahead and its words for screen readers. */
export function MeasureSelect({ state }: { readonly state: InspectorState }) {
  const analyzed = hasAnalysis(state);
  const shown = shownMeasure(state);
  return (
    <label class="map-measure">
      <span class="muted">Color</span>
      <select
        value={shown}
        onChange={({ currentTarget }) => {
          const chosen = ORDER.find((measure) => measure === currentTarget.value);
          if (chosen !== undefined) state.mapMeasure.value = chosen;
        }}
      >
        {ORDER.map((measure) => {
          const waits = needsAnalysis(measure) && !analyzed;
          return (
            <option key={measure} value={measure} disabled={waits} selected={measure === shown}>
              {MEASURES[measure].name}
              {waits && ' (after analysis)'}
            </option>
          );
        })}
      </select>
      <Icon name="chevron-down" />
    </label>
  );
}
