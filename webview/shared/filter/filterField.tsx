// The field of a filter: its text with the terms colored, and what is wrong with them.
import './filter.css';
import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import { Icon } from '../icon.tsx';
import type { Term } from './filterLanguage.ts';

const ERROR_ID = 'tensor-filter-error';

interface Props {
  readonly id: string;
  readonly label: string;
  readonly placeholder: string;
  readonly text: string;
  readonly terms: readonly Term[];
  /** On the icon before the text. */
  readonly help: ComponentChildren;
  readonly onText: (text: string) => void;
  readonly onFocus: () => void;
  /** On Arrow Down and Enter. */
  readonly onLeave: () => void;
  /** Escape means something else now. */
  readonly keepsText?: () => boolean;
}

export function FilterField(props: Props) {
  const { text, terms, onText } = props;
  const paint = useRef<HTMLDivElement>(null);
  /** The term whose error is shown: the one pointed at, or a finished one while the input has the focus. */
  const caret = useSignal(-1);
  const pointed = useSignal<string | null>(null);
  const finished = terms.find(
    (term) => 'error' in term && caret.value >= 0 && (caret.value < term.start || caret.value > term.end),
  );
  const shownError = pointed.value ?? (finished !== undefined && 'error' in finished ? finished.error : null);
  const errors = terms.flatMap((term) => ('error' in term ? [term.error] : []));

  const onInput = (input: HTMLInputElement): void => {
    caret.value = input.selectionStart ?? -1;
    onText(input.value);
  };
  return (
    <div class="filter-box">
      {props.help}
      <div class="filter-text">
        <div class="filter-paint" aria-hidden="true">
          <div ref={paint}>{painted(text, terms)}</div>
        </div>
        <input
          id={props.id}
          type="text"
          spellcheck={false}
          autocomplete="off"
          aria-label={props.label}
          aria-invalid={errors.length > 0}
          aria-describedby={ERROR_ID}
          placeholder={props.placeholder}
          value={text}
          onInput={(event) => onInput(event.currentTarget)}
          onScroll={(event) => movePaint(paint.current, event.currentTarget)}
          onSelect={(event) => (caret.value = event.currentTarget.selectionStart ?? -1)}
          onFocus={props.onFocus}
          onBlur={() => (caret.value = -1)}
          onPointerMove={(event) => (pointed.value = errorAt(paint.current, terms, event.clientX))}
          onPointerLeave={() => (pointed.value = null)}
          onKeyDown={(event) => filterKey(event, props)}
        />
      </div>
      {text !== '' && (
        <button type="button" class="icon-button" title="Clear filter (Escape)" onClick={() => onText('')}>
          <Icon name="close" />
        </button>
      )}
      {shownError !== null && (
        <div class="filter-error" aria-hidden="true">
          <Icon name="error" />
          {shownError}
        </div>
      )}
      <div id={ERROR_ID} class="unseen" role="status">
        {errors.join(' ')}
      </div>
    </div>
  );
}

/** The text in pieces: keys and errors are marked, everything else is as typed. */
function painted(text: string, terms: readonly Term[]) {
  const pieces = [];
  let at = 0;
  for (const term of terms) {
    pieces.push(text.slice(at, term.start));
    pieces.push(
      'error' in term ? (
        <span key={term.start} class="wrong" data-start={term.start}>
          {text.slice(term.start, term.end)}
        </span>
      ) : (
        <span key={term.start}>
          <span class="key">{text.slice(term.start, term.keyEnd)}</span>
          {text.slice(term.keyEnd, term.end)}
        </span>
      ),
    );
    at = term.end;
  }
  pieces.push(text.slice(at));
  return pieces;
}

/** The input scrolls when its text is too long; the paint behind it follows. */
function movePaint(paint: HTMLElement | null, input: HTMLInputElement): void {
  if (paint !== null) paint.style.transform = `translateX(${-input.scrollLeft}px)`;
}

/** The paint lies behind the input and gets no pointer events of its own. */
function errorAt(paint: HTMLElement | null, terms: readonly Term[], clientX: number): string | null {
  for (const element of paint?.querySelectorAll<HTMLElement>('.wrong') ?? []) {
    const { left, right } = element.getBoundingClientRect();
    if (clientX < left || clientX > right) continue;
    const term = terms.find(({ start }) => start === Number(element.dataset['start']));
    return term !== undefined && 'error' in term ? term.error : null;
  }
  return null;
}

function filterKey(event: KeyboardEvent, { text, keepsText, onText, onLeave }: Props): void {
  if (event.key === 'Escape' && keepsText?.() !== true && text !== '') onText('');
  else if (event.key === 'ArrowDown' || event.key === 'Enter') onLeave();
  else return;
  event.preventDefault();
  event.stopPropagation();
}
