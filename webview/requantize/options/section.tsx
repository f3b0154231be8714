// A part of the options that is folded away until somebody wants it; which ones are open is remembered.
import type { ComponentChildren } from 'preact';
import { formatCount } from '../../../src/core/base/units.ts';
import { Icon } from '../../shared/icon.tsx';
import type { RequantizeState } from '../state.ts';

interface Props {
  readonly state: RequantizeState;
  readonly id: string;
  readonly title: string;
  /** Said beside the title: a folded part must not hide that it holds something. */
  readonly count: number;
  readonly children: ComponentChildren;
}

export function Section({ state, id, title, count, children }: Props) {
  const isOpen = state.openSections.value.has(id);
  const toggle = (): void => {
    const open = new Set(state.openSections.peek());
    if (!open.delete(id)) open.add(id);
    state.openSections.value = open;
  };
  return (
    <section class="option-section" aria-label={title}>
      <h2>
        <button type="button" class="section-head" aria-expanded={isOpen} onClick={toggle}>
          <Icon name={isOpen ? 'chevron-down' : 'chevron-right'} />
          {title}
          {count > 0 && <span class="muted"> {formatCount(count)}</span>}
        </button>
      </h2>
      {isOpen && <div class="section-body">{children}</div>}
    </section>
  );
}
