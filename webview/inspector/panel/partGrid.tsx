// A grid of bytes or of weights: one stop of the Tab key, arrows inside, the pointer and the keyboard light up parts.
import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { gridStep, type BlockPart, type MarkHandlers } from './blockMarks.ts';

interface Props extends MarkHandlers {
  readonly kind: BlockPart['kind'];
  readonly label: string;
  readonly columns: number;
  readonly count: number;
  readonly lit: ReadonlySet<number>;
  readonly pinned: BlockPart | null;
  readonly className: string;
  readonly describe: (index: number) => string;
  readonly children: (index: number) => ComponentChildren;
}

export function PartGrid({ kind, label, columns, count, lit, pinned, className, ...props }: Props) {
  const cursor = useSignal(0);
  const { describe, children, point, pin } = props;
  const idOf = (index: number): string => `block-${kind}-${index}`;
  const indexAt = ({ target }: Event): number | null => {
    const cell = target instanceof Element ? target.closest<HTMLElement>('[data-index]') : null;
    return cell === null ? null : Number(cell.dataset['index']);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const isPin = event.key === 'Enter' || event.key === ' ';
    const to = gridStep(event.key, cursor.value, columns, count);
    if (to === null && !isPin) return;
    event.preventDefault();
    event.stopPropagation(); // up and down would go to another tensor
    if (to === null) return pin({ kind, index: cursor.value });
    cursor.value = to;
    point({ kind, index: to });
  };
  return (
    <div
      role="listbox"
      tabIndex={0}
      class={`part-grid ${className}`}
      aria-label={label}
      aria-activedescendant={idOf(cursor.value)}
      style={{ '--columns': columns }}
      onKeyDown={onKeyDown}
      onFocus={({ currentTarget }) => {
        if (currentTarget.matches(':focus-visible')) point({ kind, index: cursor.value });
      }}
      onBlur={() => point(null)}
      onPointerOver={(event) => {
        const index = indexAt(event);
        if (index !== null) point({ kind, index });
      }}
      onPointerLeave={() => point(null)}
      onClick={(event) => {
        const index = indexAt(event);
        if (index === null) return;
        cursor.value = index;
        pin({ kind, index });
      }}
    >
      {Array.from({ length: count }, (_, index) => {
        const isPinned = pinned?.kind === kind && pinned.index === index;
        return (
          <div
            key={index}
            id={idOf(index)}
            role="option"
            data-index={index}
            class={`${lit.has(index) ? 'lit' : ''}${isPinned ? ' pinned' : ''}`}
            aria-selected={isPinned}
            aria-label={describe(index)}
          >
            {children(index)}
          </div>
        );
      })}
    </div>
  );
}
