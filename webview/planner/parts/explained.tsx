// A word that explains itself: the formula behind a number, with this model's numbers, on hover and for the keyboard.
import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useId, useRef } from 'preact/hooks';
import { formatCount, formatMemory } from '../../../src/core/base/units.ts';
import type { PlanFormula } from '../../../src/core/plan/formula.ts';
import './explained.css';

interface Explanation {
  /** What the card begins with. */
  readonly title: string;
  readonly formula: PlanFormula;
  /** What comes out: bytes, or words. */
  readonly result: number | string;
  /** How far it can be relied on, a sentence. */
  readonly note: string;
}

interface Props extends Explanation {
  readonly children: ComponentChildren;
}

/** Between the pointer's arrival and the card: VS Code's delay of hovers. */
const delay = (): number => Number(document.body.dataset['hoverDelay'] ?? 500);

export function Explained({ children, title, formula, result, note }: Props) {
  const id = useId();
  const isOpen = useSignal(false);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const open = (): void => {
    clearTimeout(timer.current);
    isOpen.value = true;
  };
  const close = (): void => {
    clearTimeout(timer.current);
    isOpen.value = false;
  };
  return (
    <span
      class="explained"
      onPointerEnter={() => (timer.current = setTimeout(open, delay()))}
      onPointerLeave={close}
    >
      <button
        type="button"
        class="explained-word"
        aria-describedby={isOpen.value ? `${id}-card` : id}
        onFocus={open}
        onBlur={close}
        onClick={open}
        onKeyDown={(event) => {
          if (event.key !== 'Escape' || !isOpen.value) return;
          event.stopPropagation();
          close();
        }}
      >
        {children}
      </button>
      {/* For a screen reader in one breath; the card, with its many pieces, is made only when it is seen. */}
      <span id={id} hidden>
        {isOpen.value ? '' : describe({ title, formula, result, note })}
      </span>
      {isOpen.value && <Card id={`${id}-card`} title={title} formula={formula} result={result} note={note} />}
    </span>
  );
}

function Card({ id, title, formula, result, note }: Explanation & { readonly id: string }) {
  return (
    <span id={id} role="tooltip" class="formula-card">
      <span class="formula-title">{title}</span>
      <span class="formula">
        {formula.map((piece, index) => (
          <span key={index} class={piece.meaning === '' ? 'sign' : 'piece'}>
            <span class="piece-text">{piece.text}</span>{' '}
            {piece.meaning !== '' && <span class="piece-meaning">{piece.meaning}</span>}
          </span>
        ))}
        <span class="formula-result">= {resultText(result)}</span>
      </span>
      <span class="formula-note">{note}</span>
    </span>
  );
}

const describe = ({ title, formula, result, note }: Explanation): string =>
  `${title}: ${formula.map(({ text, meaning }) => `${text} ${meaning}`.trim()).join(' ')} = ${resultText(result)}. ${note}`;

const resultText = (result: number | string): string =>
  typeof result === 'string' ? result : `${formatCount(Math.round(result))} bytes, ${formatMemory(result)}`;
