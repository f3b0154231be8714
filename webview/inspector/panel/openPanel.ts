// Opening and closing the tensor panel, and going from tensor to tensor in it.
import { sortedLines } from '../table/tableLines.ts';
import { revealRow, type InspectorState } from '../state.ts';

/** Opens the panel with a tensor and puts the keyboard into it. */
export function openPanel(state: InspectorState, row: number): void {
  state.selected.value = row;
  state.isPanelOpen.value = true;
  awaitsKeyboard = true;
  setTimeout(focusPanel); // when it is drawn
}

/** Set while the keyboard is to go into a panel that is not drawn yet: its part of the page may still be on its way. */
let awaitsKeyboard = false;

function focusPanel(): void {
  const tab = document.querySelector<HTMLElement>('.tensor-panel [role=tab][tabindex="0"]');
  if (tab === null || !awaitsKeyboard) return;
  awaitsKeyboard = false;
  tab.focus();
}

/** Call when the panel is drawn for the first time: it takes the keyboard, unless that has gone elsewhere since. */
export function focusLatePanel(): void {
  const { activeElement, body } = document;
  if (activeElement === body || activeElement?.closest('.layer-table')) focusPanel();
}

/** Closes it; the keyboard goes back to the table, if it was in the panel. */
export function closePanel(state: InspectorState): void {
  const hadFocus = document.activeElement?.closest('.tensor-panel') !== null;
  state.isPanelOpen.value = false;
  awaitsKeyboard = false;
  if (hadFocus) setTimeout(() => document.querySelector<HTMLElement>('.layer-table .table')?.focus());
}

/** Selects the tensor before (−1) or after (1) in the order of the table; stays at its ends. */
export function goToOther(state: InspectorState, step: -1 | 1): void {
  const model = state.model.peek();
  if (model === null) return;
  const rows = state.rows.peek();
  const matches = state.matches.peek();
  const sort = state.sort.peek();
  const selected = state.selected.peek();
  const order =
    sort === null
      ? Array.from({ length: rows.count }, (_, row) => row).filter(
          (row) => row === selected || matches === null || matches[row] !== 0,
        )
      : sortedLines(model, rows, matches, sort);
  const next = order[order.indexOf(selected) + step];
  if (next !== undefined) revealRow(state, next, false);
}
