// The mix of types, by bytes and by weights: two bars and their legend. Pointing at a type explains it.
import { useRef } from 'preact/hooks';
import { formatCount, formatFixed, plural } from '../../src/core/base/units.ts';
import type { TypeView } from '../../src/protocol/modelView.ts';
import { pointAt } from './hover.ts';
import { TypeSwatch, typeMark } from '../shared/tensors/typeMark.tsx';

/** Entries that have a place in the legend: two lines of three. Beyond it the last one says how many more there are. */
const MAX_LEGEND = 6;

export function TypeMix({ types }: { readonly types: readonly TypeView[] }) {
  const bytes = types.reduce((sum, type) => sum + type.bytes, 0);
  const weights = types.reduce((sum, type) => sum + type.weights, 0);
  const legend = types.length > MAX_LEGEND ? types.slice(0, MAX_LEGEND - 1) : types;
  return (
    <div class="mix">
      <Bar label="Bytes" types={types} shareOf={(type) => type.bytes / bytes} />
      <Bar label="Weights" types={types} shareOf={(type) => type.weights / weights} />
      <Legend>
        {legend.map((type, index) => (
          <button key={type.name} type="button" tabIndex={index === 0 ? 0 : -1} {...explains(index)}>
            <TypeSwatch type={type} />
            {type.name}{' '}
            <span class="muted">
              {percent(type.bytes / bytes)}
              <span class="unseen"> % of bytes</span> / {percent(type.weights / weights)} %
              <span class="unseen"> of weights</span>
            </span>
          </button>
        ))}
        {types.length > legend.length && <MoreTypes types={types.slice(legend.length)} />}
      </Legend>
    </div>
  );
}

interface BarProps {
  readonly label: string;
  readonly types: readonly TypeView[];
  readonly shareOf: (type: TypeView) => number;
}

/** Its numbers stand in the legend: it says nothing to a screen reader. */
function Bar({ label, types, shareOf }: BarProps) {
  return (
    <div class="mix-row" aria-hidden="true">
      <span class="muted">{types.length > 0 && label}</span>
      <span class="mix-bar">
        {types.map((type, index) => {
          const { color, className } = typeMark(type);
          const share = shareOf(type);
          return (
            <span
              key={type.name}
              class={`segment ${className}`}
              style={{ flexGrow: Number.isFinite(share) ? share : 0, background: color }}
              {...explains(index)}
            />
          );
        })}
      </span>
    </div>
  );
}

/** One stop of the keyboard; arrows walk the types in it. */
function Legend({ children }: { readonly children: preact.ComponentChildren }) {
  const element = useRef<HTMLDivElement>(null);
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    const entries = [...(element.current?.querySelectorAll<HTMLElement>('button') ?? [])];
    const next = entries[entries.findIndex((entry) => entry === document.activeElement) + step];
    if (step === 0 || next === undefined) return;
    event.preventDefault();
    next.focus();
  };
  return (
    <div ref={element} class="mix-legend" role="group" aria-label="Types" onKeyDown={onKeyDown}>
      {children}
    </div>
  );
}

function MoreTypes({ types }: { readonly types: readonly TypeView[] }) {
  const names = types.map(({ name, tensorCount }) => `${name}: ${plural(tensorCount, 'tensor')}`);
  return (
    <span class="muted" title={names.join('\n')}>
      {formatCount(types.length)} more types
    </span>
  );
}

/** Shows the card of a type while it is pointed at, at once when it is reached by the keyboard. */
function explains(type: number) {
  const open = (element: Element, now: boolean): void => {
    const { left, top, right, bottom } = element.getBoundingClientRect();
    pointAt({ topic: { kind: 'type', type }, anchor: { left, top, right, bottom }, now });
  };
  return {
    onPointerEnter: (event: PointerEvent) => open(event.currentTarget as Element, false),
    onPointerLeave: () => pointAt(null),
    onFocus: (event: FocusEvent) => {
      const element = event.currentTarget as Element;
      if (element.matches(':focus-visible')) open(element, true);
    },
    onBlur: () => pointAt(null),
  };
}

/** A share as it stands in a legend: three digits are enough beside a bar. */
function percent(share: number): string {
  if (!Number.isFinite(share)) return '–';
  if (share > 0 && share < 0.0001) return '<0.01';
  return formatFixed(share * 100, share >= 0.1 ? 1 : 2);
}
