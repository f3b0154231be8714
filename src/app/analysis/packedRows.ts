// The two passes over lines of a packed matrix: what rowsAnalysis.ts and rowsSearch.ts do with rows of other tensors. Estimates go
// through the first, too.
import type { BlockTally } from '../../core/analysis/blockTally.ts';
import { createExpertTally } from '../../core/analysis/expertTally.ts';
import type { Kernel } from '../../core/analysis/kernel.ts';
import { type OutlierLimits, type Outliers, worstOf } from '../../core/analysis/outliers.ts';
import { countGroups, createGroupTally, createPackedTally } from '../../core/analysis/packedTally.ts';
import { BIN_COUNT, createTally, type Counts, type Tally } from '../../core/analysis/tally.ts';
import { openPacked, type PackedData } from './packedData.ts';
import type { RowsTally } from './rowsAnalysis.ts';
import { MAX_WEIGHTS_AT_ONCE, type Source, WINDOW_BYTES } from './rowsPass.ts';
import type { TensorData } from './tensorData.ts';
import { expertEnd, rangeBytes, rowLayout, type RowLayout, type RowRange, spansOf } from './tensorRows.ts';

/** See analyzeRows: the rows are lines as they are stored, input channels for some packings. */
export function* analyzePackedRows(
  data: TensorData,
  range: RowRange,
  shift: number,
  source: Source,
  kernel: Kernel,
): Generator<number, RowsTally> {
  const layout = rowLayout(data);
  const packed = openPacked(data, source);
  const pass = createPackedPass(packed, shift, kernel);
  const experts = layout.expertRows === null ? null : createExpertTally(packed.channels);
  const sum = createTally(packed.channels);
  const into = experts === null ? [sum] : [sum, experts.current];
  const spans = spansOf(layout, range);
  const extremes: number[] = [];
  let span = spans.next();
  let isNew = true;
  let done = 0;
  try {
    for (const rows of windowsOf(data, layout, packed, range)) {
      const found = pass.add(rows, into);
      for (let row = rows.from; row < rows.to; row++) {
        if (span.done !== true && row >= span.value.to) [span, isNew] = [spans.next(), true];
        const at = 2 * (row - rows.from);
        if (isNew) extremes.push(Infinity, -Infinity);
        isNew = false;
        keepExtremes(extremes, found[at] ?? NaN, found[at + 1] ?? NaN);
      }
      done += rangeBytes(data, layout, rows);
      if (experts !== null && expertEnd(layout, rows.from) === rows.to) {
        pass.moveTo(into);
        experts.end((layout.expertRows ?? 0) * layout.rowWeights, shift);
      }
      yield done;
    }
    pass.moveTo(into);
    const first = packed.layoutAt(range.from);
    return {
      range,
      shift,
      tally: sum,
      blocks: pass.blocks(),
      codeLevels: first.kind === 'coded' ? first.levels : null,
      extremes: Float32Array.from(extremes),
      experts: experts?.numbers() ?? null,
      origin: null,
    };
  } finally {
    pass.leave();
  }
}

/** See searchRows. */
export function* searchPackedRows(
  data: TensorData,
  part: Pick<RowsTally, 'range' | 'extremes'>,
  limits: OutlierLimits,
  source: Source,
  kernel: Kernel,
): Generator<number, Outliers> {
  const layout = rowLayout(data);
  const packed = openPacked(data, source);
  const { outliers, strip } = kernel;
  const { lineWeights } = packed.lines;
  outliers.begin(limits);
  let done = 0;
  for (const rows of worthwhile(layout, part, kernel, linesAtOnce(data, layout, packed))) {
    const own = packed.layoutAt(rows.from);
    const { codes, lines } = packed.readCodes(rows, kernel);
    for (let line = lines.from; line < lines.to; line++) {
      const first = (rows.from + line - lines.from) * lineWeights;
      for (let from = 0; from < lineWeights; from += strip.length) {
        const count = Math.min(strip.length, lineWeights - from);
        kernel.packed.decode(own, line, from, count, codes);
        outliers.scan(count, first + from);
      }
    }
    const before = done;
    done += rangeBytes(data, layout, rows);
    if (Math.floor(done / WINDOW_BYTES) !== Math.floor(before / WINDOW_BYTES)) yield done;
  }
  const { counts, worst } = outliers.found();
  const placed = worst.map(({ index: at, value }) => ({ index: packed.placeOf(at), value }));
  return { counts, worst: worstOf(placed, limits.mean) };
}

