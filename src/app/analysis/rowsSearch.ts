// The second pass over a range of the rows of a tensor: looks for outliers in the spans that can have any, by their extremes.
import type { Kernel } from '../../core/analysis/kernel.ts';
import type { OutlierLimits, Outliers } from '../../core/analysis/outliers.ts';
import { searchPackedRows } from './packedRows.ts';
import type { RowsTally } from './rowsAnalysis.ts';
import { readRows, type Source, WINDOW_BYTES } from './rowsPass.ts';
import type { TensorData } from './tensorData.ts';
import {
  bytesOf,
  firstWeight,
  rowLayout,
  type RowLayout,
  type RowRange,
  spansOf,
  weightsIn,
  windowsOf,
} from './tensorRows.ts';

/**
 * Yields the bytes read so far whenever a window is full; whoever drives it may stop there with `return()`. Spans without anything of
 * interest are not read again.
 * @param part of analyzeRows
 * @param limits of outlierLimits for the whole tensor
 * @throws Failure not-readable when the file ends before the data does
 */
export function* searchRows(
  data: TensorData,
  part: Pick<RowsTally, 'range' | 'extremes'>,
  limits: OutlierLimits,
  source: Source,
  kernel: Kernel,
): Generator<number, Outliers> {
  if (data.tensor.packed !== null) return yield* searchPackedRows(data, part, limits, source, kernel);
  const { scheme } = data.tensor;
  const layout = rowLayout(data);
  const decoder = kernel.stripDecoder(scheme, data.endianness);
  if (decoder === null) throw new RangeError(`There is no decoder for ${scheme.name}.`);
  const { outliers, strip } = kernel;
  outliers.begin(limits);
  let [done, told] = [0, 0];
  for (const window of windowsOf(worthwhile(layout, part, kernel), layout, scheme, WINDOW_BYTES)) {
    const rows = { from: window[0]?.from ?? 0, to: window.at(-1)?.to ?? 0 };
    done += readRows(data, layout, rows, source, kernel);
    const [first, count] = [firstWeight(layout, rows.from), weightsIn(layout, rows)];
    for (let at = 0; at < count; at += strip.length) {
      const piece = Math.min(strip.length, count - at);
      decoder.decode(bytesOf(scheme, at), piece / scheme.blockWeights);
      outliers.scan(piece, first + at);
    }
    // Spans lie apart, and a read of one is short: a chance to stop after each would take longer than all the rest.
    if (done - told < WINDOW_BYTES) continue;
    told = done;
    yield done;
  }
  return outliers.found();
}

/** The limit of what is listed rises during the search: so later spans are asked later. */
function* worthwhile(
  layout: RowLayout,
  { range, extremes }: Pick<RowsTally, 'range' | 'extremes'>,
  { outliers }: Kernel,
): Generator<RowRange> {
  let index = 0;
  for (const span of spansOf(layout, range)) {
    if (outliers.isWorthwhile(extremes[index] ?? NaN, extremes[index + 1] ?? NaN)) yield span;
    index += 2;
  }
}
