// Keys that work anywhere on the page: t turns charts into tables, / goes to the filter, Escape closes and clears.
import type { ImatrixState } from './state.ts';

/** The page puts the focus here. */
export const FILTER_FIELD = 'imatrix-filter';

export function listenForKeys(state: ImatrixState): void {
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented) return;
    const isFind = (event.ctrlKey || event.metaKey) && event.key === 'f';
    if ((event.ctrlKey || event.metaKey || event.altKey) && !isFind) return;
    if (event.key === 'Escape' && state.selected.peek() >= 0) state.selected.value = -1;
    else if (event.key === 'Escape' && state.filter.peek() !== '') state.filter.value = '';
    else if (isFind || (event.key === '/' && !isTyping(event))) focusFilter(state);
    else if (event.key === 't' && !isTyping(event)) state.asTable.value = !state.asTable.peek();
    else return;
    event.preventDefault();
  });
}

export function focusFilter(state: ImatrixState): void {
  state.tab.value = 'tensors';
  requestAnimationFrame(() => document.querySelector<HTMLElement>(`#${FILTER_FIELD} .search-field`)?.focus());
}

/** Fields of the toolkit have theirs inside. */
function isTyping(event: Event): boolean {
  const [inner] = event.composedPath();
  return inner instanceof HTMLInputElement || inner instanceof HTMLSelectElement;
}
