// The model reader as a worker thread: started when first asked, ended when idle, replaced when it dies.
import { Worker } from 'node:worker_threads';
import { cancelled, gone, internal, type Failure } from '../core/base/failure.ts';
import type { ModelReader, ReportFormat } from '../app/ports.ts';
import type { ArrayPage, ArrayPageQuery } from '../protocol/inspector.ts';
import type { ModelSnapshot, TensorColumns } from '../protocol/modelView.ts';
import { createClient, type AbortSignal, type ClientEnd } from '../protocol/rpc.ts';

export interface HeaderThreadService {
  open(argument: { readonly path: string }, signal: AbortSignal): Promise<ModelSnapshot>;
  tensors(
    argument: { readonly path: string; readonly first: number },
    signal: AbortSignal,
  ): Promise<TensorColumns>;
  arrayPage(
    argument: { readonly path: string; readonly query: ArrayPageQuery },
    signal: AbortSignal,
  ): Promise<ArrayPage>;
  metadataText(
    argument: { readonly path: string; readonly key: string },
    signal: AbortSignal,
  ): Promise<string>;
  report(
    argument: { readonly path: string; readonly format: ReportFormat },
    signal: AbortSignal,
  ): Promise<string>;
  [name: string]: (argument: never, signal: AbortSignal) => Promise<unknown>;
}

export interface ThreadReader extends ModelReader {
  dispose(): void;
}

/** The thread is ended after this time without a request; its parsed models go with it. */
const IDLE_MILLISECONDS = 120_000;
/** A header with a million tensors needs some hundred MB; a thread beyond this is ended by V8 with an error we report. */
const MAX_HEAP_MEGABYTES = 2048;

/** @param entry path of the bundled headerThread.js. */
export function createThreadReader(entry: string): ThreadReader {
  let thread: {
    readonly worker: Worker;
    readonly client: ClientEnd<HeaderThreadService, Record<string, never>>;
  } | null = null;
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
    });
    const client = createClient<HeaderThreadService, Record<string, never>>((message) =>
      worker.postMessage(message),
    );
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
  const ask = async <T>(
    request: (client: ClientEnd<HeaderThreadService, Record<string, never>>) => Promise<T>,
  ): Promise<T> => {
    if (disposed) throw gone('The reader');
    clearTimeout(idle);
    thread ??= start();
    pending += 1;
    try {
      return await request(thread.client);
    } finally {
      pending -= 1;
      if (pending === 0 && !disposed) {
        idle = setTimeout(() => stop(gone('The reader')), IDLE_MILLISECONDS);
        idle.unref();
      }
    }
  };

  return {
    open: (path, signal) => ask(({ ask: thread }) => thread.open({ path }, signal)),
    tensors: (path, first, signal) => ask(({ ask: thread }) => thread.tensors({ path, first }, signal)),
    arrayPage: (path, query, signal) => ask(({ ask: thread }) => thread.arrayPage({ path, query }, signal)),
    metadataText: (path, key, signal) => ask(({ ask: thread }) => thread.metadataText({ path, key }, signal)),
    report: (path, format, signal) => ask(({ ask: thread }) => thread.report({ path, format }, signal)),
    dispose() {
      disposed = true;
      clearTimeout(idle);
      stop(cancelled());
    },
  };
}
