// The hover card: one for the whole page. It follows what is pointed at, and closes when the page moves under it.
import { effect, useSignal } from '@preact/signals';
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import type { ModelView } from '../../../src/protocol/modelView.ts';
import { hoverOpen, hoverTarget, type HoverTarget, type HoverTopic } from '../hover.ts';
import type { InspectorState } from '../state.ts';
import { analyzedOf } from '../table/analyzed.ts';
import { placeCard } from './hoverPlacement.ts';
import { createHoverTiming } from './hoverTiming.ts';
import { TensorCard } from './tensorCard.tsx';
import { TensorsCard } from './tensorsCard.tsx';
import { TypeCard } from './typeCard.tsx';
import './hoverCard.css';

/** What is explained is described by the element with this id. */
const CARD_ID = 'hover-card';
const DEFAULT_DELAY_MS = 500;

interface Props {
  readonly state: InspectorState;
  readonly model: ModelView;
}

export function HoverCard({ state, model }: Props) {
  const shown = useSignal<HoverTarget | null>(null);
  const timing = useMemo(() => {
    const delay = Number(document.body.dataset['hoverDelay'] ?? DEFAULT_DELAY_MS);
    return createHoverTiming(Number.isFinite(delay) ? delay : DEFAULT_DELAY_MS, (target) => {
      shown.value = target;
      hoverOpen.value = target !== null;
    });
  }, []);
  // At once, not with the next frame: leaving the row must come before entering the card.
  useEffect(() => effect(() => timing.pointed(hoverTarget.value)), []);
  // Escape closes it through the signal: see keys.ts.
  useEffect(
    () =>
      effect(() => {
        if (!hoverOpen.value) timing.close();
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
  }, [target, state.rows.value, state.stats.value, model]);
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
      <div class="hover-body">
        <CardOf topic={target.topic} state={state} model={model} />
      </div>
    </div>
  );
}

function CardOf({ topic, state, model }: Props & { readonly topic: HoverTopic }) {
  const rows = state.rows.value;
  switch (topic.kind) {
    case 'tensor':
      return (
        <TensorCard
          model={model}
          rows={rows}
          analyzed={analyzedOf(state)}
          row={topic.row}
          selected={state.selected.value === topic.row}
        />
      );
    case 'tensors':
      return (
        <TensorsCard
          model={model}
          rows={rows}
          stats={state.stats.value}
          title={topic.title}
          members={topic.rows}
        />
      );
    case 'type':
      return <TypeCard model={model} type={topic.type} />;
  }
}

function place(card: HTMLElement, { anchor }: HoverTarget): void {
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
function closeWhenPageMoves(close: () => void, shown: () => HoverTarget | null): () => void {
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
