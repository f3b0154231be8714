// Scales, zero points and the order of input channels of a packed matrix: maps of as many cells as a panel can show.
import type { Tensor } from '../../core/formats/model.ts';
import type { GroupGrid } from '../../core/quant/packed/layout.ts';
import type { PackedMatrix } from '../../core/quant/packed/packing.ts';
import { type GroupMap, type GroupsView, MAX_MAP_CELLS, MAX_POINTS } from '../../protocol/tensorGroups.ts';
import type { Histogram } from '../../protocol/tensorStats.ts';
import { shownName } from '../present/tensorColumns.ts';
import { openPacked } from './packedData.ts';
import type { Source } from './rowsPass.ts';
import type { TensorData } from './tensorData.ts';

/** Numbers that are read between two chances to stop. */
const NUMBERS_AT_ONCE = 2 ** 20;
/** A matrix of its own takes as long as so many numbers: its layout is made anew. */
const NUMBERS_PER_MATRIX = 2 ** 10;
/** Bins of zero points that are no whole numbers. */
const FLOAT_BINS = 64;
/** Zero points beyond it are counted as floats, or there could be as many counts as numbers. */
const MAX_WHOLE = 2 ** 12;

/** Yields the numbers read so far. @throws Failure not-readable when the file ends before the data does */
export function* readGroups(data: TensorData, source: Source): Generator<number, GroupsView> {
  const { tensor } = data;
  if (tensor.packed === null) return noGroups(tensor, 'It is not packed.');
  const { matrix } = tensor.packed;
  const packed = openPacked(data, source);
  const first = packed.layoutAt(0).groups;
  // Codes of scaled integers are signed, and so are their zero points.
  const isSigned = matrix.packing.system === 'scaled' || matrix.packing.system === 'torchao';
  const middle = first.zeroKind === 'bias' || isSigned ? 0 : 2 ** (matrix.packing.codeBits - 1);
  const scales = createMap(first, matrix.matrices, 0);
  const zeros = first.zeros === null ? null : createMap(first, matrix.matrices, middle);
  const counts = createZeroCounts(first, matrix);
  let [read, work, told] = [0, 0, 0];
  for (let stacked = 0; stacked < matrix.matrices; stacked++) {
    const { groups } = packed.layoutAt(stacked * packed.lines.lines);
    work += NUMBERS_PER_MATRIX;
    for (let index = 0; index < groups.count; index++) {
      scales.add(groups.scales(index), stacked, index);
      const own = groups.zeros?.(index);
      if (own !== undefined) {
        zeros?.add(own, stacked, index);
        counts.add(own);
      }
      read += groups.length;
      work += groups.length;
      if (work - told < NUMBERS_AT_ONCE) continue;
      told = work;
      yield read;
    }
  }
  return {
    name: shownName(tensor.name),
    unavailable: null,
    scales: scales.map,
    zeros: zeros?.map ?? null,
    zeroKind: first.zeroKind,
    zeroCounts: first.zeroKind === 'bias' ? null : counts.histogram(),
    order: orderOf(first),
    widths: first.widths,
    superScales: superScalesOf(first),
  };
}

/** Nothing, and why. */
export const noGroups = (tensor: Tensor, why: string): GroupsView => ({
  name: shownName(tensor.name),
  unavailable: why,
  scales: null,
  zeros: null,
  zeroKind: 'point',
  zeroCounts: null,
  order: null,
  widths: null,
  superScales: null,
});

