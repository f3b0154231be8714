// The context: a slider over all sizes that make sense, with what the model was trained for marked, and a field for any number.
import { formatCount, plural } from '../../src/core/base/units.ts';
import type { PlanBasis } from '../../src/protocol/planner.ts';
import { shortCount } from '../../src/core/plan/verdict.ts';
import { contextStops, labelledStops } from './contextStops.ts';
import { NumberField, Range } from './field.tsx';
import { change, type PlannerState, type RunSettings } from './state.ts';
import './contextSlider.css';

/** llama.cpp rounds up to a multiple of it. */
const LEAST_CONTEXT = 256;
/** More than any model was trained for, by far. */
const MAX_CONTEXT = 2 ** 27;

interface Props {
  readonly state: PlannerState;
  readonly basis: PlanBasis;
  readonly settings: RunSettings;
}

export function ContextSlider({ state, basis, settings }: Props) {
  const { contextTokens, sequences } = settings;
  const { contextTrained } = basis.shape;
  const stops = contextStops(contextTrained, contextTokens);
  const last = stops.length - 1;
  const share = (stop: number): number => (last === 0 ? 0 : stops.indexOf(stop) / last);
  const set = (tokens: number): void => change(state, { contextTokens: tokens });
  const isMarked = contextTrained !== null && stops.includes(contextTrained);
  return (
    <section class="context" aria-label="Context">
      <div class="context-head">
        <NumberField
          label={sequences > 1 ? `Context of each of ${formatCount(sequences)} sequences` : 'Context'}
          title="Tokens that a sequence has room for: prompt, documents and answer together. llama.cpp: -c"
          value={contextTokens}
          least={LEAST_CONTEXT}
          most={MAX_CONTEXT}
          step={LEAST_CONTEXT}
          onValue={set}
        />
      </div>
      <Range
        label="Context"
        value={stops.indexOf(contextTokens)}
        least={0}
        most={last}
        text={plural(contextTokens, 'token')}
        onValue={(index) => set(stops[index] ?? contextTokens)}
      />
      <div class="context-scale" aria-hidden="true">
        {labelledStops(stops)
          .filter((stop) => stop !== contextTrained)
          .map((stop) => (
            <span key={stop} class="stop" style={{ left: `${share(stop) * 100}%` }}>
              {shortCount(stop)}
            </span>
          ))}
        {isMarked && (
          <span
            class={share(contextTrained) > 0.5 ? 'trained at-right' : 'trained'}
            style={{ left: `${share(contextTrained) * 100}%` }}
          >
            trained for {shortCount(contextTrained)}
          </span>
        )}
      </div>
    </section>
  );
}
