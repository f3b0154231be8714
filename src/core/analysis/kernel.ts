// The WASM kernel (src/kernel) as the rest of the program uses it: bytes go into its memory, tallies come out.
import { anatomyOf } from '../quant/anatomy/anatomy.ts';
import type { Endianness } from '../quant/decode/decoder.ts';
import { decoderOf } from '../quant/decode/decoders.ts';
import { E4M3, E4M3_FNUZ, E5M2, E5M2_FNUZ, E8M0, halfValue } from '../quant/decode/floats.ts';
import {
  IQ1_GRID,
  IQ2_S_GRID,
  IQ2_XS_GRID,
  IQ2_XXS_GRID,
  IQ3_S_GRID,
  IQ3_XXS_GRID,
  iq4Level,
} from '../quant/decode/grids.ts';
import { FP4_VALUES, MX_SCALES, NV_SCALES } from '../quant/decode/smallFloats.ts';
import type { Scheme } from '../quant/scheme.ts';
import { type BlockTally, createBlockTally } from './blockTally.ts';
import { type CodeCounter, codeCounters } from './codeCounter.ts';
import { createLevelCounter, type LevelCounter } from './levelCounter.ts';
import { createOutlierScan, type OutlierScan } from './outlierScan.ts';
import { type PackedKernel, packedKernel } from './packedKernel.ts';
import { addCounts, BIN_COUNT, type Counts, type Tally } from './tally.ts';

/** 64 MiB, as tools/kernel.mjs compiles it: never grown, because that would detach every view. */
const MEMORY_PAGES = 1024;

export interface Kernel {
  /** Bytes of tensors are read straight into this part of the kernel's memory. */
  readonly input: Uint8Array;
  /** Floats of one strip, as the last call of a strip decoder left them. */
  readonly strip: Float32Array;
  /** Columns a tally can have at most. */
  readonly columnLimit: number;
  /** Null for a scheme without decoder. Make it once per tensor. */
  stripDecoder(scheme: Scheme, endianness: Endianness): StripDecoder | null;
  /** For floats of 16 bits, which need not be decoded: what would go through strip decoder and `add`. Null for other types. */
  codeCounter(scheme: Scheme, endianness: Endianness): CodeCounter | null;
  /** Adds the first `count` floats of `strip`, the first of them in column `firstColumn`. @param scale of `scaleOf` */
  add(count: number, firstColumn: number, shift: number, scale: number): void;
  /** Adds what was added since the last move to each of these tallies, and begins anew. `columnCount` columns were used; those
   * beyond the columns of a tally begin at its first one again. */
  moveTo(tallies: readonly Tally[], columnCount: number): void;
  /** The smallest and the largest weight since the last time, or since the last move: at `index` and the next. */
  takeExtremes(into: Float32Array, index: number): void;
  /** What was counted of blocks since the last take; begins anew. */
  takeBlocks(): BlockTally;
  /** The search for outliers in `strip`; one at a time. */
  readonly outliers: OutlierScan;
  /** Strips of packed matrices, whose weights come from several stored tensors. */
  readonly packed: PackedKernel;
}

export interface StripDecoder {
  /** Decodes whole blocks at an offset in `input` into `strip`: by the kernel where it knows the scheme, else by the reference
   * decoder. The blocks must lie in `input` and their weights fit into `strip`. */
  decode(inputOffset: number, blockCount: number): void;
  /** Counts levels, scales and mins of the blocks just decoded. Null: not of plain numbers, and not of what the reference
   * decoder has decoded. */
  readonly countBlocks: ((blockCount: number) => void) | null;
}

type WasmFunction = (...values: readonly number[]) => number;

/** @param bytes of the compiled kernel */
export const kernelFrom = (bytes: Uint8Array): Kernel => createKernel(new WebAssembly.Module(bytes));

