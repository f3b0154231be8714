// A service in a worker thread: started when first asked, ended when idle, replaced when it dies.
import { Worker } from 'node:worker_threads';
import { cancelled, gone, internal, type Failure } from '../core/base/failure.ts';
import { createClient, type Client, type ClientEnd, type Service } from '../protocol/rpc.ts';

export interface ServiceThread<S extends Service> {
  ask<T>(request: (service: Client<S>) => Promise<T>): Promise<T>;
  dispose(): void;
}

/** The thread is ended after this time without a request; what it holds goes with it. */
const IDLE_MILLISECONDS = 120_000;
/** A header with a million tensors needs some hundred MB; a thread beyond this is ended by V8 with an error we report. */
const MAX_HEAP_MEGABYTES = 2048;

/** @param entry path of the bundled program of the thread. @param workerData what it is started with. */
export function createServiceThread<S extends Service>(entry: string, workerData: unknown): ServiceThread<S> {
  let thread: { readonly worker: Worker; readonly client: ClientEnd<S, Record<string, never>> } | null = null;
  let pending = 0;
  let idle: NodeJS.Timeout | undefined;
  let disposed = false;

  const stop = (failure: Failure): void => {
    const stopped = thread;
    thread = null;
    stopped?.client.close(failure);
    void stopped?.worker.terminate(); // its exit is not waited for: nothing depends on it
  };
  const start = () => {
    const worker = new Worker(entry, {
      resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MEGABYTES },
      env: {},
      execArgv: [],
      workerData,
    });
    const client = createClient<S, Record<string, never>>((message) => worker.postMessage(message));
    worker.on('message', (message: unknown) => client.receive(message));
    const died = (why: string): void => {
      client.close(internal(`The reader stopped (${why}); try again.`));
      if (thread?.worker === worker) thread = null;
    };
    worker.on('error', (error) => died(error.message));
    worker.on('exit', (code) => died(`exit code ${code}`));
    worker.unref();
    return { worker, client };
  };

  return {
    async ask(request) {
      if (disposed) throw gone('The reader');
      clearTimeout(idle);
      thread ??= start();
      pending += 1;
      try {
        return await request(thread.client.ask);
      } finally {
        pending -= 1;
        if (pending === 0 && !disposed) {
          idle = setTimeout(() => stop(gone('The reader')), IDLE_MILLISECONDS);
          idle.unref();
        }
      }
    },
    dispose() {
      disposed = true;
      clearTimeout(idle);
      stop(cancelled());
    },
  };
}
