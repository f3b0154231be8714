// Writes a page's state down: into VS Code's own store at every change, and to the host so that it outlives the page.

/** Scrolling and dragging change the state with every frame: of that the host is told at most so often. */
const SAVE_INTERVAL_MS = 300;

interface Writer {
  setState(state: unknown): void;
  readonly ask: { saveState(argument: { readonly state: unknown }): Promise<unknown> };
}

/**
 * Answers what writes a state down: `stored` for VS Code's store, `saved` for the host. What the user did is sent at once, so that
 * it outlives a page that is closed right after.
 * @param besidesDrags the part of a state that neither scrolling nor dragging changes
 */
export function stateWriter<Saved>(
  link: Writer,
  besidesDrags: (saved: Saved) => unknown,
): (saved: Saved, stored: unknown) => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let written = '';
  let writtenBesidesDrags = '';
  let unsent: Saved | null = null;
  const send = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (unsent === null) return;
    // A state that could not be saved is not worth a word to the user: the page itself keeps it.
    link.ask.saveState({ state: unsent }).catch(() => undefined);
    unsent = null;
  };
  document.addEventListener('visibilitychange', send);
  window.addEventListener('pagehide', send);
  return (saved, stored) => {
    const text = JSON.stringify(saved);
    if (text === written) return;
    written = text;
    link.setState(stored);
    unsent = saved;
    const rest = JSON.stringify(besidesDrags(saved));
    if (rest !== writtenBesidesDrags) send();
    else timer ??= setTimeout(send, SAVE_INTERVAL_MS);
    writtenBesidesDrags = rest;
  };
}
