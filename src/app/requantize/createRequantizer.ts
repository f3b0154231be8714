// Plans and runs of re-quantization where waiting is allowed: a worker thread of the extension, or a test.
import { messageOf, notFound } from '../../core/base/failure.ts';
import { visibleBlock, visibleText } from '../../core/base/visibleText.ts';
import type { AbortSignal } from '../../protocol/rpc.ts';
import { EngineFailure } from '../quality/engine.ts';
import { openImportance } from '../quantize/importance.ts';
import type { ErrorPredictor } from '../quantize/predict.ts';
import { quantizeModel, type QuantizePorts } from '../quantize/quantizeModel.ts';
import { commandText, type Shell } from './command.ts';
import { imatrixChoice } from './imatrixChoice.ts';
import { createPlans } from './plans.ts';
import { planPage } from './planView.ts';
import { createPredictions } from './predictions.ts';
import { readRecipeFile, recipeFileText, recipeOfView } from './recipeViews.ts';
import type { Requantizer, RunEnd, RunNews, RunOrder } from './requantizer.ts';
import { createSourceModels } from './sourceModels.ts';

export interface RequantizerPorts extends QuantizePorts {
  readonly predictor: ErrorPredictor;
  readonly newAbort: () => Abort;
  /** Into which the llama-quantize command is pasted. */
  readonly shell: Shell;
  /** A text file, whole. @throws Failure */
  readonly readText: (path: string) => string;
  /** Absolute path of what a file beside it names. */
  readonly resolve: (file: string, path: string) => string;
}

interface Abort {
  readonly signal: AbortSignal;
  abort(): void;
}

export function createRequantizer(ports: RequantizerPorts): Requantizer {
  const { files, predictor, newAbort, shell, readText, resolve } = ports;
  const errorsHeard = new Set<(news: { readonly plan: string; readonly serial: number }) => void>();
  const runsHeard = new Set<(news: RunNews) => void>();
  const sources = createSourceModels(files);
  const predictions = createPredictions(predictor, newAbort, (news) =>
    errorsHeard.forEach((tell) => tell(news)),
  );
  const plans = createPlans({ ...ports, sources, predictions });
  const running = new Map<string, Abort>();

  const run = async (order: RunOrder, signal: AbortSignal): Promise<RunEnd> => {
    const { id, path, output, stamp, force, threads = null } = order;
    const source = sources.model(path);
    const { path: first, stamp: now, fileName } = source.reading.source;
    if (now !== stamp)
      return failed(
        `${fileName} changed since it was planned, so it was not quantized; look at the plan again.`,
      );
    const { recipe } = recipeOfView(source.model, order.recipe);
    const done = await quantizeModel(
      ports,
      { source: first, output, recipe, threads, force },
      (news) => runsHeard.forEach((tell) => tell({ id, news })),
      signal,
    );
    const { fileBytes, bitsPerWeight } = done.plan;
    return { kind: 'done', output: done.output, fileBytes, bitsPerWeight, seconds: done.seconds };
  };
  return {
    source: async (path) => sources.reading(path),
    plan: async (order, signal) => (await plans.plan(order, signal)).view,
    planColumns: async (plan, first) => planPage(plans.kept(plan).columns, first),
    predictedErrors: async (plan, since) => predictions.errors(plans.kept(plan).predictable, since),
    async endPrediction(path) {
      predictions.end(path);
    },
    command: async (plan) => commandText(plans.kept(plan).command, shell),
    recipeText: async ({ path, recipe }, file) =>
      recipeFileText(sources.model(path).model, recipe, folderOf(file)),
    async readRecipe(path, file) {
      const read = readRecipeFile(sources.model(path).model, readText(file), (named) => resolve(file, named));
      const { imatrix } = read.recipe;
      if (imatrix !== null && files.withFolder(imatrix, (folder, name) => folder.open(name)) === null)
        throw notFound(imatrix);
      return { ...read, fileName: visibleText(file.slice(folderOf(file).length + 1)) };
    },
    imatrix: async (file) => imatrixChoice(file, openImportance(files, file)),
    async run(order) {
      const abort = newAbort();
      running.set(order.id, abort);
      try {
        return await predictions.pausedFor(() => run(order, abort.signal));
      } catch (error) {
        if (abort.signal.aborted) return { kind: 'cancelled' };
        return failed(messageOf(error), error instanceof EngineFailure ? error.log : []);
      } finally {
        running.delete(order.id);
      }
    },
    async cancelRun(id) {
      running.get(id)?.abort();
    },
    onErrors(tell) {
      errorsHeard.add(tell);
      return () => errorsHeard.delete(tell);
    },
    onRun(tell) {
      runsHeard.add(tell);
      return () => runsHeard.delete(tell);
    },
  };
}

const failed = (why: string, log: readonly string[] = []): RunEnd => ({
  ...{ kind: 'failed', why: visibleBlock(why) },
  log: log.map(visibleText),
});

const folderOf = (file: string): string =>
  file.slice(0, Math.max(0, file.lastIndexOf('/'), file.lastIndexOf('\\')));