/** A map of which each cell keeps the number furthest from `middle`. */
function createMap({ axis, count, length }: GroupGrid, matrices: number, middle: number) {
  const [ownRows, groups] = axis === 'rows' ? [count, length] : [length, count];
  const rows = matrices * ownRows;
  const rowsPerCell = Math.max(1, Math.ceil(rows / MAX_MAP_CELLS));
  const groupsPerCell = Math.max(1, Math.ceil(groups / MAX_MAP_CELLS));
  const [height, width] = [Math.ceil(rows / rowsPerCell), Math.ceil(groups / groupsPerCell)];
  const cells = new Float32Array(height * width).fill(NaN);
  const keep = (row: number, group: number, value: number): void => {
    const cell = Math.floor(row / rowsPerCell) * width + Math.floor(group / groupsPerCell);
    const known = cells[cell] ?? NaN;
    if (!(Math.abs(value - middle) <= Math.abs(known - middle)) && !Number.isNaN(value)) cells[cell] = value;
  };
  const map: GroupMap = { rows, groups, rowsPerCell, groupsPerCell, height, width, cells };
  return {
    map,
    /** @param index row of scales, or group of input channels */
    add(numbers: Float32Array, stacked: number, index: number): void {
      const first = stacked * ownRows;
      for (let at = 0; at < numbers.length; at++) {
        if (axis === 'rows') keep(first + index, at, numbers[at] ?? NaN);
        else keep(first + at, index, numbers[at] ?? NaN);
      }
    },
  };
}

/** Counts whole numbers one by one; others as floats of 16 bits, whose bins are evened out in the end. */
function createZeroCounts({ zeros }: GroupGrid, { packing }: PackedMatrix) {
  const whole = new Map<number, number>();
  let [least, most] = [Infinity, -Infinity];
  const steps = 2 ** packing.codeBits;
  let isWhole = true;
  const floats = new Map<number, number>();
  return {
    add(numbers: Float32Array): void {
      for (let at = 0; at < numbers.length; at++) {
        const value = numbers[at] ?? NaN;
        if (!Number.isFinite(value)) continue;
        least = Math.min(least, value);
        most = Math.max(most, value);
        isWhole &&= Number.isInteger(value) && Math.abs(value) <= MAX_WHOLE;
        const key = isWhole ? value : roughly(value);
        const counts = isWhole ? whole : floats;
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
    },
    histogram(): Histogram | null {
      if (zeros === null || !(least <= most)) return null;
      const spread = most - Math.min(0, least);
      if (isWhole && spread < 256) {
        const low = Math.min(0, least);
        const high = Math.max(low + steps - 1, most);
        const counts = new Float64Array(high - low + 1);
        for (const [value, count] of whole) counts[value - low] = count;
        return { low: low - 0.5, high: high + 0.5, counts };
      }
      const counts = new Float64Array(FLOAT_BINS);
      const step = (most - least) / FLOAT_BINS || 1;
      for (const [value, count] of [...whole, ...floats]) {
        const bin = Math.max(0, Math.min(FLOAT_BINS - 1, Math.floor((value - least) / step)));
        counts[bin] = (counts[bin] ?? 0) + count;
      }
      return { low: least, high: least + step * FLOAT_BINS, counts };
    },
  };
}

const VIEW_OF_BITS = new DataView(new ArrayBuffer(4));
/** To 12 bits of mantissa: so that there are not as many keys as groups. */
function roughly(value: number): number {
  VIEW_OF_BITS.setFloat32(0, value);
  VIEW_OF_BITS.setUint32(0, VIEW_OF_BITS.getUint32(0) & 0xffff_f000);
  return VIEW_OF_BITS.getFloat32(0);
}

function orderOf({ axis, groupOf, count, length }: GroupGrid): GroupsView['order'] {
  if (groupOf === null) return null;
  const perPoint = Math.max(1, Math.ceil(groupOf.length / MAX_POINTS));
  return {
    channels: groupOf.length,
    groups: axis === 'rows' ? length : count,
    perPoint,
    groupOf: Float32Array.from(
      { length: Math.ceil(groupOf.length / perPoint) },
      (_item, point) => groupOf[point * perPoint] ?? NaN,
    ),
  };
}

function superScalesOf({ superScales }: GroupGrid): GroupsView['superScales'] {
  if (superScales === null) return null;
  const { name, values } = superScales;
  const perPoint = Math.max(1, Math.ceil(values.length / MAX_POINTS));
  const largest = new Float32Array(Math.ceil(values.length / perPoint));
  values.forEach((value, index) => {
    const point = Math.floor(index / perPoint);
    if (Math.abs(value) > Math.abs(largest[point] ?? 0)) largest[point] = value;
  });
  return { name, count: values.length, perPoint, values: largest };
}
