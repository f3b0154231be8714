// Tallies a packed matrix line by line: strips of lines go through the kernel; extremes are those of lines, because a line may be a column.
import type { CodeWindow, LineRange, PackedLayout } from '../quant/packed/layout.ts';
import type { Kernel } from './kernel.ts';
import { BIN_COUNT, type Counts, type Tally } from './tally.ts';
import { scaleOf } from './tensorTally.ts';

export interface PackedTally {
  /**
   * Adds whole lines.
   * @param codes of these lines; bytes of the input of the kernel
   * @param extremes receives the smallest and the largest weight of each line, one after the other
   */
  addLines(layout: PackedLayout, lines: LineRange, codes: CodeWindow, extremes: Float32Array): void;
  /** Adds what was added here to each of these tallies, whose columns are input channels, and begins anew. */
  moveTo(tallies: readonly Tally[]): void;
  /** Weights by their codes; null where there are none of single weights. Begins anew. */
  takeCodes(): Counts | null;
}

/**
 * One matrix at a time uses a kernel.
 * @param shift see addToTally
 */
export function createPackedTally(
  kernel: Kernel,
  { axis, lineWeights, channels }: LineShape,
  shift: number,
): PackedTally {
  const { packed, strip } = kernel;
  const columnCount = Math.min(kernel.columnLimit, lineWeights);
  const pair = new Float32Array(2);
  const maxima = new Float32Array(axis === 'columns' ? channels : 0);
  let scale: number | null = null;
  let hasCodes = false;
  return {
    addLines(layout, { from, to }, codes, extremes) {
      for (let line = from; line < to; line++) extremes.set([Infinity, -Infinity], 2 * (line - from));
      hasCodes ||= layout.kind === 'coded';
      // Along the lines first: those of one group share their scales, which stay in the kernel.
      for (let first = 0; first < lineWeights; first += strip.length) {
        const count = Math.min(strip.length, lineWeights - first);
        for (let line = from; line < to; line++) {
          packed.decode(layout, line, first, count, codes);
          scale ??= scaleOf(strip.subarray(0, count), shift);
          kernel.add(count, first % kernel.columnLimit, shift, scale);
          if (layout.kind === 'coded') packed.countCodes(layout, count);
          kernel.takeExtremes(pair, 0);
          widen(extremes, 2 * (line - from), pair);
        }
      }
      if (axis === 'columns')
        raiseChannels(maxima, layout.order, from, extremes.subarray(0, 2 * (to - from)));
    },
    moveTo(tallies) {
      if (axis === 'rows') {
        kernel.moveTo(tallies, columnCount);
        return;
      }
      // What the kernel holds as columns are output channels.
      const turned = tallies.map((tally) => ({ ...tally, columns: new Float32Array(columnCount) }));
      kernel.moveTo(turned, columnCount);
      tallies.forEach((tally, index) => {
        tally.least = turned[index]?.least ?? NaN;
        tally.most = turned[index]?.most ?? NaN;
        for (let channel = 0; channel < maxima.length; channel++)
          tally.columns[channel] = Math.max(tally.columns[channel] ?? 0, maxima[channel] ?? 0);
      });
      maxima.fill(0);
    },
    takeCodes: () => (hasCodes ? packed.takeCodes() : null),
  };
}

/** What a tally has to know of a matrix. */
export interface LineShape {
  readonly axis: PackedLayout['axis'];
  readonly lineWeights: number;
  /** Input channels. */
  readonly channels: number;
}

/** The largest magnitude of each line, which is an input channel. */
function raiseChannels(
  maxima: Float32Array,
  order: Int32Array | null,
  first: number,
  extremes: Float32Array,
): void {
  for (let index = 0; index < extremes.length / 2; index++) {
    const [least, most] = [extremes[2 * index] ?? NaN, extremes[2 * index + 1] ?? NaN];
    if (!(least <= most)) continue; // nothing but NaN
    const channel = order?.[first + index] ?? first + index;
    maxima[channel] = Math.max(maxima[channel] ?? 0, Math.abs(least), Math.abs(most));
  }
}

function widen(extremes: Float32Array, at: number, [least = NaN, most = NaN]: Float32Array): void {
  extremes[at] = Math.min(extremes[at] ?? NaN, least);
  extremes[at + 1] = Math.max(extremes[at + 1] ?? NaN, most);
}

/** Scales and zeros of groups by the upper 16 bits of their F32. */
export interface GroupTally {
  readonly scales: Counts;
  /** Empty where there are none. */
  readonly zeros: Counts;
}

export const createGroupTally = (): GroupTally => ({
  scales: new Float64Array(BIN_COUNT),
  zeros: new Float64Array(BIN_COUNT),
});

/**
 * Counts the scales and zeros that belong to some lines: each entry of the grid to one line, so that ranges of all lines count all.
 */
export function countGroups(tally: GroupTally, { groups, lines }: PackedLayout, range: LineRange): void {
  const first = Math.ceil((range.from * groups.count) / lines);
  const end = Math.ceil((range.to * groups.count) / lines);
  for (let index = first; index < end; index++) {
    countBins(tally.scales, groups.scales(index));
    if (groups.zeros !== null) countBins(tally.zeros, groups.zeros(index));
  }
}

function countBins(counts: Counts, numbers: Float32Array): void {
  const patterns = new Uint32Array(numbers.buffer, numbers.byteOffset, numbers.length);
  for (let at = 0; at < patterns.length; at++) {
    const bin = (patterns[at] ?? 0) >>> 16;
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
}