/** Neighboring spans that can have outliers are read together. */
function* worthwhile(
  layout: RowLayout,
  { range, extremes }: Pick<RowsTally, 'range' | 'extremes'>,
  { outliers }: Kernel,
  mostLines: number,
): Generator<RowRange> {
  let rows: RowRange | null = null;
  let index = -2;
  for (const span of spansOf(layout, range)) {
    index += 2;
    if (!outliers.isWorthwhile(extremes[index] ?? NaN, extremes[index + 1] ?? NaN)) continue;
    if (
      rows?.to === span.from &&
      span.to - rows.from <= mostLines &&
      expertEnd(layout, rows.from) >= span.to
    ) {
      rows = { from: rows.from, to: span.to };
      continue;
    }
    if (rows !== null) yield rows;
    rows = span;
  }
  if (rows !== null) yield rows;
}

/** What the power sums are about; see shiftOf. @returns the first weights, which may be fewer than a strip */
export function firstPackedWeights(data: TensorData, source: Source, kernel: Kernel): Float32Array {
  const packed = openPacked(data, source);
  const { codes } = packed.readCodes({ from: 0, to: 1 }, kernel);
  const count = Math.min(kernel.strip.length, packed.lines.lineWeights);
  kernel.packed.decode(packed.layoutAt(0), 0, 0, count, codes);
  return kernel.strip.subarray(0, count);
}

/** A pass over some lines in whatever order. */
export interface PackedPass {
  /** Adds lines of one matrix; their extremes to these tallies at once. @returns the smallest and the largest weight of each; valid until the next call */
  add(rows: RowRange, tallies: readonly Tally[]): Float32Array;
  moveTo(tallies: readonly Tally[]): void;
  /** Codes, scales and zeros of what was added; null where no weight has a code or a scale of its own. */
  blocks(): BlockTally;
  leave(): void;
}

export function createPackedPass(packed: PackedData, shift: number, kernel: Kernel): PackedPass {
  const { axis, lineWeights } = packed.lines;
  const tally = createPackedTally(kernel, { axis, lineWeights, channels: packed.channels }, shift);
  const groups = createGroupTally();
  let levels: Counts = new Float64Array(256);
  let extremes = new Float32Array();
  let pending = 0;
  const moveCodes = (): void => {
    const codes = tally.takeCodes();
    if (codes !== null) levels = levels.map((count, code) => count + (codes[code] ?? 0));
  };
  const moveTo = (into: readonly Tally[]): void => {
    tally.moveTo(into);
    moveCodes();
    pending = 0;
  };
  return {
    add(rows, into) {
      const weights = (rows.to - rows.from) * lineWeights;
      if (pending + weights > MAX_WEIGHTS_AT_ONCE) moveTo(into);
      pending += weights;
      const layout = packed.layoutAt(rows.from);
      const { codes, lines } = packed.readCodes(rows, kernel);
      const count = 2 * (rows.to - rows.from);
      if (extremes.length < count) extremes = new Float32Array(count);
      tally.addLines(layout, lines, codes, extremes);
      for (const each of into) widen(each, extremes.subarray(0, count));
      countGroups(groups, layout, lines);
      return extremes.subarray(0, count);
    },
    moveTo,
    blocks() {
      moveCodes();
      const { scales, zeros } = groups;
      return { levels, scales, mins: packed.layoutAt(0).groups.zeroKind === 'bias' ? zeros : noCounts() };
    },
    leave: () => moveTo([]),
  };
}

/** Zero points are no mins: they have a view of their own. */
const noCounts = (): Counts => new Float64Array(BIN_COUNT);

/** Lines that are read together: whole steps, of one matrix. */
function* windowsOf(
  data: TensorData,
  layout: RowLayout,
  packed: PackedData,
  { from, to }: RowRange,
): Generator<RowRange> {
  const { lines } = packed.lines;
  const most = linesAtOnce(data, layout, packed);
  for (let row = from; row < to;) {
    const end = Math.min(to, row + most, (Math.floor(row / lines) + 1) * lines);
    yield { from: row, to: end };
    row = end;
  }
}

function linesAtOnce(data: TensorData, layout: RowLayout, { lines: { step } }: PackedData): number {
  const bytesPerLine = rangeBytes(data, layout, { from: 0, to: 1 });
  return step * Math.max(1, Math.floor(WINDOW_BYTES / bytesPerLine / step));
}

function keepExtremes(extremes: number[], least: number, most: number): void {
  const at = extremes.length - 2;
  extremes[at] = Math.min(extremes[at] ?? NaN, least);
  extremes[at + 1] = Math.max(extremes[at + 1] ?? NaN, most);
}

function widen(tally: Tally, extremes: Float32Array): void {
  for (let at = 0; at < extremes.length; at += 2) {
    tally.least = Math.min(tally.least, extremes[at] ?? NaN);
    tally.most = Math.max(tally.most, extremes[at + 1] ?? NaN);
  }
}
