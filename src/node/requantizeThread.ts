// Entry of the worker thread that plans and runs re-quantizations. llama.cpp is in processes that it starts, and ends with it.
import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { createErrorPredictor } from '../app/quantize/predict.ts';
import { createRequantizer } from '../app/requantize/createRequantizer.ts';
import { messageOf, notReadable } from '../core/base/failure.ts';
import { createServer } from '../protocol/rpc.ts';
import { createErrorEngine } from './errorProcess.ts';
import { diskAccess } from './fileSource.ts';
import { diskPlaces } from './outputPlaces.ts';
import { createQuantizeEngine } from './quantizeProcess.ts';
import type { RequantizePushes, RequantizeService, RequantizeThreadData } from './requantizeClient.ts';

/** No recipe has a rule for each of so many tensors. */
const MAX_RECIPE_BYTES = 32 * 2 ** 20;

const port = parentPort;
if (port !== null) {
  const parts = workerData as RequantizeThreadData;
  const newAbort = (): AbortController => new AbortController();
  const requantizer = createRequantizer({
    files: diskAccess,
    engine: createQuantizeEngine(parts),
    places: diskPlaces,
    predictor: createErrorPredictor(createErrorEngine(parts)),
    newAbort,
    shell: process.platform === 'win32' ? 'powershell' : 'posix',
    readText,
    resolve: (file, path) => resolve(dirname(file), path),
  });
  const service: RequantizeService = {
    source: ({ path }, signal) => requantizer.source(path, signal),
    plan: (order, signal) => requantizer.plan(order, signal),
    planColumns: ({ plan, first }, signal) => requantizer.planColumns(plan, first, signal),
    predictedErrors: ({ plan, since }, signal) => requantizer.predictedErrors(plan, since, signal),
    async endPrediction({ path }) {
      await requantizer.endPrediction(path);
      return null;
    },
    command: ({ plan }, signal) => requantizer.command(plan, signal),
    recipeText: ({ order, file }, signal) => requantizer.recipeText(order, file, signal),
    readRecipe: ({ path, file }, signal) => requantizer.readRecipe(path, file, signal),
    imatrix: ({ file }, signal) => requantizer.imatrix(file, signal),
    run: (order) => requantizer.run(order),
    async cancelRun({ id }) {
      await requantizer.cancelRun(id);
      return null;
    },
  };
  const server = createServer<RequantizeService, RequantizePushes>(
    service,
    (message) => port.postMessage(message),
    newAbort,
  );
  requantizer.onErrors((news) => server.push('errors', news));
  requantizer.onRun((news) => server.push('run', news));
  port.on('message', (message: unknown) => server.receive(message));
}

function readText(path: string): string {
  try {
    if (statSync(path).size > MAX_RECIPE_BYTES) throw notReadable(path, 'it is too long for a recipe');
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw notReadable(path, messageOf(error));
  }
}
