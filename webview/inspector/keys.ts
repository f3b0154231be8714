// Keys that work anywhere on the page.
import { hoverOpen, pointAt } from './hover.ts';
import { closePanel } from './panel/openPanel.ts';
import type { InspectorState } from './state.ts';

/** `/` and Ctrl+F go to the filter of the tab; Escape closes the hover card, then the tensor panel, then clears the filter. */
export function listenForKeys(state: InspectorState): void {
  // Before anything else: while a card is open, Escape means the card.
  const closeCard = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || !hoverOpen.peek()) return;
    event.preventDefault();
    event.stopPropagation();
    hoverOpen.value = false;
    pointAt(null);
  };
  const globalKey = (event: KeyboardEvent): void => {
    if (event.defaultPrevented) return;
    const find = (event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === 'f';
    if (find || (event.key === '/' && !isTyping(event))) {
      event.preventDefault();
      focusFilter(state);
    } else if (event.key === 'Escape' && state.tab.peek() === 'layers' && state.isPanelOpen.peek()) {
      closePanel(state);
    } else if (event.key === 'Escape') {
      (state.tab.peek() === 'metadata' ? state.metadataFilter : state.filter).value = '';
    }
  };
  document.addEventListener('keydown', closeCard, { capture: true });
  document.addEventListener('keydown', globalKey);
}

/** The filter is the first field of every tab; the problems have none, so that the tensors' is meant. */
export function focusFilter(state: InspectorState): void {
  const focus = (): void => {
    // Fields of the toolkit have both methods too.
    const filter = document.querySelector<HTMLInputElement>(
      '[role=tabpanel]:not([hidden]) :is(input, .search-field)',
    );
    if (filter?.checkVisibility() === false && state.isPanelOpen.peek()) {
      closePanel(state); // it is where the filter is on a wider page
      setTimeout(focus);
      return;
    }
    filter?.focus();
    filter?.select();
  };
  if (state.tab.peek() !== 'problems') return focus();
  state.tab.value = 'layers';
  setTimeout(focus); // when the tab is drawn
}

/** Fields of the toolkit have theirs inside. */
function isTyping(event: Event): boolean {
  const [inner] = event.composedPath();
  return inner instanceof HTMLInputElement || inner instanceof HTMLTextAreaElement;
}
