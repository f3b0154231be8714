// What is kept of an importance matrix in the making, so that a run that was cancelled or died can go on. The engine writes and
// reads it; whoever starts the engine looks at its head to ask whether to go on.
//
//   JSON of the head │ line feed │ of each tensor: counts as float64, then sums as float32, both little-endian
import type { DeviceUse } from './engine.ts';

export interface PartialHead {
  readonly format: typeof FORMAT;
  /** Of model, text and settings; a run with another one does not go on from here. */
  readonly identity: string;
  /** "llama.cpp 0.4.0": another version may round otherwise. */
  readonly engineVersion: string;
  readonly device: DeviceUse;
  readonly chunksDone: number;
  /** There will be. */
  readonly chunks: number;
  /** It took so far. */
  readonly seconds: number;
  readonly tensors: readonly PartialTensor[];
  /** Hexadecimal SHA-256 of all that follows the line feed. */
  readonly sha256: string;
}

export interface PartialTensor {
  readonly name: string;
  readonly countCount: number;
  readonly sumCount: number;
}

export const FORMAT = 'quantscope partial importance matrix 1';
/** Longer heads are none: a tensor takes a hundred bytes of it. */
export const MAX_HEAD_BYTES = 64 * 2 ** 20;

export const bodyBytes = ({ tensors }: Pick<PartialHead, 'tensors'>): number =>
  tensors.reduce((sum, { countCount, sumCount }) => sum + 8 * countCount + 4 * sumCount, 0);

/** @param line without its line feed. null: it is no head. */
export function parsePartialHead(line: string): PartialHead | null {
  try {
    const head = JSON.parse(line) as Partial<PartialHead> | null;
    if (head?.format !== FORMAT || !Array.isArray(head.tensors)) return null;
    const { identity, engineVersion, device, chunksDone, chunks, seconds, sha256, tensors } = head;
    const isWhole =
      [identity, engineVersion, sha256].every((text) => typeof text === 'string') &&
      [chunksDone, chunks].every((count) => Number.isSafeInteger(count)) &&
      typeof seconds === 'number' &&
      typeof device === 'object' &&
      (tensors as readonly Partial<PartialTensor>[]).every(
        ({ name, countCount, sumCount }) =>
          typeof name === 'string' && isCount(countCount) && isCount(sumCount),
      );
    return isWhole ? (head as PartialHead) : null;
  } catch {
    return null; // not JSON: not ours, or cut
  }
}

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) > 0;
