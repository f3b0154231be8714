// The numbers of a large tensor from a 64th of its rows: what is shown until the exact ones are there.
import { tensorBins } from '../../core/analysis/bins.ts';
import type { BlockTally } from '../../core/analysis/blockTally.ts';
import type { Kernel } from '../../core/analysis/kernel.ts';
import { summarize } from '../../core/analysis/summary.ts';
import { createTally, type Counts, type Tally } from '../../core/analysis/tally.ts';
import { packedLines } from '../../core/quant/packed/decoder.ts';
import { originOf } from './originSample.ts';
import { openPacked } from './packedData.ts';
import { createPackedPass } from './packedRows.ts';
import { shiftOf } from './rowsAnalysis.ts';
import { createPass, type Pass, readRows, type Source, WINDOW_BYTES } from './rowsPass.ts';
import { sampleRows } from './sampleRows.ts';
import type { TensorAnalysis } from './tensorAnalysis.ts';
import type { TensorData } from './tensorData.ts';
import { bytesOf, expertEnd, rangeBytes, rowLayout, type RowRange, weightsIn } from './tensorRows.ts';

/** Smaller tensors are analyzed as quickly: in some 10 ms. */
const MIN_WEIGHTS = 2 ** 23;

/**
 * An analysis whose `share` is less than 1: the part of the weights that was read, in whole rows.
 * - Counts (of the histogram, of levels, scales and mins, of the summary) are scaled by 1 / share: estimates for all weights.
 * - Mean, standard deviation, quantiles and shares are those of the sample.
 * - Extremes and the maxima of channels are those of the sample: the true ones are at least as large.
 * - Kurtosis, skewness and outliers beyond 6 σ hang on weights too rare to be in a sample: do not show them.
 * - Experts and the worst weights are not looked for.
 * Yields the bytes done so far after every window, and leaves the kernel empty when it is stopped there. Null where the exact
 * analysis takes no longer.
 * @throws Failure not-readable when the file ends before the data does
 */
export function* estimateTensor(
  data: TensorData,
  source: Source,
  kernel: Kernel,
): Generator<number, TensorAnalysis | null> {
  const { tensor, rowWeights } = data;
  const { elementCount, packed } = tensor;
  if (elementCount < MIN_WEIGHTS) return null;
  const layout = rowLayout(data);
  const rowBytes = rangeBytes(data, layout, { from: 0, to: 1 });
  const lines = packed && packedLines(packed.matrix);
  const sample = sampleRows(layout, rowBytes, `${tensor.name} ${elementCount}`, lines?.step);
  const count = sample.reduce((sum, rows) => sum + weightsIn(layout, rows), 0);
  if (2 * count > elementCount) return null; // a few long rows
  const shift = shiftOf(data, source, kernel);
  const pass =
    packed === null ? rowsPass(data, shift, source, kernel) : linesPass(data, shift, source, kernel);
  const tally = createTally(layout.columnCount);
  let done = 0;
  try {
    for (const window of windowsOf(sample, (rows) => rangeBytes(data, layout, rows), pass.windowBytes)) {
      done += pass.addWindow(window, tally);
      yield done;
    }
    pass.moveTo([tally]);
    const share = count / elementCount;
    scale(tally.histogram, 1 / share);
    scale(tally.powers, 1 / share);
    const blocks = scaledBlocks(pass.blocks(), 1 / share);
    const bins = tensorBins(tally, blocks);
    return {
      tensor,
      rowWeights,
      share,
      summary: { ...summarize(tally, shift, bins.values), count: elementCount },
      tally,
      blocks,
      codeLevels: pass.codeLevels(),
      bins,
      // Where rows are input channels, most of these were not looked at.
      hasChannels: layout.isOwn && lines?.axis !== 'columns',
      experts: null,
      worst: null,
      origin: originOf(data, source),
    };
  } finally {
    pass.leave();
  }
}

/** What an estimate is made of. */
interface SamplePass extends Pick<Pass, 'windowBytes' | 'moveTo' | 'blocks' | 'leave'> {
  /** Adds some ranges of rows. Answers their bytes. */
  addWindow(window: readonly RowRange[], tally: Tally): number;
  codeLevels(): readonly number[] | null;
}

function rowsPass(data: TensorData, shift: number, source: Source, kernel: Kernel): SamplePass {
  const layout = rowLayout(data);
  const { scheme } = data.tensor;
  const pass = createPass(data, layout, shift, kernel);
  return {
    ...pass,
    addWindow(window, tally) {
      // Side by side in the kernel, because it takes many short rows at a time.
      let at = 0;
      for (const rows of window) at += readRows(data, layout, rows, source, kernel, at);
      pass.add(0, (at / bytesOf(scheme, scheme.blockWeights)) * scheme.blockWeights, [tally]);
      return at;
    },
    codeLevels: () => null,
  };
}

function linesPass(data: TensorData, shift: number, source: Source, kernel: Kernel): SamplePass {
  const layout = rowLayout(data);
  const packed = openPacked(data, source);
  const pass = createPackedPass(packed, shift, kernel);
  return {
    ...pass,
    windowBytes: WINDOW_BYTES,
    addWindow(window, tally) {
      let bytes = 0;
      for (const { from, to } of window) {
        for (let row = from; row < to;) {
          const rows = { from: row, to: Math.min(to, expertEnd(layout, row)) };
          pass.add(rows, [tally]);
          bytes += rangeBytes(data, layout, rows);
          row = rows.to;
        }
      }
      return bytes;
    },
    codeLevels() {
      const first = packed.layoutAt(0);
      return first.kind === 'coded' ? first.levels : null;
    },
  };
}

/** Ranges that are together no longer than `byteLength`, or one. */
function* windowsOf(
  ranges: readonly RowRange[],
  bytes: (range: RowRange) => number,
  byteLength: number,
): Generator<readonly RowRange[]> {
  let window: RowRange[] = [];
  let sum = 0;
  for (const range of ranges) {
    if (window.length > 0 && sum + bytes(range) > byteLength) {
      yield window;
      [window, sum] = [[], 0];
    }
    window.push(range);
    sum += bytes(range);
  }
  if (window.length > 0) yield window;
}

function scaledBlocks(blocks: BlockTally | null, factor: number): BlockTally | null {
  if (blocks === null) return null;
  for (const counts of [blocks.levels, blocks.scales, blocks.mins]) {
    for (let bin = 0; bin < counts.length; bin++) {
      const count = counts[bin] ?? 0;
      if (count > 0) counts[bin] = Math.round(count * factor); // most are none
    }
  }
  return blocks;
}

function scale(counts: Counts, factor: number): void {
  for (let bin = 0; bin < counts.length; bin++) {
    const count = counts[bin] ?? 0;
    if (count !== 0) counts[bin] = count * factor; // most are none
  }
}
