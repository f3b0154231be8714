// Device px for each CSS px of the screen that the page is on; follows when the page is zoomed or goes to another screen.
import { signal, type ReadonlySignal } from '@preact/signals';

const current = signal(window.devicePixelRatio);
const read = (): void => void (current.value = window.devicePixelRatio);

/** A query can only ask for one ratio: after each change for the new one. */
function follow(): void {
  read();
  matchMedia(`(resolution: ${current.peek()}dppx)`).addEventListener('change', follow, { once: true });
}
follow();
window.addEventListener('resize', read); // a ratio that no query can name, as 1.1 in binary, changes with the size

export const screenRatio: ReadonlySignal<number> = current;
