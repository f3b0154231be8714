// The target: a list to choose from in which every type says what it costs, what it is good for and whether it wants an
// importance matrix. Keyboard and roles of a list box that opens below its field.
import './targetPicker.css';
import { useSignal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { formatBits, formatBytes } from '../../../src/core/base/units.ts';
import type { RequantizeView, TargetView } from '../../../src/protocol/requantize.ts';
import { bitsColor, needsOutline } from '../../shared/colors.ts';
import { Icon } from '../../shared/icon.tsx';
import { theme } from '../../shared/theme.ts';
import { changeOptions, isLocked, type RequantizeState } from '../state.ts';

const LIST_ID = 'target-list';
const optionId = (index: number): string => `target-${index}`;
/** Letters typed in so many milliseconds belong together. */
const TYPING_MS = 800;
/** Options that Page Down passes. */
const PAGE = 10;

interface Props {
  readonly state: RequantizeState;
  readonly view: RequantizeView;
}

export function TargetPicker({ state, view }: Props) {
  const { targets } = view;
  const { type } = state.draft.value.options;
  const chosen = Math.max(
    0,
    targets.findIndex(({ name }) => name === type),
  );
  const target = targets[chosen];
  const isOpen = useSignal(false);
  const active = useSignal(chosen);
  const typed = useRef({ text: '', at: 0 });
  const list = useRef<HTMLDivElement>(null);
  const field = useRef<HTMLDivElement>(null);
  const locked = isLocked(state);

  const open = (): void => {
    active.value = chosen;
    isOpen.value = true;
  };
  const choose = (index: number): void => {
    const next = targets[index];
    isOpen.value = false;
    if (next !== undefined) changeOptions(state, { type: next.name });
  };
  const find = (letter: string): void => {
    const now = performance.now();
    const text = (now - typed.current.at < TYPING_MS ? typed.current.text : '') + letter.toUpperCase();
    typed.current = { text, at: now };
    const found = targets.findIndex(({ name }) => name.startsWith(text));
    if (found >= 0) active.value = found;
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (locked || event.ctrlKey || event.metaKey) return;
    const last = targets.length - 1;
    const goTo: Partial<Record<string, number>> = {
      ArrowDown: active.value + 1,
      ArrowUp: active.value - 1,
      PageDown: active.value + PAGE,
      PageUp: active.value - PAGE,
      Home: 0,
      End: last,
    };
    const next = goTo[event.key];
    const isLetter = event.key.length === 1 && event.key !== ' ' && !event.altKey;
    if (!isOpen.value) {
      if (!['ArrowDown', 'ArrowUp', 'Enter', ' '].includes(event.key) && !isLetter) return;
      open();
      if (isLetter) find(event.key);
    } else if (next !== undefined) active.value = Math.max(0, Math.min(last, next));
    else if (event.key === 'Enter' || event.key === ' ') choose(active.value);
    else if (event.key === 'Escape') isOpen.value = false;
    else if (event.key === 'Tab') return choose(active.value);
    else if (isLetter) find(event.key);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  // In the top layer: the column of options scrolls, and would cut it off.
  useLayoutEffect(() => {
    if (isOpen.value && list.current !== null && field.current !== null)
      openBelow(list.current, field.current);
  }, [isOpen.value]);
  useLayoutEffect(() => {
    if (isOpen.value) document.getElementById(optionId(active.value))?.scrollIntoView({ block: 'nearest' });
  }, [isOpen.value, active.value]);

  return (
    <div class="option target-option">
      <span class="option-label" id="target-label">
        Target
      </span>
      <div
        ref={field}
        role="combobox"
        class="picker"
        tabIndex={0}
        aria-label="Target"
        aria-haspopup="listbox"
        aria-expanded={isOpen.value}
        aria-controls={isOpen.value ? LIST_ID : undefined}
        aria-activedescendant={isOpen.value ? optionId(active.value) : undefined}
        aria-disabled={locked}
        onClick={() => !locked && (isOpen.value ? (isOpen.value = false) : open())}
        onKeyDown={onKeyDown}
        onBlur={() => (isOpen.value = false)}
      >
        {target !== undefined && (
          <>
            <Swatch target={target} />
            <span class="strong">{target.name}</span>
            <span class="muted">≈ {formatBytes(target.approximateBytes)}</span>
          </>
        )}
        <Icon name="chevron-down" />
      </div>
      {target !== undefined && <p class="option-note">{target.about}</p>}
      {isOpen.value && (
        <div
          ref={list}
          id={LIST_ID}
          role="listbox"
          popover="manual"
          class="target-list"
          aria-label="Target"
          // The field keeps the focus: losing it closes the list before the click.
          onPointerDown={(event) => event.preventDefault()}
        >
          <div class="target-heads" aria-hidden="true">
            <span>Type</span>
            <span class="number">bpw</span>
            <span class="number">≈ size</span>
            <span>imatrix</span>
            <span>Good for</span>
          </div>
          {targets.map((one, index) => (
            <div
              key={one.name}
              id={optionId(index)}
              role="option"
              class={`target-row${index === active.value ? ' active' : ''}`}
              aria-selected={index === chosen}
              onPointerMove={() => (active.value = index)}
              onClick={() => choose(index)}
            >
              <span class="cut">
                <Swatch target={one} />
                {one.name}
              </span>
              <span class="number">
                {formatBits(one.bitsPerWeight)}
                <span class="unseen"> bits per weight,</span>
              </span>
              <span class="number">
                {formatBytes(one.approximateBytes)}
                <span class="unseen">,</span>
              </span>
              <span class={one.imatrix === 'needed' ? 'needed' : 'quiet'}>
                {IMATRIX[one.imatrix]}
                {one.imatrix !== 'none' && <span class="unseen"> an importance matrix,</span>}
              </span>
              <span class="about" title={one.about}>
                {one.about}
              </span>
            </div>
          ))}
        </div>
      )}
    </div>
  );
}

/** Its right side at that of the field, as far as there is room. */
function openBelow(list: HTMLElement, field: HTMLElement): void {
  const { right, bottom } = field.getBoundingClientRect();
  list.showPopover();
  list.style.top = `${bottom + 2}px`;
  list.style.left = `${Math.max(EDGE, Math.min(right, innerWidth - EDGE) - list.offsetWidth)}px`;
  list.style.maxHeight = `${innerHeight - bottom - 2 - EDGE}px`;
}
/** Px kept free at the edges of the page. */
const EDGE = 8;

const IMATRIX: Readonly<Record<TargetView['imatrix'], string>> = {
  needed: 'needed',
  better: 'better with',
  none: '',
};

function Swatch({ target }: { readonly target: TargetView }) {
  const color = bitsColor(theme.value, target.bitsPerWeight);
  return (
    <span
      class={`swatch ${needsOutline(theme.value, color) ? 'outlined' : ''}`}
      style={{ background: color }}
    />
  );
}
