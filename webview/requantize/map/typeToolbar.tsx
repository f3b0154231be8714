// Below the map: how much is selected, and the types that it can be given.
import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { formatBits, formatFixed, plural } from '../../../src/core/base/units.ts';
import type { RequantizeView } from '../../../src/protocol/requantize.ts';
import { bitsColor, needsOutline } from '../../shared/colors.ts';
import { IconButton } from '../../shared/controls.tsx';
import { Icon } from '../../shared/icon.tsx';
import { MenuButton } from '../../shared/menu.tsx';
import { theme } from '../../shared/theme.ts';
import { redo, undo } from '../draft.ts';
import { BY_RULE } from '../overrides.ts';
import { describeSelection } from '../selection.ts';
import { giveType, isLocked, type RequantizeState } from '../state.ts';
import { typeChoices, type TypeChoice } from './typeChoices.ts';

interface Props {
  readonly state: RequantizeState;
  readonly view: RequantizeView;
}

export function TypeToolbar({ state, view }: Props) {
  const { usual, others } = typeChoices(view.tensorTypes);
  const target = view.targets.find(({ name }) => name === state.draft.value.options.type);
  const common = commonType(state);
  const isOff = state.selection.value.size === 0 || target?.isFloat === true || isLocked(state);
  const bar = useRef<HTMLDivElement>(null);
  /** One stop of the keyboard: the type that was last gone to. */
  const stop = useSignal('');
  const { before, after } = state.steps.value;
  const step = (next: ReturnType<typeof undo>): void => {
    if (next !== null) state.steps.value = next;
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const buttons = [...(bar.current?.querySelectorAll<HTMLElement>('button') ?? [])];
    const at = buttons.findIndex((button) => button === document.activeElement);
    const goTo: Partial<Record<string, number>> = {
      ArrowRight: at + 1,
      ArrowLeft: at - 1,
      Home: 0,
      End: buttons.length - 1,
    };
    const next = buttons[goTo[event.key] ?? -1];
    if (next === undefined || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    next.focus();
  };
  return (
    <div class="type-line">
      <SelectionText state={state} isFloat={target?.isFloat === true ? target.name : null} />
      <div ref={bar} class="type-bar" role="toolbar" aria-label="Type of the selection" onKeyDown={onKeyDown}>
        <button
          type="button"
          class="type-choice"
          aria-pressed={common === BY_RULE}
          aria-disabled={isOff}
          tabIndex={stop.value === '' ? 0 : -1}
          onFocus={() => (stop.value = '')}
          title="As the target and its rules decide (Delete)"
          onClick={() => !isOff && giveType(state, null)}
        >
          By rule
        </button>
        {usual.map((choice) => (
          <TypeButton
            key={choice.type.name}
            choice={choice}
            isPressed={common === choice.index + 1}
            isOff={isOff}
            isStop={stop.value === choice.key}
            onFocus={() => (stop.value = choice.key)}
            give={() => giveType(state, choice.index)}
          />
        ))}
        <MenuButton
          label="More types"
          items={others.map(({ type, index }) => ({
            label: `${type.name}  ${formatBits(type.bitsPerWeight)}`,
            run: () => !isOff && giveType(state, index),
          }))}
        >
          <span class="more-types">
            {others.some(({ index }) => common === index + 1) ? nameOf(view, common) : 'More'}
          </span>
          <Icon name="chevron-down" />
        </MenuButton>
      </div>
      <IconButton
        icon="discard"
        label="Undo (Ctrl+Z)"
        disabled={before.length === 0}
        onClick={() => step(undo(state.steps.peek()))}
      />
      <IconButton
        icon="redo"
        label="Redo (Ctrl+Shift+Z)"
        disabled={after.length === 0}
        onClick={() => step(redo(state.steps.peek()))}
      />
    </div>
  );
}

const nameOf = (view: RequantizeView, type: number): string => view.tensorTypes[type - 1]?.name ?? '';

function SelectionText({
  state,
  isFloat,
}: {
  readonly state: RequantizeState;
  readonly isFloat: string | null;
}) {
  const selection = state.selection.value;
  const { role, layer } = state.rows.value;
  const roles = state.model.value?.roles ?? [];
  const what = describeSelection(
    selection,
    (row) => roles[role[row] ?? -1]?.label ?? '',
    (row) => layer[row] ?? -1,
  );
  if (isFloat !== null)
    return <p class="selection-text cut muted">With {isFloat} all tensors get the same type.</p>;
  if (selection.size === 0)
    return (
      <p class="selection-text cut muted" role="status">
        Select cells or rows to set their type.
      </p>
    );
  return (
    <p class="selection-text cut" role="status" title={what}>
      <span class="strong">{plural(selection.size, 'tensor')} selected</span>{' '}
      <span class="muted">{what}</span>
    </p>
  );
}

interface ButtonProps {
  readonly choice: TypeChoice;
  readonly isPressed: boolean;
  readonly isOff: boolean;
  readonly isStop: boolean;
  readonly onFocus: () => void;
  readonly give: () => void;
}

function TypeButton({ choice: { type, key }, isPressed, isOff, isStop, onFocus, give }: ButtonProps) {
  const { name, bitsPerWeight } = type;
  const color = bitsColor(theme.value, bitsPerWeight);
  return (
    <button
      type="button"
      class="type-choice"
      aria-label={name}
      aria-pressed={isPressed}
      aria-disabled={isOff}
      aria-keyshortcuts={key}
      tabIndex={isStop ? 0 : -1}
      onFocus={onFocus}
      title={`${name}: ${formatBits(bitsPerWeight)} bits per weight${type.needsImatrix ? ', needs an importance matrix' : ''} (${key})`}
      onClick={() => !isOff && give()}
    >
      <span
        class={`swatch ${needsOutline(theme.value, color) ? 'outlined' : ''}`}
        style={{ background: color }}
      />
      {name} <span class="muted bits-beside">{formatFixed(bitsPerWeight, 1)}</span>
    </button>
  );
}

/** What all selected tensors were given, BY_RULE where nothing was; −1: not the same, or nothing is selected. */
function commonType({ selection, draft }: RequantizeState): number {
  let common = -1;
  for (const row of selection.value) {
    const type = draft.value.overrides[row] ?? BY_RULE;
    if (common >= 0 && common !== type) return -1;
    common = type;
  }
  return common;
}
