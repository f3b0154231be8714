// What scrolls under the header of a page; where to, is remembered.
import type { Signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

interface Props {
  /** Px above what is seen. */
  readonly top: Signal<number>;
  readonly children: ComponentChildren;
}

export function KeptScroller({ top, children }: Props) {
  const element = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (element.current !== null) element.current.scrollTop = top.peek();
  }, []);
  return (
    <div
      ref={element}
      class="sections"
      onScroll={({ currentTarget }) => (top.value = currentTarget.scrollTop)}
    >
      {children}
    </div>
  );
}
