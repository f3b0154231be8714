// What quantizing does to the sampled rows of one tensor: read, made float32, quantized, made float32 again, and compared.
import { notReadable, wrongUsage } from '../core/base/failure.ts';
import type { ErrorSample, ErrorSums } from '../protocol/quantizeErrors.ts';
import { areFinite, createTally } from './errorTally.ts';
import type { GgmlTypes, Where } from './ggmlTypes.ts';
import { readImportance } from './importance.ts';
import type { Llama } from './llama.ts';
import { readRuns, rowBatches, type RowRun, rowsOfBatch, type SampledFile } from './sampledRows.ts';
import { createSpeed, type Stopwatch } from './stopwatch.ts';

export interface ErrorSetting {
  readonly llama: Pick<Llama, 'addressOf'>;
  readonly types: GgmlTypes;
  readonly importancePath: string | null;
  readonly stopwatch: Stopwatch;
  fileOf(index: number): SampledFile;
}

/**
 * Of each target type of the sample; null where a weight is no finite number, before or after.
 * @throws Failure when a file is shorter than it was, or importance is missing that ggml cannot do without
 */
export async function measureErrors(
  setting: ErrorSetting,
  sample: ErrorSample,
): Promise<(ErrorSums | null)[]> {
  const work = createWork(setting, sample);
  const targets = sample.targetTypes.map((type) => createTarget(setting, work, type));
  const speed = createSpeed();
  const { types, stopwatch } = setting;
  const { sourceType } = sample;
  for (const runs of rowBatches(sample)) {
    const batch = { runs, rowCount: runs.reduce((sum, { count }) => sum + count, 0) };
    const weights = batch.rowCount * sample.rowLength;
    readRuns(setting.fileOf(sample.file), sample, runs, work.rowBytes, work.bytes);
    const unpack = { type: sourceType, source: work.bytes, target: work.before, weights };
    speed.add(weights, await stopwatch.time(`from ${sourceType}`, (where) => types.unpack(unpack, where)));
    // llama.cpp would refuse them; some of its types end the process.
    if (!areFinite(work.before, weights)) return targets.map(() => null);
    for (const target of targets) await target.add(batch);
  }
  return targets.map((target) => target.sums(speed.perWeight()));
}

/** Buffers for a batch, outside of V8's heap: native code writes to them. */
interface Work {
  readonly sample: ErrorSample;
  /** Rows as the source has them, and as float32. */
  readonly rowBytes: number;
  readonly bytes: Uint8Array;
  readonly before: Float32Array;
  /** After quantizing; used by one target after the other. */
  readonly after: Float32Array;
  /** Of the columns of each matrix; null: all count the same. */
  readonly importance: Float32Array | null;
}

function createWork({ types, importancePath }: ErrorSetting, sample: ErrorSample): Work {
  const { rowLength, sourceType, importance } = sample;
  const weights = rowsOfBatch(sample) * rowLength;
  const rowBytes = bytesOfRow(types, sourceType, rowLength);
  let values: Float32Array | null = null;
  if (importance !== null && importancePath !== null) {
    values = readImportance({ path: importancePath, ranges: [importance] })[0]?.values ?? null;
    if (values !== null && !areFinite(values, values.length))
      throw notReadable(importancePath, 'it has a value that is no finite number');
  }
  return {
    sample,
    rowBytes,
    bytes: outside(rowsOfBatch(sample) * rowBytes),
    before: new Float32Array(outside(4 * weights).buffer),
    after: new Float32Array(outside(4 * weights).buffer),
    importance: values,
  };
}

interface Batch {
  readonly runs: readonly RowRun[];
  readonly rowCount: number;
}

interface Target {
  add(batch: Batch): Promise<void>;
  sums(dequantizeNanoseconds: number | null): ErrorSums | null;
}

function createTarget({ types, stopwatch, llama }: ErrorSetting, work: Work, type: number): Target {
  const { sample, before, after, importance } = work;
  const { rowLength, rowsPerMatrix, sourceType } = sample;
  const isSame = type === sourceType;
  const { needsImportance, name } = types.of(type);
  if (needsImportance && importance === null && !isSame)
    throw wrongUsage(`${name} needs an importance matrix.`);
  const rowBytes = bytesOfRow(types, type, rowLength);
  const packed = outside(isSame ? 0 : rowsOfBatch(sample) * rowBytes);
  const [from, to] = [llama.addressOf(before), llama.addressOf(packed)];
  const columnsOf = (row: number): number => Math.floor(row / rowsPerMatrix) * rowLength;
  const tally = createTally();
  const speed = createSpeed();
  let allFinite = true;

  const pack = async ({ runs, rowCount }: Batch, where: Where): Promise<void> => {
    // Rows of different matrices have columns of different importance.
    const pieces = importance === null ? [{ from: 0, count: rowCount }] : runs;
    let done = 0;
    for (const piece of pieces) {
      const later = types.quantize(
        {
          type,
          source: from + 4 * done * rowLength,
          target: to + done * rowBytes,
          rowCount: piece.count,
          rowLength,
          importance: importance === null ? 0 : llama.addressOf(importance) + 4 * columnsOf(piece.from),
        },
        where,
      );
      if (later !== undefined) await later;
      done += piece.count;
    }
  };
  return {
    async add(batch) {
      if (!allFinite) return;
      const weights = batch.rowCount * rowLength;
      if (!isSame) {
        const kind = `to ${type}${importance === null ? '' : ' by importance'}`;
        speed.add(weights, await stopwatch.time(kind, (where) => pack(batch, where)));
        await types.unpack({ type, source: packed, target: after, weights }, 'beside');
        allFinite = areFinite(after, weights);
        if (!allFinite) return;
      }
      tally.add({
        before,
        after: isSame ? null : after,
        rowLength,
        rowCount: batch.rowCount,
        importance,
        columns: batch.runs.flatMap((run) =>
          Array.from({ length: run.count }, (_, row) => columnsOf(run.from + row)),
        ),
      });
    },
    sums: (dequantizeNanoseconds) =>
      allFinite ? { ...tally.sums(), quantizeNanoseconds: speed.perWeight(), dequantizeNanoseconds } : null,
  };
}

/** @throws Failure where it is no whole number of blocks */
function bytesOfRow(types: GgmlTypes, type: number, rowLength: number): number {
  const { blockWeights, blockBytes, name } = types.of(type);
  if (rowLength % blockWeights === 0) return (rowLength / blockWeights) * blockBytes;
  throw wrongUsage(`Rows of ${rowLength} have no whole number of the blocks of ${name}.`);
}

/** V8 keeps small arrays in its heap, where they would move. */
const outside = (bytes: number): Uint8Array => new Uint8Array(new ArrayBuffer(Math.max(256, bytes)));
