// The page's end of the channel to the extension host.
import {
  createClient,
  type ClientEnd,
  type Message,
  type Pushes,
  type Service,
} from '../../src/protocol/rpc.ts';

interface VsCodeApi {
  postMessage(message: Message): void;
  getState(): unknown;
  setState(state: unknown): void;
}
declare function acquireVsCodeApi(): VsCodeApi;

export interface HostLink<S extends Service, P extends Pushes> extends ClientEnd<S, P> {
  /** State that VS Code keeps for this page across reloads of the window. */
  getState(): unknown;
  setState(state: unknown): void;
}

/** Characters of a text in one message: it stays below 1 MiB whatever they are. */
const MAX_COPIED = 250_000;

/** Puts a text on the clipboard, in several messages when it is long. A failure is told by the host, which has the words for it. */
export function copyText(
  link: { readonly ask: { copy(part: { readonly text: string; readonly more: boolean }): Promise<null> } },
  text: string,
): void {
  for (let from = 0; from === 0 || from < text.length; from += MAX_COPIED) {
    const more = from + MAX_COPIED < text.length;
    link.ask.copy({ text: text.slice(from, from + MAX_COPIED), more }).catch(() => undefined);
  }
}

/** Call once per page: VS Code hands out its API only once. */
export function connect<S extends Service, P extends Pushes>(): HostLink<S, P> {
  const api = acquireVsCodeApi();
  const client = createClient<S, P>((message) => api.postMessage(message));
  window.addEventListener('message', (event) => client.receive(event.data));
  return { ...client, getState: () => api.getState(), setState: (state) => api.setState(state) };
}
