// A service in a worker thread: started when first asked, ended when idle, replaced when it dies.
import { Worker } from 'node:worker_threads';
import { cancelled, gone, internal, type Failure } from '../core/base/failure.ts';
import { createClient, type Client, type ClientEnd, type Pushes, type Service } from '../protocol/rpc.ts';

export interface ServiceThread<S extends Service> {
  ask<T>(request: (service: Client<S>) => Promise<T>): Promise<T>;
  dispose(): void;
}

export interface ServiceThreadOptions<P extends Pushes> {
  /** What it is called in the sentences of failures: "The reader". */
  readonly name: string;
  /** Says who hears what the thread tells without being asked; called for every thread that is started. */
  readonly listen?: (onPush: ClientEnd<Service, P>['onPush']) => void;
  /** May it end now that it is idle? What it holds goes with it. Always, unless told. */
  readonly mayEnd?: () => boolean;
  /** Environment of the thread; empty unless told: only one that starts processes has a use for it. */
  readonly env?: NodeJS.ProcessEnv;
  /** It died of itself, with everything it held. */
  readonly onDeath?: (failure: Failure) => void;
}

/** The thread is ended after this time without a request; what it holds goes with it. */
const IDLE_MILLISECONDS = 120_000;
/** A header with a million tensors needs some hundred MB; a thread beyond this is ended by V8 with an error we report. */
const MAX_HEAP_MEGABYTES = 2048;

/** @param entry path of the bundled program of the thread. @param workerData what it is started with. */
export function createServiceThread<S extends Service, P extends Pushes = Record<string, never>>(
  entry: string,
  workerData: unknown,
  { name, listen, mayEnd = () => true, env = {}, onDeath }: ServiceThreadOptions<P>,
): ServiceThread<S> {
  let thread: { readonly worker: Worker; readonly client: ClientEnd<S, P> } | null = null;
  let pending = 0;
  let idle: NodeJS.Timeout | undefined;
  let disposed = false;

  const stop = (failure: Failure): void => {
    const stopped = thread;
    thread = null;
    stopped?.client.close(failure);
    void stopped?.worker.terminate(); // its exit is not waited for: nothing depends on it
  };
  const endWhenIdle = (): void => {
    clearTimeout(idle);
    idle = setTimeout(() => {
      if (mayEnd()) stop(gone(name));
      else endWhenIdle();
    }, IDLE_MILLISECONDS);
    idle.unref();
  };
  const start = () => {
    const worker = new Worker(entry, {
      resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MEGABYTES },
      env,
      execArgv: [],
      workerData,
    });
    const client = createClient<S, P>((message) => worker.postMessage(message));
    listen?.(client.onPush);
    worker.on('message', (message: unknown) => client.receive(message));
    const died = (why: string): void => {
      const failure = internal(`${name} stopped (${why}); try again.`);
      client.close(failure);
      if (thread?.worker !== worker) return;
      thread = null;
      onDeath?.(failure);
    };
    worker.on('error', (error) => died(error.message));
    worker.on('exit', (code) => died(`exit code ${code}`));
    worker.unref();
    return { worker, client };
  };

  return {
    async ask(request) {
      if (disposed) throw gone(name);
      clearTimeout(idle);
      thread ??= start();
      pending += 1;
      const { worker } = thread;
      worker.ref(); // a terminal program ends when nothing is left to wait for
      try {
        return await request(thread.client.ask);
      } finally {
        pending -= 1;
        if (pending === 0) worker.unref();
        if (pending === 0 && !disposed) endWhenIdle();
      }
    },
    dispose() {
      disposed = true;
      clearTimeout(idle);
      stop(cancelled());
    },
  };
}
