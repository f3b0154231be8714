// The first pass over a range of the rows of a tensor: windows go through the kernel; what it counted can be sent to another thread.
import type { BlockTally } from '../../core/analysis/blockTally.ts';
import { createExpertTally, type ExpertNumbers } from '../../core/analysis/expertTally.ts';
import type { Kernel } from '../../core/analysis/kernel.ts';
import type { Origin } from '../../core/analysis/origin.ts';
import { createTally, type Tally } from '../../core/analysis/tally.ts';
import { originOf } from './originSample.ts';
import { analyzePackedRows, firstPackedWeights } from './packedRows.ts';
import { createPass, endsInside, readRows, type Source } from './rowsPass.ts';
import type { TensorData } from './tensorData.ts';
import { bytesOf, expertEnd, rowLayout, type RowRange, spansOf, weightsIn, windowsOf } from './tensorRows.ts';

/** What a pass over some rows of a tensor found. */
export interface RowsTally {
  readonly range: RowRange;
  /** What the power sums are about. */
  readonly shift: number;
  readonly tally: Tally;
  /** Null for plain numbers. */
  readonly blocks: BlockTally | null;
  /** Of a packed matrix whose weights have codes of their own: what each stands for. `blocks.levels` counts codes then. */
  readonly codeLevels: readonly number[] | null;
  /** The smallest and the largest weight of every span, one after the other. */
  readonly extremes: Float32Array;
  /** Of the experts in the range; null for tensors of other kinds. */
  readonly experts: ExpertNumbers | null;
  /** Of the tensor, looked for in all of its rows together with its first; else null. */
  readonly origin: Origin | null;
}

/**
 * Yields the bytes done so far after every window; whoever drives it may stop there with `return()`. The kernel serves one
 * analysis at a time.
 * @param range an expert must not lie in two ranges; splitRows sees to it
 * @param shift of shiftOf; the same for all ranges of a tensor
 * @throws Failure not-readable when the file ends before the data does
 */
export function* analyzeRows(
  data: TensorData,
  range: RowRange,
  shift: number,
  source: Source,
  kernel: Kernel,
): Generator<number, RowsTally> {
  if (data.tensor.packed !== null) return yield* analyzePackedRows(data, range, shift, source, kernel);
  const layout = rowLayout(data);
  const spans = [...spansOf(layout, range)];
  const { tensor } = data;
  const pass = createPass(data, layout, shift, kernel);
  const experts = layout.expertRows === null ? null : createExpertTally(layout.rowWeights);
  const sum = createTally(layout.rowWeights);
  const extremes = new Float32Array(2 * spans.length);
  const into = experts === null ? [sum] : [sum, experts.current];
  let index = 0;
  let done = 0;
  try {
    for (const window of windowsOf(spans, layout, tensor.scheme, pass.windowBytes)) {
      done += readRows(
        data,
        layout,
        { from: window[0]?.from ?? 0, to: window.at(-1)?.to ?? 0 },
        source,
        kernel,
      );
      let at = 0;
      for (const span of window) {
        const weights = weightsIn(layout, span);
        pass.add(at, weights, into);
        at += bytesOf(tensor.scheme, weights);
        pass.takeExtremes(extremes, index);
        for (const tally of into) widen(tally, extremes, index);
        index += 2;
        if (experts === null || expertEnd(layout, span.from) !== span.to) continue;
        pass.moveTo(into);
        experts.end((layout.expertRows ?? 0) * layout.rowWeights, shift);
      }
      yield done;
    }
    pass.moveTo(into);
    const blocks = pass.blocks();
    const origin = range.from === 0 ? originOf(data, source) : null;
    return {
      range,
      shift,
      tally: sum,
      blocks,
      codeLevels: null,
      extremes,
      experts: experts?.numbers() ?? null,
      origin,
    };
  } finally {
    pass.leave();
  }
}

/** What the power sums of a tensor are about: 0, or the mean of its first weights where it is large against their spread. */
export function shiftOf(data: TensorData, source: Source, kernel: Kernel): number {
  const isPacked = data.tensor.packed !== null;
  const weights = isPacked ? firstPackedWeights(data, source, kernel) : firstWeights(data, source, kernel);
  let [finite, sum, squares] = [0, 0, 0];
  for (let index = 0; index < weights.length; index++) {
    const weight = weights[index] ?? NaN;
    if (!Number.isFinite(weight)) continue;
    finite += 1;
    sum += weight;
    squares += weight * weight;
  }
  if (finite === 0) return 0;
  const [mean, meanSquare] = [sum / finite, squares / finite];
  return mean ** 2 > meanSquare - mean ** 2 ? Math.fround(mean) : 0;
}

/** As many as a strip takes. */
function firstWeights({ tensor, endianness }: TensorData, source: Source, kernel: Kernel): Float32Array {
  const { scheme, elementCount, byteOffset } = tensor;
  const count = Math.min(elementCount, kernel.strip.length);
  const bytes = kernel.input.subarray(0, Math.ceil(bytesOf(scheme, count)));
  if (source.read(byteOffset, bytes) < bytes.length) throw endsInside(tensor.name);
  kernel.stripDecoder(scheme, endianness)?.decode(0, count / scheme.blockWeights);
  return kernel.strip.subarray(0, count);
}

function widen(tally: Tally, extremes: Float32Array, index: number): void {
  tally.least = Math.min(tally.least, extremes[index] ?? NaN);
  tally.most = Math.max(tally.most, extremes[index + 1] ?? NaN);
}
