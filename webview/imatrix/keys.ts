// Keys that work anywhere on the page: t turns charts into tables, / goes to the filter, Escape closes and clears.
import type { ImatrixState } from './state.ts';

/** The page puts the focus here. */
export const FILTER_FIELD = 'imatrix-filter';

export function listenForKeys(state: ImatrixState): void {
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented) return;
    const isFind = (event.ctrlKey || event.metaKey) && event.key === 'f';
    if ((event.ctrlKey || event.metaKey || event.altKey) && !isFind) return;
    if (event.key === 'Escape' && state.selected.peek() >= 0) closePanel(state);
    else if (event.key === 'Escape' && state.filter.peek() !== '') state.filter.value = '';
    else if (isFind || (event.key === '/' && !isTyping(event))) focusFilter(state);
    else if (event.key === 't' && !isTyping(event)) state.asTable.value = !state.asTable.peek();
    else return;
    event.preventDefault();
  });
}

function focusFilter(state: ImatrixState): void {
  const focus = (): void => document.querySelector<HTMLElement>(`#${FILTER_FIELD} .search-field`)?.focus();
  // At once where it can be: what is typed next belongs into the field.
  if (state.tab.peek() === 'tensors') return focus();
  state.tab.value = 'tensors';
  setTimeout(focus); // when the tab is drawn
}

/** The keyboard goes back to the table, if it was in the panel. */
export function closePanel(state: ImatrixState): void {
  const hadFocus = document.activeElement?.closest('.tensor-panel') !== null;
  state.selected.value = -1;
  if (hadFocus) document.querySelector<HTMLElement>('.grid')?.focus();
}

/** Fields of the toolkit have theirs inside. */
function isTyping(event: Event): boolean {
  const [inner] = event.composedPath();
  return inner instanceof HTMLInputElement || inner instanceof HTMLSelectElement;
}
