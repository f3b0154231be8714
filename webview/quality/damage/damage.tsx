// The text colored by damage, beside it the tokens that suffered most.
import './damage.css';
import type { MeasurementView } from '../../../src/protocol/quality.ts';
import { formatCount, plural } from '../../../src/core/base/units.ts';
import { outlierColor } from '../../shared/colors.ts';
import { theme } from '../../shared/theme.ts';
import type { DamageMeasure, QualityState } from '../state.ts';
import { DAMAGE_SCALES, damagePosition } from './damageColors.ts';
import { pairLabels } from '../figures.ts';
import { TextView } from './textView.tsx';
import { detailShown } from './worst.ts';
import { WorstTable } from './worstTable.tsx';

interface Props {
  readonly state: QualityState;
  readonly measurement: MeasurementView;
}

export function Damage({ state, measurement }: Props) {
  const { figures, hasDamage, base } = measurement;
  if (figures === null || base === null) return null;
  const names = pairLabels(measurement.model.shortLabel, base.shortLabel);
  const detail = detailShown(state);
  const finding = hasDamage
    ? detail === null
      ? ''
      : `${plural(detail.tokenCount, 'token')}, ${formatCount(detail.scoredCount)} of them scored`
    : 'The text is kept of the last comparisons only: measure again to see it.';
  return (
    <section class="damage-section" aria-labelledby="damage-title">
      <div class="section-title">
        <h2 id="damage-title">Damage in the text</h2>
        <span class="finding" title={finding}>
          {finding}
        </span>
        {hasDamage && (
          <span class="section-actions">
            <Legend measure={state.measure.value} />
            <MeasureSwitch state={state} />
          </span>
        )}
      </div>
      {hasDamage && (
        <div class="damage">
          <TextView state={state} modelLabel={names.model} baseLabel={names.base} />
          <WorstTable state={state} />
        </div>
      )}
    </section>
  );
}

const MEASURES: readonly { readonly id: DamageMeasure; readonly name: string; readonly meaning: string }[] = [
  { id: 'kl', name: 'KL', meaning: 'How far the expectation is from the base’s, in nat' },
  {
    id: 'lost',
    name: 'Δ −ln p',
    meaning: 'How much less likely the model found the token than its base, in nat',
  },
];

function MeasureSwitch({ state }: { readonly state: QualityState }) {
  const choose = (id: DamageMeasure): void => void (state.measure.value = id);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (!event.key.startsWith('Arrow')) return;
    event.preventDefault();
    const at = MEASURES.findIndex(({ id }) => id === state.measure.peek());
    const next = (at + 1) % MEASURES.length;
    choose(MEASURES[next]?.id ?? 'kl');
    (event.currentTarget as HTMLElement).querySelectorAll('button')[next]?.focus();
  };
  return (
    <span class="segments" role="radiogroup" aria-label="Color of the text" onKeyDown={onKeyDown}>
      {MEASURES.map(({ id, name, meaning }) => (
        <button
          key={id}
          type="button"
          role="radio"
          aria-checked={state.measure.value === id}
          tabIndex={state.measure.value === id ? 0 : -1}
          title={meaning}
          onClick={() => choose(id)}
        >
          {name}
        </button>
      ))}
    </span>
  );
}

const STEPS = 24;

function Legend({ measure }: { readonly measure: DamageMeasure }) {
  const scale = DAMAGE_SCALES[measure];
  return (
    <span class="legend">
      <span class="legend-word muted">nat</span>
      <span
        class="legend-scale"
        role="img"
        aria-label={`Colors from ${scale.low} to ${scale.high} nat and more`}
      >
        <span class="legend-bar">
          {Array.from({ length: STEPS }, (_, step) => (
            <span key={step} style={{ background: outlierColor(theme.value, step / (STEPS - 1)) }} />
          ))}
        </span>
        {scale.ticks.map((tick) => (
          <span
            key={tick}
            class="legend-tick"
            style={{ left: `${(damagePosition(scale, tick) ?? 0) * 100}%` }}
          >
            {tick}
          </span>
        ))}
      </span>
      <span class="legend-word unscored" title="The first half of every chunk is only context">
        not scored
      </span>
    </span>
  );
}
