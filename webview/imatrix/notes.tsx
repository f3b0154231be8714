// What must be known of an importance matrix before it is used: the worst at once, the others on request.
import { useSignal } from '@preact/signals';
import { formatCount, plural } from '../../src/core/base/units.ts';
import type { ImatrixView } from '../../src/protocol/imatrixView.ts';
import { Icon } from '../shared/icon.tsx';
import { select, type ImatrixState } from './state.ts';

/** More would push the table away. */
const SHOWN = 3;

export function Notes({ state, view }: { readonly state: ImatrixState; readonly view: ImatrixView }) {
  const isOpen = useSignal(false);
  const all = [...view.problems.map((problem) => ({ ...problem, row: -1 })), ...view.notes];
  if (all.length === 0) return null;
  const shown = isOpen.value ? all : all.slice(0, SHOWN);
  const cut = view.noteCount - view.notes.length;
  const show = (row: number): void => {
    state.tab.value = 'tensors';
    state.filter.value = '';
    select(state, row);
  };
  return (
    <section class="notes" aria-label="What to know before it is used">
      {/* A list that scrolls is reached by Tab. */}
      <ul tabIndex={isOpen.value ? 0 : -1} class={isOpen.value ? 'open' : undefined} aria-label="Warnings">
        {shown.map(({ severity, text, row }, at) => (
          <li key={at}>
            <Icon name={severity} />
            <span title={text}>{text}</span>
            {row >= 0 && (
              <button type="button" class="link-button" onClick={() => show(row)}>
                Show
              </button>
            )}
          </li>
        ))}
        {isOpen.value && cut > 0 && <li class="muted">{formatCount(cut)} more are not listed.</li>}
      </ul>
      {all.length > SHOWN && (
        <button
          type="button"
          class="link-button more"
          aria-expanded={isOpen.value}
          onClick={() => (isOpen.value = !isOpen.peek())}
        >
          {isOpen.value ? 'Show fewer' : `${plural(all.length - SHOWN + cut, 'more warning')}`}
        </button>
      )}
    </section>
  );
}
