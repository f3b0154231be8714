// Floats of 16 bits are counted by their codes and never decoded: 65,536 counts say all there is to say of the weights.
import { halfValue } from '../quant/decode/floats.ts';
import { bfloat } from '../quant/decode/plainNumbers.ts';
import type { Scheme } from '../quant/scheme.ts';
import type { Tally } from './tally.ts';

export interface CodeCounter {
  /** Adds `count` weights that lie at an offset in the input of the kernel, the first of them in column `firstColumn`. */
  add(inputOffset: number, count: number, firstColumn: number): void;
  /** As that of the kernel. @param shift see addToTally */
  moveTo(tallies: readonly Tally[], columnCount: number, shift: number): void;
  /** As that of the kernel. */
  takeExtremes(into: Float32Array, index: number): void;
}

const CODE_COUNT = 65_536;
/** Value of a code, and the code of infinity. */
const TYPES: Readonly<Partial<Record<string, { valueOf(code: number): number; readonly infinity: number }>>> =
  {
    F16: { valueOf: halfValue, infinity: 0x7c00 },
    BF16: { valueOf: bfloat, infinity: 0x7f80 },
  };

/**
 * The counters of a kernel; null for a scheme that has none.
 * @param takeCounts empties the histogram of the kernel and answers what was in it
 */
export function codeCounters(
  { buffer }: WebAssembly.Memory,
  address: (name: string) => number,
  call: (name: string) => (...values: readonly number[]) => number,
  takeCounts: (visit: (code: number, count: number) => void) => void,
): (scheme: Scheme) => CodeCounter | null {
  const [inputAt, columnsAt] = [address('INPUT'), address('COLUMNS')];
  const countCodes = call('countCodes');
  // The same memory as the columns of floats: it is all zeros between two tensors, and so it is left.
  const columns = new Uint16Array(buffer, columnsAt, address('COLUMN_COUNT'));
  const extremes = new Int32Array(buffer, address('CODE_EXTREMES'), 2);
  const clearExtremes = (): void => extremes.set([0x7fff, -0x8000]);
  clearExtremes();
  const tables = new Map<string, Float32Array>();
  return ({ name }) => {
    const type = TYPES[name];
    if (type === undefined) return null;
    const { valueOf, infinity } = type;
    const values =
      tables.get(name) ?? Float32Array.from({ length: CODE_COUNT }, (_item, code) => valueOf(code));
    tables.set(name, values);
    const bins = new Uint32Array(values.buffer);
    /** Of an extreme, which no weight but NaN may have had. */
    const valueAt = (ordered: number, none: number): number => {
      const code = ordered < 0 ? 0x8000 | (~ordered & 0x7fff) : ordered;
      return (code & 0x7fff) > infinity ? none : (values[code] ?? NaN);
    };
    return {
      add(inputOffset, count, firstColumn) {
        countCodes(inputAt + inputOffset, count, columnsAt + 2 * firstColumn, infinity);
      },
      moveTo(tallies, columnCount, shift) {
        const powers = new Float64Array(4);
        takeCounts((code, count) => {
          const weight = values[code] ?? NaN;
          const bin = (bins[code] ?? 0) >>> 16;
          for (const { histogram } of tallies) histogram[bin] = (histogram[bin] ?? 0) + count;
          if (Number.isFinite(weight)) addPowers(powers, Math.fround(weight - shift), count);
        });
        for (const tally of tallies) {
          tally.least = Math.min(tally.least, valueAt(extremes[0] ?? NaN, Infinity));
          tally.most = Math.max(tally.most, valueAt(extremes[1] ?? NaN, -Infinity));
          for (let power = 0; power < 4; power++)
            tally.powers[power] = (tally.powers[power] ?? 0) + (powers[power] ?? 0);
          raiseColumns(tally.columns, columns, columnCount, values);
        }
        columns.fill(0, 0, columnCount);
        clearExtremes();
      },
      takeExtremes(into, index) {
        into[index] = valueAt(extremes[0] ?? NaN, Infinity);
        into[index + 1] = valueAt(extremes[1] ?? NaN, -Infinity);
        clearExtremes();
      },
    };
  };
}

function addPowers(powers: Float64Array, x: number, count: number): void {
  const square = x * x;
  powers[0] = (powers[0] ?? 0) + count * x;
  powers[1] = (powers[1] ?? 0) + count * square;
  powers[2] = (powers[2] ?? 0) + count * (square * x);
  powers[3] = (powers[3] ?? 0) + count * (square * square);
}

/** Columns beyond those of the tally begin at its first one again. */
function raiseColumns(
  into: Float32Array,
  codes: Uint16Array,
  columnCount: number,
  values: Float32Array,
): void {
  for (let index = 0; index < columnCount; index++) {
    const column = index % into.length;
    into[column] = Math.max(into[column] ?? 0, values[codes[index] ?? 0] ?? NaN);
  }
}
