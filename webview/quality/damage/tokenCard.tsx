// What happened at one token: how likely each model found it, and what each expected instead.
import { useSignal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { formatCount } from '../../../src/core/base/units.ts';
import type { TopChoice } from '../../../src/protocol/engine.ts';
import type { WorstToken } from '../../../src/protocol/quality.ts';
import type { QualityState } from '../state.ts';
import type { DamageText } from './damageText.ts';
import { probabilityText, signedNat, tokenSentence, tokenText } from './tokenWords.ts';
import { natText } from '../../../src/protocol/qualityWords.ts';
import { worstShown } from './worst.ts';

/** Px between a token and its card. */
const GAP = 4;

interface Props {
  readonly state: QualityState;
  readonly text: DamageText;
  readonly piece: number;
  readonly frame: RefObject<HTMLDivElement | null>;
  /** Reached by a key, so that it is read aloud. */
  readonly isSpoken: boolean;
  readonly modelLabel: string;
  readonly baseLabel: string;
  /** Its place depends on this too. */
  readonly cause: number;
}

export function TokenCard(props: Props) {
  const { state, text, piece, frame, isSpoken, modelLabel, baseLabel, cause } = props;
  const card = useRef<HTMLDivElement>(null);
  const place = useSignal<{ readonly left: number; readonly top: number } | null>(null);
  useLayoutEffect(() => {
    const token = frame.current?.querySelector(`[data-piece="${piece}"]`)?.getBoundingClientRect();
    const around = frame.current?.getBoundingClientRect();
    const own = card.current?.getBoundingClientRect();
    if (token === undefined || around === undefined || own === undefined) {
      place.value = null;
      return;
    }
    const below = token.bottom - around.top + GAP;
    const fitsBelow = token.bottom + GAP + own.height <= window.innerHeight;
    place.value = {
      left: Math.max(0, Math.min(token.left - around.left, around.width - own.width)),
      top: fitsBelow ? below : token.top - around.top - GAP - own.height,
    };
  }, [piece, text, cause]);
  const worst = worstShown(state);
  const rank = worst.findIndex((one) => one.piece === piece);
  const told = worst[rank];
  const [kl, nll, baseNll] = [text.kl, text.nll, text.baseNll].map((column) => column[piece] ?? NaN) as [
    number,
    number,
    number,
  ];
  const isScored = !Number.isNaN(kl);
  return (
    <>
      <div
        ref={card}
        class="token-card"
        aria-hidden="true"
        style={
          place.value === null
            ? { visibility: 'hidden' }
            : { visibility: 'visible', left: `${place.value.left}px`, top: `${place.value.top}px` }
        }
      >
        <div class="token-head">
          <span class="token-name">{tokenText(text.texts[piece] ?? '')}</span>
          {isScored && <span>KL {natText(kl)}</span>}
          {rank >= 0 && (
            <span class="muted">
              {formatCount(rank + 1)} of the {formatCount(worst.length)} worst
            </span>
          )}
        </div>
        {!isScored && (
          <p class="muted">
            Not scored: the first half of chunk {formatCount((text.chunk[piece] ?? 0) + 1)} is only context.
          </p>
        )}
        {isScored && (
          <table>
            <tbody>
              <ModelRow label={modelLabel} nll={nll} />
              <ModelRow label={baseLabel} nll={baseNll} />
              <tr>
                <th scope="row">Difference</th>
                <td />
                <td>{signedNat(nll - baseNll)}</td>
              </tr>
            </tbody>
          </table>
        )}
        {told !== undefined && <Choices told={told} modelLabel={modelLabel} baseLabel={baseLabel} />}
        {isScored && told === undefined && (
          <p class="muted">
            What the models expected is kept of the {formatCount(worst.length)} worst tokens.
          </p>
        )}
      </div>
      <div class="unseen" role="status">
        {isSpoken && tokenSentence({ text: text.texts[piece] ?? '', kl, nll, baseNll, told, rank })}
      </div>
    </>
  );
}

function ModelRow({ label, nll }: { readonly label: string; readonly nll: number }) {
  return (
    <tr>
      <th scope="row" class="cut">
        {label}
      </th>
      <td>{probabilityText(Math.exp(-nll))}</td>
      <td>−ln p {natText(nll)}</td>
    </tr>
  );
}

interface ChoicesProps {
  readonly told: WorstToken;
  readonly modelLabel: string;
  readonly baseLabel: string;
}

function Choices({ told, modelLabel, baseLabel }: ChoicesProps) {
  return (
    <div class="choices">
      <ChoiceList label={`${baseLabel} expected`} choices={told.baseChoices} came={told.text} />
      <ChoiceList label={`${modelLabel} expected`} choices={told.choices} came={told.text} />
    </div>
  );
}

interface ChoiceListProps {
  readonly label: string;
  readonly choices: readonly TopChoice[];
  /** The token that came: it is marked. */
  readonly came: string;
}

function ChoiceList({ label, choices, came }: ChoiceListProps) {
  return (
    <div class="choice-list">
      <div class="cut muted">{label}</div>
      {choices.map(({ text, probability }, at) => (
        <div key={at} class={text === came ? 'choice came' : 'choice'}>
          <span class="choice-bar" style={{ width: `${Math.max(1, probability * 100)}%` }} />
          <span class="choice-text cut">{tokenText(text)}</span>
          <span class="choice-share">{probabilityText(probability)}</span>
        </div>
      ))}
    </div>
  );
}
