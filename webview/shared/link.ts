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

/** Call once per page: VS Code hands out its API only once. */
export function connect<S extends Service, P extends Pushes>(): HostLink<S, P> {
  const api = acquireVsCodeApi();
  const client = createClient<S, P>((message) => api.postMessage(message));
  window.addEventListener('message', (event) => client.receive(event.data));
  return { ...client, getState: () => api.getState(), setState: (state) => api.setState(state) };
}
