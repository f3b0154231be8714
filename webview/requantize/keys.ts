// Keys that work anywhere on the page: types for what is selected, undo, the filter.
import { redo, undo } from './draft.ts';
import { explainTensors, hoverOpen } from './hover/target.ts';
import { typeChoices } from './map/typeChoices.ts';
import { NOTHING } from './selection.ts';
import { giveType, isLocked, type RequantizeState } from './state.ts';
import { FILTER_INPUT } from './table/planTable.tsx';

export function listenForKeys(state: RequantizeState): void {
  // Before anything else: while a card is open, Escape means the card.
  const closeCard = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || !hoverOpen.peek()) return;
    event.preventDefault();
    event.stopPropagation();
    hoverOpen.value = false;
    explainTensors(null);
  };
  document.addEventListener('keydown', closeCard, { capture: true });
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.altKey) return;
    const isHandled =
      event.ctrlKey || event.metaKey ? controlKey(event, state) : !isTyping(event) && plainKey(event, state);
    if (isHandled) event.preventDefault();
  });
}

function controlKey(event: KeyboardEvent, state: RequantizeState): boolean {
  const key = event.key.toLowerCase();
  if (key === 'f') {
    const filter = document.getElementById(FILTER_INPUT);
    if (!(filter instanceof HTMLInputElement)) return false;
    filter.focus();
    filter.select();
    return true;
  }
  if (isTyping(event) || (key !== 'z' && key !== 'y')) return false; // a field has an undo of its own
  const steps = (key === 'y' || event.shiftKey ? redo : undo)(state.steps.peek());
  if (steps !== null && !isLocked(state)) state.steps.value = steps;
  return true;
}

function plainKey(event: KeyboardEvent, state: RequantizeState): boolean {
  if (event.key === '/') {
    document.getElementById(FILTER_INPUT)?.focus();
    return true;
  }
  if (event.key === 'Escape') {
    if (state.selection.peek().size > 0) state.selection.value = NOTHING;
    else state.filter.value = '';
    return true;
  }
  const view = state.view.peek();
  const target = view?.targets.find(({ name }) => name === state.draft.peek().options.type);
  if (view === null || target?.isFloat === true || isLocked(state) || state.selection.peek().size === 0)
    return false;
  if (event.key === 'Delete' || event.key === 'Backspace') {
    giveType(state, null);
    return true;
  }
  const choice = typeChoices(view.tensorTypes).usual.find(({ key }) => key === event.key);
  if (choice === undefined) return false;
  giveType(state, choice.index);
  return true;
}

/** Where letters and digits are written or chosen. Fields of the toolkit have theirs inside. */
function isTyping(event: Event): boolean {
  const [inner] = event.composedPath();
  return (
    (inner instanceof HTMLInputElement && inner.type !== 'checkbox') ||
    inner instanceof HTMLTextAreaElement ||
    inner instanceof HTMLSelectElement ||
    (inner instanceof Element && inner.getAttribute('role') === 'combobox')
  );
}
