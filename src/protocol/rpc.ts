// One typed request channel over any pair of postMessage-like ends: page ↔ host, host ↔ thread. Every request settles
// exactly once; a request can be cancelled; a push has no answer.
import { cancelled, Failure, internal, messageOf, type FailureCode } from '../core/base/failure.ts';

/** What the other side offers: name → asynchronous function of one plain argument. */
export type Service = Record<string, (argument: never, signal: AbortSignal) => Promise<unknown>>;
/** What it tells without being asked. */
export type Pushes = Record<string, unknown>;

export type Message =
  | { readonly kind: 'ask'; readonly id: number; readonly name: string; readonly argument: unknown }
  | { readonly kind: 'cancel'; readonly id: number }
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failure'; readonly id: number; readonly code: FailureCode; readonly text: string }
  | { readonly kind: 'push'; readonly name: string; readonly value: unknown };

/** Node's and the DOM's AbortSignal, as much of it as is used here. */
export interface AbortSignal {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

export type Client<S extends Service> = {
  [K in keyof S]: (argument: Parameters<S[K]>[0], signal?: AbortSignal) => ReturnType<S[K]>;
};

export interface ClientEnd<S extends Service, P extends Pushes> {
  readonly ask: Client<S>;
  /** Hand every incoming message to this. Messages of another shape are ignored. */
  receive(message: unknown): void;
  onPush<K extends keyof P & string>(name: K, listener: (value: P[K]) => void): void;
  /** Settles every open request with the failure: the other side is gone. */
  close(failure: Failure): void;
}

/** The asking end. `post` sends one message to the other side. */
export function createClient<S extends Service, P extends Pushes>(
  post: (message: Message) => void,
): ClientEnd<S, P> {
  let nextId = 1;
  const open = new Map<number, { resolve(value: unknown): void; reject(error: Failure): void }>();
  const listeners = new Map<string, ((value: never) => void)[]>();
  let closed: Failure | null = null;

  const call = (name: string, argument: unknown, signal?: AbortSignal): Promise<unknown> => {
    if (closed !== null) return Promise.reject(closed);
    if (signal?.aborted === true) return Promise.reject(cancelled());
    const id = nextId++;
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        post({ kind: 'cancel', id });
        settle(id)?.reject(cancelled());
      };
      open.set(id, {
        resolve: (value) => {
          signal?.removeEventListener('abort', onAbort);
          resolve(value);
        },
        reject: (failure) => {
          signal?.removeEventListener('abort', onAbort);
          reject(failure);
        },
      });
      signal?.addEventListener('abort', onAbort);
      post({ kind: 'ask', id, name, argument });
    });
  };
  const settle = (id: number) => {
    const entry = open.get(id);
    open.delete(id);
    return entry;
  };

  return {
    ask: new Proxy({} as Client<S>, {
      get: (_target, name) => (argument: unknown, signal?: AbortSignal) =>
        call(String(name), argument, signal),
    }),
    receive(raw) {
      const message = raw as Message | null;
      if (message === null || typeof message !== 'object') return;
      if (message.kind === 'answer') settle(message.id)?.resolve(message.value);
      else if (message.kind === 'failure')
        settle(message.id)?.reject(new Failure(message.code, message.text));
      else if (message.kind === 'push')
        for (const listener of listeners.get(message.name) ?? []) listener(message.value as never);
    },
    onPush(name, listener) {
      listeners.set(name, [...(listeners.get(name) ?? []), listener as (value: never) => void]);
    },
    close(failure) {
      closed = failure;
      for (const entry of open.values()) entry.reject(failure);
      open.clear();
    },
  };
}

export interface ServerEnd<P extends Pushes> {
  receive(message: unknown): void;
  push<K extends keyof P & string>(name: K, value: P[K]): void;
  /** Aborts everything that runs; nothing is sent afterwards. */
  close(): void;
}

/** The answering end. `newAbort` makes an abort controller (a global that only the hosts have). */
export function createServer<S extends Service, P extends Pushes>(
  service: S,
  post: (message: Message) => void,
  newAbort: () => { readonly signal: AbortSignal; abort(): void },
): ServerEnd<P> {
  const running = new Map<number, { abort(): void }>();
  let closed = false;
  const send = (message: Message): void => {
    if (!closed) post(message);
  };
  const serve = async (id: number, name: string, argument: unknown): Promise<void> => {
    const abort = newAbort();
    running.set(id, abort);
    try {
      const method = Object.hasOwn(service, name) ? service[name] : undefined;
      if (method === undefined) throw internal(`There is no request named ${name}.`);
      const value = await method(argument as never, abort.signal);
      if (running.has(id)) send({ kind: 'answer', id, value });
    } catch (error) {
      const code = error instanceof Failure ? error.code : 'internal';
      if (running.has(id)) send({ kind: 'failure', id, code, text: messageOf(error) });
    } finally {
      running.delete(id);
    }
  };
  return {
    receive(raw) {
      const message = raw as Message | null;
      if (closed || message === null || typeof message !== 'object') return;
      if (message.kind === 'ask')
        void serve(message.id, message.name, message.argument); // settles by message
      else if (message.kind === 'cancel') {
        running.get(message.id)?.abort();
        running.delete(message.id); // the asking side has settled it
      }
    },
    push(name, value) {
      send({ kind: 'push', name, value });
    },
    close() {
      closed = true;
      for (const abort of running.values()) abort.abort();
      running.clear();
    },
  };
}
