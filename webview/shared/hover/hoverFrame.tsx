// The hover card: one for a page. It follows what is pointed at, and closes when the page moves under it.
import './hoverFrame.css';
import { effect, useSignal, type ReadonlySignal, type Signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { placeCard } from './hoverPlacement.ts';
import { createHoverTiming, type Hovering } from './hoverTiming.ts';

/** What is explained is described by the element with this id. */
const CARD_ID = 'hover-card';
const DEFAULT_DELAY_MS = 500;

interface Props<Target extends Hovering> {
  /** What is pointed at now. */
  readonly target: ReadonlySignal<Target | null>;
  /** True while the card is open; setting it to false closes the card. */
  readonly open: Signal<boolean>;
  /** What the contents depend on besides the target. */
  readonly causes: readonly unknown[];
  readonly draw: (target: Target) => ComponentChildren;
}

export function HoverFrame<Target extends Hovering>({ target: pointed, open, causes, draw }: Props<Target>) {
  const shown = useSignal<Target | null>(null);
  const timing = useMemo(() => {
    const delay = Number(document.body.dataset['hoverDelay'] ?? DEFAULT_DELAY_MS);
    return createHoverTiming<Target>(Number.isFinite(delay) ? delay : DEFAULT_DELAY_MS, (target) => {
      shown.value = target;
      open.value = target !== null;
    });
  }, []);
  // At once, not with the next frame: leaving the row must come before entering the card.
  useEffect(() => effect(() => timing.pointed(pointed.value)), []);
  // Escape closes it through the signal: see the keys of the page.
  useEffect(
    () =>
      effect(() => {
        if (!open.value) timing.close();
      }),
    [],
  );
  useEffect(() => closeWhenPageMoves(timing.close, () => shown.peek()), []);

  const target = shown.value;
  const card = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (target === null || card.current === null) return;
    place(card.current, target);
    return target.now ? describe(document.activeElement) : undefined;
  }, [target, ...causes]);
  if (target === null) return null;
  return (
    <div
      ref={card}
      id={CARD_ID}
      role="tooltip"
      class="hover-card"
      onPointerEnter={timing.entered}
      onPointerLeave={timing.left}
    >
      <div class="hover-body">{draw(target)}</div>
    </div>
  );
}

function place(card: HTMLElement, { anchor }: Hovering): void {
  card.style.maxHeight = '';
  card.dataset['side'] = 'below'; // measured with the strip towards its anchor, whichever side that will be
  const { width, height } = card.getBoundingClientRect();
  const at = placeCard(anchor, { width, height }, { width: innerWidth, height: innerHeight });
  card.dataset['side'] = at.side;
  card.style.left = `${at.left}px`;
  card.style.top = `${at.top}px`;
  card.style.maxHeight = `${at.maxHeight}px`;
}

/** Lets a screen reader read the card with the element that has the focus. */
function describe(element: Element | null): () => void {
  const before = element?.getAttribute('aria-describedby') ?? null;
  element?.setAttribute('aria-describedby', CARD_ID);
  return () => {
    if (before === null) element?.removeAttribute('aria-describedby');
    else element?.setAttribute('aria-describedby', before);
  };
}

/** What it explains has moved away when something scrolls, is pressed or typed into. */
function closeWhenPageMoves(close: () => void, shown: () => Hovering | null): () => void {
  const closeUnlessInside = (event: Event): void => {
    const inside = event.target instanceof Element && event.target.closest(`#${CARD_ID}`) !== null;
    // The keyboard scrolls what it goes to into view, and says itself what is pointed at then.
    const followsKeyboard = event.type === 'scroll' && shown()?.now === true;
    if (!inside && !followsKeyboard) close();
  };
  const names = ['scroll', 'wheel', 'pointerdown', 'input'];
  for (const name of names)
    document.addEventListener(name, closeUnlessInside, { capture: true, passive: true });
  window.addEventListener('resize', close);
  window.addEventListener('blur', close);
  return () => {
    for (const name of names) document.removeEventListener(name, closeUnlessInside, { capture: true });
    window.removeEventListener('resize', close);
    window.removeEventListener('blur', close);
  };
}
