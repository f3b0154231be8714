// Re-quantization in a thread of its own, which reads files and starts engines: this thread passes messages and nothing else.
import type {
  Requantizer,
  RunNews,
  RunOrder,
  RunEnd,
  PlanOrder,
  RecipeOrder,
} from '../app/requantize/requantizer.ts';
import type { SourceReading } from '../app/requantize/sourceModels.ts';
import type {
  ImatrixChoice,
  LoadedRecipe,
  PlanColumns,
  PlanView,
  PredictedErrors,
} from '../protocol/requantize.ts';
import type { AbortSignal } from '../protocol/rpc.ts';
import type { EngineParts } from './engineProcess.ts';
import { createServiceThread } from './serviceThread.ts';

export interface RequantizeService {
  source(argument: { readonly path: string }, signal: AbortSignal): Promise<SourceReading>;
  plan(argument: PlanOrder, signal: AbortSignal): Promise<PlanView>;
  planColumns(
    argument: { readonly plan: string; readonly first: number },
    signal: AbortSignal,
  ): Promise<PlanColumns>;
  predictedErrors(
    argument: { readonly plan: string; readonly since: number },
    signal: AbortSignal,
  ): Promise<PredictedErrors>;
  endPrediction(argument: { readonly path: string }, signal: AbortSignal): Promise<null>;
  command(argument: { readonly plan: string }, signal: AbortSignal): Promise<string>;
  recipeText(
    argument: { readonly order: RecipeOrder; readonly file: string },
    signal: AbortSignal,
  ): Promise<string>;
  readRecipe(
    argument: { readonly path: string; readonly file: string },
    signal: AbortSignal,
  ): Promise<LoadedRecipe>;
  imatrix(argument: { readonly file: string }, signal: AbortSignal): Promise<ImatrixChoice>;
  /** An abort of the ask would lose its answer: `cancelRun` stops the run. */
  run(argument: RunOrder, signal: AbortSignal): Promise<RunEnd>;
  cancelRun(argument: { readonly id: string }, signal: AbortSignal): Promise<null>;
  [name: string]: (argument: never, signal: AbortSignal) => Promise<unknown>;
}

export interface RequantizePushes {
  errors: { readonly plan: string; readonly serial: number };
  run: RunNews;
  [name: string]: unknown;
}

/** What the thread is started with. */
export type RequantizeThreadData = Pick<EngineParts, 'engineProgram' | 'engineFolders'>;

export interface ThreadRequantizer extends Requantizer {
  dispose(): void;
}

/** A thread that is ended before its processes leaves nobody to hear of their end: they would stay in the system's list. */
const PATIENCE_MILLISECONDS = 2000;

/**
 * @param entry path of the bundled requantizeThread.js.
 * @param threads asked at every plan and run: with how many it is written; null: all that the machine has
 */
export function createThreadRequantizer(
  entry: string,
  data: RequantizeThreadData,
  threads: () => number | null = () => null,
): ThreadRequantizer {
  const errorsHeard = new Set<(news: RequantizePushes['errors']) => void>();
  const runsHeard = new Set<(news: RunNews) => void>();
  const running = new Map<string, Promise<RunEnd>>();
  /** Models with a page whose plan and prediction the thread holds. */
  const watched = new Set<string>();
  const { ask, dispose } = createServiceThread<RequantizeService, RequantizePushes>(entry, data, {
    name: 'The planner of quantizations',
    mayEnd: () => watched.size === 0,
    env: process.env, // of the engine, which it starts
    listen(onPush) {
      onPush('errors', (news) => errorsHeard.forEach((tell) => tell(news)));
      onPush('run', (news) => runsHeard.forEach((tell) => tell(news)));
    },
  });
  return {
    source: (path, signal) => ask((thread) => thread.source({ path }, signal)),
    plan(order, signal) {
      watched.add(order.path);
      return ask((thread) => thread.plan({ ...order, threads: threads() }, signal));
    },
    planColumns: (plan, first, signal) => ask((thread) => thread.planColumns({ plan, first }, signal)),
    predictedErrors: (plan, since, signal) =>
      ask((thread) => thread.predictedErrors({ plan, since }, signal)),
    async endPrediction(path) {
      if (watched.delete(path)) await ask((thread) => thread.endPrediction({ path }));
    },
    command: (plan, signal) => ask((thread) => thread.command({ plan }, signal)),
    recipeText: (order, file, signal) => ask((thread) => thread.recipeText({ order, file }, signal)),
    readRecipe: (path, file, signal) => ask((thread) => thread.readRecipe({ path, file }, signal)),
    imatrix: (file, signal) => ask((thread) => thread.imatrix({ file }, signal)),
    async run(order) {
      const run = ask((thread) => thread.run({ ...order, threads: threads() }));
      running.set(order.id, run);
      try {
        return await run;
      } finally {
        running.delete(order.id);
      }
    },
    async cancelRun(id) {
      await ask((thread) => thread.cancelRun({ id }));
    },
    onErrors(tell) {
      errorsHeard.add(tell);
      return () => errorsHeard.delete(tell);
    },
    onRun(tell) {
      runsHeard.add(tell);
      return () => runsHeard.delete(tell);
    },
    dispose() {
      for (const id of running.keys()) void ask((thread) => thread.cancelRun({ id })).catch(() => undefined); // ended by now
      const patience = new Promise((resolve) => setTimeout(resolve, PATIENCE_MILLISECONDS).unref());
      void Promise.race([Promise.allSettled(running.values()), patience]).then(dispose);
    },
  };
}
