// How long a quantization will take and how much memory: from the speed that was measured here and from what llama.cpp holds.
import { formatBytes, formatCount, formatDuration, formatMemory, plural } from '../../core/base/units.ts';
import { QUANTIZE_BUFFER_BYTES } from '../../protocol/quantize.ts';
import type { ErrorQuestion } from './errorQuestions.ts';
import type { PlannedTensor } from './plan.ts';
import type { PredictedCost, PredictRequest } from './predict.ts';

/** Nanoseconds per weight on one thread, as far as they were measured. */
export interface MeasuredSpeeds {
  quantize(question: ErrorQuestion): number | null;
  dequantize(question: ErrorQuestion): number | null;
  /** Threads of the machine; null: not known yet. */
  readonly machineThreads: number | null;
}

/** A solid-state disk does more, a hard disk less: how fast this one is cannot be known without writing to it. */
const DISK_BYTES_PER_SECOND = 500e6;
/** The program, Node and llama.cpp's libraries before the first tensor: 65 MB measured on Linux. */
const PROCESS_BYTES = 65e6;
/** A header is read into objects, and copied for the output: 7.0 and 7.4 times were measured, of 14 and 1.7 MB of vocabulary. */
const HEADER_TIMES = 8;
/** An importance matrix is read by us and copied by llama.cpp. */
const IMPORTANCE_TIMES = 2;
const FLOAT_BYTES = 4;

export function predictedCost(
  request: Pick<PredictRequest, 'tensors' | 'threads' | 'importance' | 'headerBytes'>,
  questions: readonly ErrorQuestion[],
  speeds: MeasuredSpeeds,
): PredictedCost {
  const { tensors } = request;
  const threads = request.threads ?? speeds.machineThreads;
  const read = sum(tensors, ({ bytesBefore }) => bytesBefore);
  const written = sum(tensors, ({ bytesAfter }) => bytesAfter);
  const diskSeconds = (read + written) / DISK_BYTES_PER_SECOND;
  const computeSeconds = threads === null ? null : computing(tensors, questions, speeds, threads);
  const seconds = computeSeconds === null ? null : computeSeconds + diskSeconds;
  const memoryBytes =
    PROCESS_BYTES + HEADER_TIMES * request.headerBytes + importanceBytes(request) + bufferBytes(tensors);
  const mappedBytes = tensors.reduce((largest, { bytesBefore }) => Math.max(largest, bytesBefore), 0);
  return {
    ...{ seconds, computeSeconds, diskSeconds, threads, memoryBytes, mappedBytes },
    timeText:
      `${computeSeconds === null ? 'Computing' : `${duration(computeSeconds)} of computing`}` +
      `${threads === null ? '' : ` on ${plural(threads, 'thread')}`} at the speed of the sample, and ` +
      `${duration(diskSeconds)} to read ${formatBytes(read)} and write ${formatBytes(written)}, ` +
      `if the disk does ${formatCount(DISK_BYTES_PER_SECOND / 1e6)} MB/s.`,
    memoryText:
      `The program, the header, and ${formatMemory(bufferBytes(tensors))} of rows at a time. ` +
      `Meanwhile up to ${formatMemory(mappedBytes)} of the source are mapped, which the system takes back when it needs memory.`,
  };
}

const duration = (seconds: number): string => (seconds < 0.05 ? 'below 0.1 s' : formatDuration(seconds));

const sum = (tensors: readonly PlannedTensor[], of: (tensor: PlannedTensor) => number): number =>
  tensors.reduce((all, tensor) => all + of(tensor), 0);

const changed = (tensors: readonly PlannedTensor[]): PlannedTensor[] =>
  tensors.filter(({ from, to }) => from !== to);

/** Null where the speed of a type is not known. What stays as it is takes no time but the disk's. */
function computing(
  tensors: readonly PlannedTensor[],
  questions: readonly ErrorQuestion[],
  speeds: MeasuredSpeeds,
  threads: number,
): number | null {
  const changing = questions.filter(({ tensor }) => tensor.from !== tensor.to);
  if (changing.length < changed(tensors).length) return null; // there is one that cannot be made
  let nanoseconds = 0;
  for (const question of changing) {
    const [quantize, dequantize] = [speeds.quantize(question), speeds.dequantize(question)];
    if (quantize === null || dequantize === null) return null;
    nanoseconds += (quantize + dequantize) * question.tensor.source.elementCount;
  }
  return nanoseconds / 1e9 / threads;
}

/**
 * Rows as float32 and as they become: as many as llama.cpp takes at a time of the tensor that needs most. As they were they are
 * mapped; macOS reads them instead, into as much memory.
 */
function bufferBytes(tensors: readonly PlannedTensor[]): number {
  const needs = changed(tensors).map(({ source, from, bytesBefore, bytesAfter }) => {
    const [rowLength = 1] = source.shape;
    const rows = source.elementCount / rowLength;
    const held = bytesAfter / rows + (from.name === 'F32' ? 0 : FLOAT_BYTES * rowLength);
    const atOnce = Math.max(1, Math.floor(QUANTIZE_BUFFER_BYTES / (held + bytesBefore / rows)));
    return held * Math.min(rows, atOnce);
  });
  return needs.reduce((most, bytes) => Math.max(most, bytes), 0);
}

function importanceBytes({ importance }: Pick<PredictRequest, 'importance'>): number {
  const ranges = importance?.source.ranges ?? [];
  const values = ranges.reduce((all, { rowLength, counts }) => all + rowLength * counts.length, 0);
  return IMPORTANCE_TIMES * FLOAT_BYTES * values;
}