export function createKernel(module: WebAssembly.Module): Kernel {
  const memory = new WebAssembly.Memory({ initial: MEMORY_PAGES, maximum: MEMORY_PAGES });
  const abort = (): never => {
    throw new Error('The kernel gave up.');
  };
  const { exports } = new WebAssembly.Instance(module, { env: { memory, abort } });
  const address = (name: string): number => (exports[name] as WebAssembly.Global).value;
  const call = (name: string): WasmFunction => exports[name] as WasmFunction;
  const [accumulate, accumulateWide] = [call('accumulate'), call('accumulateWide')];
  const [takeHistogram, takeBins] = [call('takeHistogram'), call('takeBins')];
  const findOutliers = call('findOutliers');
  writeTables(memory, address);

  const inputAt = address('INPUT');
  const stripAt = address('STRIP');
  const columnsAt = address('COLUMNS');
  const input = new Uint8Array(memory.buffer, inputAt);
  const strip = new Float32Array(memory.buffer, stripAt, address('STRIP_WEIGHTS'));
  const powers = new Float64Array(memory.buffer, address('SUMS'), 4);
  const extremes = new Float32Array(memory.buffer, address('SUMS') + powers.byteLength, 2);
  const usedBins = new Uint32Array(memory.buffer, address('USED_BINS'), 2 * BIN_COUNT);
  const levelCounter = createLevelCounter(memory, address, call);
  const [scalesAt, minsAt] = [address('SCALE_HISTOGRAM'), address('MIN_HISTOGRAM')];
  const columns = new Float32Array(memory.buffer, columnsAt, address('COLUMN_COUNT'));

  const codeCounter = codeCounters(memory, address, call, (visit) => {
    const binCount = takeHistogram();
    for (let at = 0; at < 2 * binCount; at += 2) visit(usedBins[at] ?? NaN, usedBins[at + 1] ?? NaN);
  });

  const clear = (): void => {
    powers.fill(0);
    extremes.set([Infinity, -Infinity]);
  };
  clear();
  return {
    input,
    strip,
    columnLimit: columns.length,
    stripDecoder(scheme, endianness) {
      const wasmDecode = exports[scheme.name];
      if (scheme.kind !== 'unknown' && typeof wasmDecode === 'function' && endianness === 'little') {
        return {
          decode: (inputOffset, blockCount) =>
            (wasmDecode as WasmFunction)(inputAt + inputOffset, stripAt, blockCount),
          countBlocks: blockCounter(scheme, levelCounter, call),
        };
      }
      const decode = decoderOf(scheme);
      if (decode === null) return null;
      return {
        decode: (inputOffset, blockCount) => decode(input, inputOffset, blockCount, strip, 0, endianness),
        countBlocks: null,
      };
    },
    codeCounter: (scheme, endianness) => (endianness === 'little' ? codeCounter(scheme) : null),
    add(count, firstColumn, shift, scale) {
      const columnAt = columnsAt + 4 * firstColumn;
      if (scale === 0) accumulateWide(stripAt, count, columnAt, shift);
      else accumulate(stripAt, count, columnAt, shift, scale);
    },
    moveTo(tallies, columnCount) {
      const binCount = takeHistogram();
      for (const tally of tallies) {
        tally.least = Math.min(tally.least, extremes[0] ?? NaN);
        tally.most = Math.max(tally.most, extremes[1] ?? NaN);
        addCounts(tally.powers, powers);
        addBins(tally.histogram, usedBins, binCount);
        for (let first = 0; first < columnCount; first += tally.columns.length)
          raiseAll(tally.columns, columns.subarray(first, columnCount));
      }
      columns.fill(0, 0, columnCount);
      clear();
    },
    takeExtremes(into, index) {
      // One by one: to set two numbers from an array takes several times as long.
      into[index] = extremes[0] ?? NaN;
      into[index + 1] = extremes[1] ?? NaN;
      extremes[0] = Infinity;
      extremes[1] = -Infinity;
    },
    outliers: createOutlierScan(memory, address, (count) => findOutliers(stripAt, count)),
    packed: packedKernel(memory, address, call, levelCounter),
    takeBlocks() {
      const tally = { ...createBlockTally(), levels: levelCounter.take() };
      addBins(tally.scales, usedBins, takeBins(scalesAt));
      addBins(tally.mins, usedBins, takeBins(minsAt));
      return tally;
    },
  };
}

/** Counts of what a decoder of the kernel left behind. */
function blockCounter(
  scheme: Scheme,
  levelCounter: LevelCounter,
  call: (name: string) => WasmFunction,
): StripDecoder['countBlocks'] {
  const anatomy = anatomyOf(scheme, 'little');
  if (anatomy === null) return null;
  const { scaleWeights, levelSteps, hasMin } = anatomy;
  const countLevels = levelCounter.counterOf(scheme);
  const [countScales, countMins] = [call('countScales'), call('countMins')];
  return (blockCount) => {
    const count = blockCount * scheme.blockWeights;
    countLevels(count);
    countScales(count, scaleWeights, levelSteps);
    if (hasMin) countMins(count, scaleWeights);
  };
}

/** Raises columns to those of other rows, which may be more: what stands beyond is left. */
function raiseAll(columns: Float32Array, others: Float32Array): void {
  const count = Math.min(columns.length, others.length);
  for (let column = 0; column < count; column++)
    columns[column] = Math.max(columns[column] ?? 0, others[column] ?? 0);
}

/** Adds counts that stand behind their bins. */
function addBins(into: Counts, usedBins: Uint32Array, binCount: number): void {
  for (let at = 0; at < 2 * binCount; at += 2) {
    const bin = usedBins[at] as number;
    into[bin] = (into[bin] ?? 0) + (usedBins[at + 1] ?? 0);
  }
}

/** The kernel computes with the tables of the reference decoders. */
function writeTables({ buffer }: WebAssembly.Memory, address: (name: string) => number): void {
  const floats = (name: string, count: number, valueOf: (index: number) => number): void => {
    const table = new Float32Array(buffer, address(name), count);
    for (let index = 0; index < count; index++) table[index] = valueOf(index);
  };
  const bytes = (name: string, count: number, valueOf: (index: number) => number): void => {
    const table = new Int8Array(buffer, address(name), count);
    for (let index = 0; index < count; index++) table[index] = valueOf(index);
  };
  floats('HALVES', 65_536, halfValue);
  floats('MX_SCALES', 256, (code) => (MX_SCALES[code] ?? NaN) / 2);
  floats('NV_SCALES', 256, (code) => (NV_SCALES[code] ?? NaN) / 2);
  const floats8 = {
    E4M3_VALUES: E4M3,
    E5M2_VALUES: E5M2,
    E4M3_FNUZ_VALUES: E4M3_FNUZ,
    E5M2_FNUZ_VALUES: E5M2_FNUZ,
    E8M0_VALUES: E8M0,
  };
  for (const [name, values] of Object.entries(floats8)) floats(name, 256, (code) => values[code] ?? NaN);
  bytes('SIGNS', 8 * 256, (index) => -(((index >> 3) >> (index & 7)) & 1));
  bytes('FP4_LEVELS', 16, (code) => 2 * (FP4_VALUES[code] ?? NaN));
  bytes('IQ4_LEVELS', 16, iq4Level);
  const grids = { IQ1_GRID, IQ2_XXS_GRID, IQ2_XS_GRID, IQ2_S_GRID, IQ3_XXS_GRID, IQ3_S_GRID };
  for (const [name, { levels }] of Object.entries(grids)) {
    bytes(name, levels.byteLength, (index) => levels.getInt8(index));
  }
}
