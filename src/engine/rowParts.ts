// Reads the chunks of a text with one model or two and hands out the rows of logits, in parts that the row kernel has room for.
import { cancelled } from '../core/base/failure.ts';
import {
  type ChunkPlan,
  chunkTokens,
  type PositionWindow,
  positionWindows,
  rowsThatFit,
} from '../core/quality/chunkPlan.ts';
import type { CancelFlag } from './cancelFlag.ts';
import { type Llama, LlamaFailure } from './llama.ts';
import type { BatchShape, LoadedModel } from './loadedModel.ts';
import type { Pointer } from './structs.ts';
import type { TokenizedText } from './tokens.ts';

/** Rows of a chunk whose logits can be copied now. */
export interface RowPart {
  readonly chunk: number;
  readonly firstRow: number;
  readonly rowCount: number;
  readonly isLastOfChunk: boolean;
  /** Where the logits stand, one address for each model. */
  readonly logits: readonly Pointer[];
}

/** Tokens that llama-perplexity gives to one decode: small chunks are read side by side up to this. */
const BATCH_TOKENS = 2048;
/** Logits that llama.cpp keeps of one decode: enough for a chunk of 512 tokens with a vocabulary of 180,000. */
const LOGITS_BYTES = 192 * 2 ** 20;
/** Logits that are scored at once. */
const PART_BYTES = 32 * 2 ** 20;

export const rowsOfPart = (plan: ChunkPlan, vocabularySize: number): number =>
  Math.min(plan.rowsPerChunk, rowsThatFit(vocabularySize, PART_BYTES));

/** How much is decoded at once, by the size of the vocabulary. */
export function batchShape(
  plan: Pick<ChunkPlan, 'contextTokens' | 'rowsPerChunk'>,
  vocabularySize: number,
): BatchShape {
  const { contextTokens, rowsPerChunk } = plan;
  const rowLimit = rowsThatFit(vocabularySize, LOGITS_BYTES);
  const sequences = Math.max(
    1,
    Math.min(Math.floor(BATCH_TOKENS / contextTokens), Math.floor(rowLimit / (rowsPerChunk + 1))),
  );
  return {
    sequences,
    contextTokens,
    batchTokens: sequences * contextTokens,
    // With the last position of each chunk, which is decoded but scores nothing.
    outputRows: Math.min(rowLimit, sequences * (rowsPerChunk + 1)),
  };
}

/**
 * Goes through all chunks in order. The logits of a part are overwritten by the next step.
 * @throws Failure cancelled, or when a model cannot decode
 */
export async function* rowParts(
  llama: Llama,
  models: readonly LoadedModel[],
  plan: ChunkPlan,
  text: TokenizedText,
  flag: CancelFlag,
): AsyncGenerator<RowPart> {
  const vocabularySize = models[0]?.vocabularySize ?? 0;
  const shape = batchShape(plan, vocabularySize);
  const partRows = rowsOfPart(plan, vocabularySize);
  const batch = createBatch(llama, shape);
  const windows = positionWindows(plan, Math.floor(shape.outputRows / shape.sequences));
  for (let first = 0; first < plan.chunkCount; first += shape.sequences) {
    const count = Math.min(shape.sequences, plan.chunkCount - first);
    const chunks = Array.from({ length: count }, (_item, at) =>
      chunkTokens(plan, text.tokens, first + at, text.bos),
    );
    for (const { context } of models) llama.clearMemory(context);
    for (const window of windows) {
      batch.fill(chunks, window);
      for (const { context } of models) await decode(llama, context, batch, flag);
      const logits = models.map(({ context }) => llama.logits(context));
      for (let sequence = 0; sequence < count; sequence++)
        for (let row = 0; row < window.rowCount; row += partRows) {
          const rowCount = Math.min(partRows, window.rowCount - row);
          const byteOffset = 4 * vocabularySize * (sequence * window.rowCount + row);
          yield {
            chunk: first + sequence,
            firstRow: window.firstRow + row,
            rowCount,
            isLastOfChunk: window.firstRow + row + rowCount === plan.rowsPerChunk,
            logits: logits.map((address) => address + byteOffset),
          };
        }
    }
  }
}

/** What llama_decode answers when it was aborted. */
const ABORTED = 2;

/** @throws Failure cancelled, or when it cannot be computed */
export async function decode(
  llama: Llama,
  context: Pointer,
  batch: OwnBatch,
  flag: CancelFlag,
): Promise<void> {
  const code = flag.isSet() ? ABORTED : await llama.decode(context, batch.native());
  if (code === ABORTED || flag.isSet()) throw cancelled();
  if (code !== 0) throw new LlamaFailure('internal', `llama.cpp could not compute (code ${code})`);
}

export interface OwnBatch {
  /** The same window of every chunk, each chunk a sequence; logits are asked for where they are scored. */
  fill(chunks: readonly Int32Array[], window: PositionWindow): void;
  native(): ReturnType<typeof nativeBatch>;
}

type BatchArrays = Record<
  'tokens' | 'positions' | 'counts' | 'sequences' | 'pointers' | 'wanted',
  ArrayBufferView
>;

function nativeBatch(llama: Llama, arrays: BatchArrays, tokenCount: number) {
  return {
    n_tokens: tokenCount,
    token: llama.addressOf(arrays.tokens),
    embd: 0,
    pos: llama.addressOf(arrays.positions),
    n_seq_id: llama.addressOf(arrays.counts),
    seq_id: llama.addressOf(arrays.pointers),
    logits: llama.addressOf(arrays.wanted),
  };
}

/** A llama_batch in memory of our own: arrays with an entry for every token. */
export function createBatch(llama: Llama, { batchTokens, sequences }: BatchShape): OwnBatch {
  // At least some dozen bytes each, so that V8 does not keep them in its heap, where they would move.
  const room = Math.max(64, batchTokens);
  const ids = Int32Array.from({ length: Math.max(64, sequences) }, (_item, index) => index);
  const arrays = {
    tokens: new Int32Array(room),
    positions: new Int32Array(room),
    counts: new Int32Array(room).fill(1),
    sequences: ids,
    pointers: new BigUint64Array(room),
    wanted: new Int8Array(room),
  };
  const idsAt = BigInt(llama.addressOf(ids));
  let tokenCount = 0;
  return {
    fill(chunks, { firstPosition, positionCount, logitsFrom, rowCount }) {
      tokenCount = 0;
      for (const [sequence, chunk] of chunks.entries())
        for (let at = 0; at < positionCount; at++) {
          arrays.tokens[tokenCount] = chunk[firstPosition + at] ?? 0;
          arrays.positions[tokenCount] = firstPosition + at;
          arrays.pointers[tokenCount] = idsAt + 4n * BigInt(sequence);
          arrays.wanted[tokenCount] = at >= logitsFrom && at < logitsFrom + rowCount ? 1 : 0;
          tokenCount++;
        }
    },
    native: () => nativeBatch(llama, arrays, tokenCount),
  };
}
