// From a click on a tensor to its numbers, and what looking for its origin adds to that.
import { quantizedOrigin } from '../src/core/analysis/origin.ts';
import { ggmlScheme } from '../src/core/quant/ggmlTypes.ts';
import { createDiskAnalyzer } from '../src/node/diskAnalyzer.ts';
import { writeTensor } from '../test/app/writtenTensor.ts';
import { randomWeights } from '../test/core/decode/blocks.ts';
import { buildKernel, KERNEL_WASM } from '../test/support/tools.ts';
import { below, line, type Line, ms } from './lines.ts';
import { tileOf } from './tiles.ts';

const [COLUMNS, ROWS] = [4096, 14_336];
const CALLS = 5;
/** The quietest of so many counts. */
const ROUNDS = 4;
const MOST_MILLISECONDS = 150;

export async function tensorAnalysis(folder: string): Promise<Line[]> {
  await buildKernel();
  const scheme = ggmlScheme(12);
  const tile = tileOf(scheme, 256 * COLUMNS, COLUMNS);
  const data = new Uint8Array((tile.length * ROWS) / 256);
  for (let at = 0; at < data.length; at += tile.length) data.set(tile, at);
  const path = writeTensor(folder, 'tensor.gguf', {
    type: scheme.ggmlId ?? NaN,
    dims: [COLUMNS, ROWS],
    data,
  });
  const analyzer = createDiskAnalyzer(KERNEL_WASM);
  const never = new AbortController().signal;
  const ask = () => analyzer.tensorStats(path, 'w', never);
  await ask(); // reads the file into the memory of the system, and compiles
  const rounds: number[] = [];
  for (let round = 0; round < ROUNDS; round++) rounds.push(median(await timesOf(ask)));

  const weights = randomWeights(64 * 256, 1);
  const origin = () => quantizedOrigin({ weights, pieceWeights: 256, container: 'F32' });
  origin();
  return [
    below(
      MOST_MILLISECONDS,
      Math.min(...rounds),
      `ms from a tensor of ${COLUMNS} × ${ROWS} as Q4_K to its view, median of ${CALLS}`,
    ),
    line('to see that floats come from no quantized type', ms(median(await timesOf(origin)))),
  ];
}

async function timesOf(work: () => unknown): Promise<number[]> {
  const times: number[] = [];
  for (let call = 0; call < CALLS; call++) {
    const start = performance.now();
    await work();
    times.push(performance.now() - start);
  }
  return times;
}

const median = (times: readonly number[]): number =>
  times.toSorted((a, b) => a - b)[times.length >> 1] ?? NaN;
