// What was measured, or is being measured: figures at the left, the curve at the right, and below what they depend on.
import './result.css';
import type { MeasurementView, QualityView, RunView } from '../../src/protocol/quality.ts';
import { deviceText, differenceText, natText } from '../../src/protocol/qualityWords.ts';
import { Button, IconButton } from '../shared/controls.tsx';
import { Icon } from '../shared/icon.tsx';
import { copyText } from '../shared/link.ts';
import { conditionsOf, figuresOf, perplexityText, verdictOf, type Figure } from './figures.ts';
import { CurveChart } from './run/curveChart.tsx';
import type { QualityState } from './state.ts';

interface RunProps {
  readonly state: QualityState;
  readonly view: QualityView;
  readonly run: RunView & { readonly state: 'running' };
}

export function RunResult({ state, view, run }: RunProps) {
  const curve = state.curves.value.get(run.id);
  return (
    <section class="result" aria-label="Measurement so far">
      <div class="result-words">
        <div class="section-title">
          <h2>So far</h2>
          <span class="finding">{run.text}</span>
        </div>
        <Figures figures={runFigures(run)} />
        <Notes notes={run.device.notes} />
        <p class="muted small">On {deviceText(run.device)}.</p>
      </div>
      <div class="result-curve">
        {curve !== undefined && (
          <CurveChart
            state={state}
            curve={curve}
            modelLabel={view.model.shortLabel}
            baseLabel={run.against ?? ''}
          />
        )}
      </div>
    </section>
  );
}

function runFigures({ score, base, meanKl, against }: RunProps['run']): Figure[] {
  const figure = (name: string, value: string, meaning: string): Figure => ({
    ...{ name, value, meaning },
    ...{ note: '', isMain: true },
  });
  return [
    ...(score === null ? [] : [figure('Perplexity', perplexityText(score), 'Of all chunks so far.')]),
    ...(base === null || against === null
      ? []
      : [figure('Of the base', perplexityText(base), `${against} on the same chunks.`)]),
    ...(score === null || base === null
      ? []
      : [
          figure(
            'Difference',
            differenceText({ value: score.perplexity - base.perplexity, error: null }),
            'Its error is known at the end.',
          ),
        ]),
    ...(meanKl === null ? [] : [figure('Mean KL', natText(meanKl), 'In nat, mean of all tokens so far.')]),
  ];
}

interface MeasurementProps {
  readonly state: QualityState;
  readonly measurement: MeasurementView;
}

export function MeasurementResult({ state, measurement }: MeasurementProps) {
  const { id, model, base, fileState, notes, figures } = measurement;
  const curve = state.curves.value.get(id);
  const isOther = model.path !== state.view.value?.model.path;
  const verdict = verdictOf(measurement);
  const heading = verdict ?? '';
  return (
    <section class="result" aria-label="Result">
      <div class="result-words">
        <div class="section-title">
          <h2>Result</h2>
          <span class="finding" title={heading}>
            {heading}
          </span>
        </div>
        {isOther && (
          <p class="of-other">
            Of <ModelLink state={state} measurement={measurement} which="model" text={model.label} />, another
            model on the same text.
          </p>
        )}
        <Figures figures={figuresOf(measurement)} />
        {figures === null && <NoBase state={state} isOther={isOther} />}
        <Notes
          notes={[
            ...(fileState === 'changed' ? ['The file of the model was changed since it was measured.'] : []),
            ...(fileState === 'gone' ? ['The file of the model is no longer there.'] : []),
            ...notes,
          ]}
        />
      </div>
      <div class="result-curve">
        {curve === undefined ? (
          <p class="muted small">
            {measurement.hasCurve ? '' : 'The curve of this measurement was not kept.'}
          </p>
        ) : (
          <CurveChart
            state={state}
            curve={curve}
            modelLabel={model.shortLabel}
            baseLabel={base?.shortLabel ?? ''}
          />
        )}
        <Conditions state={state} measurement={measurement} />
      </div>
    </section>
  );
}

function NoBase({ state, isOther }: { readonly state: QualityState; readonly isOther: boolean }) {
  if (isOther) return null;
  return (
    <div class="no-base">
      <p>
        A perplexity alone does not tell what a quantization changed. Measure it against a base, as the same
        model in F16, and every token is compared.
      </p>
      <Button
        appearance="secondary"
        onClick={() => void state.link.ask.pick({ what: 'base' }).catch(() => undefined)}
      >
        Choose Base…
      </Button>
    </div>
  );
}

function Figures({ figures }: { readonly figures: readonly Figure[] }) {
  return (
    <dl class="figures">
      {figures.map(({ name, value, note, meaning, isMain }) => (
        <div key={name} class={isMain ? 'main' : undefined} title={`${name}: ${meaning}`}>
          <dt>{name}</dt>
          <dd class="value">
            {value}
            {note !== '' && <span class="note">{note}</span>}
          </dd>
          <dd class="meaning">{meaning}</dd>
        </div>
      ))}
    </dl>
  );
}

function Notes({ notes }: { readonly notes: readonly string[] }) {
  if (notes.length === 0) return null;
  return (
    <ul class="notes" aria-label="Notes">
      {notes.map((note) => (
        <li key={note}>
          <Icon name="info" />
          {note}
        </li>
      ))}
    </ul>
  );
}

interface ModelLinkProps extends MeasurementProps {
  readonly which: 'model' | 'base';
  readonly text: string;
}

/** Leads to the measurements of that model. */
function ModelLink({ state, measurement: { id }, which, text }: ModelLinkProps) {
  return (
    <button
      type="button"
      class="link-button cut"
      onClick={() => void state.link.ask.openModel({ id, which, page: 'quality' }).catch(() => undefined)} // the host tells what failed
    >
      {text}
    </button>
  );
}

/** Everything a stranger needs to measure the same. */
function Conditions({ state, measurement }: MeasurementProps) {
  return (
    <dl class="conditions" aria-label="Measured how">
      {conditionsOf(measurement).map(({ name, value, full }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd class={name === 'SHA-256' ? 'mono' : undefined} title={full ?? value}>
            {name === 'Against' ? (
              <ModelLink state={state} measurement={measurement} which="base" text={value} />
            ) : (
              <span class="cut">{value}</span>
            )}
            {name === 'SHA-256' && full !== null && (
              <IconButton icon="copy" label="Copy SHA-256" onClick={() => copyText(state.link, full)} />
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}
