// Keys that work anywhere on the page: n and p walk through the worst tokens, t turns charts into tables and back.
import { stepWorst } from './damage/worst.ts';
import type { QualityState } from './state.ts';

export function listenForKeys(state: QualityState): void {
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
    if (event.key === 'n') stepWorst(state, 1);
    else if (event.key === 'p') stepWorst(state, -1);
    else if (event.key === 't') state.asTable.value = !state.asTable.peek();
    else return;
    event.preventDefault();
  });
}

/** Fields of the toolkit have theirs inside. */
function isTyping(event: Event): boolean {
  const [inner] = event.composedPath();
  return inner instanceof HTMLInputElement && inner.type !== 'checkbox' && inner.type !== 'radio';
}
