// The edge between map and table and the panel beside them: dragged or moved by arrow keys, it makes the panel wider.
import { useRef } from 'preact/hooks';
import { MIN_PANEL_WIDTH } from '../preferences.ts';
import { DEFAULT_PREFERENCES, type InspectorState } from '../state.ts';

/** Px of one press of an arrow key. */
const KEY_STEP = 20;
/** What map and table keep. */
const LEAST_BESIDE = 460;

export function PanelEdge({ state }: { readonly state: InspectorState }) {
  const edge = useRef<HTMLDivElement>(null);
  const width = state.panelWidth.value;
  const mostOf = (): number => {
    const all = edge.current?.closest('.layers')?.clientWidth ?? Infinity;
    return Math.max(MIN_PANEL_WIDTH, all - LEAST_BESIDE);
  };
  const set = (next: number): void => {
    state.panelWidth.value = Math.round(Math.max(MIN_PANEL_WIDTH, Math.min(mostOf(), next)));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const to = {
      ArrowLeft: width + KEY_STEP,
      ArrowRight: width - KEY_STEP,
      Home: MIN_PANEL_WIDTH,
      End: mostOf(),
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    set(to);
  };
  return (
    <div
      ref={edge}
      role="separator"
      class="panel-edge"
      tabIndex={0}
      aria-orientation="vertical"
      aria-label="Width of the panel"
      aria-valuenow={width}
      aria-valuemin={MIN_PANEL_WIDTH}
      aria-valuetext={`${width} pixels`}
      title="Drag to resize; a double click resets it"
      onKeyDown={onKeyDown}
      onDblClick={() => set(DEFAULT_PREFERENCES.panelWidth)}
      onPointerDown={(event) => {
        if (event.button === 0) event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={({ currentTarget, pointerId, clientX }) => {
        if (!currentTarget.hasPointerCapture(pointerId)) return;
        const right = currentTarget.parentElement?.getBoundingClientRect().right ?? 0;
        set(right - clientX);
      }}
    />
  );
}
