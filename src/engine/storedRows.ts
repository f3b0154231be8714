// The predictions of a base model on disk, for when two models do not fit into memory: a first pass writes ln p of every token
// of the vocabulary for every row as float16, a second one reads them beside the rows of the other model.
import { closeSync, openSync, readSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../core/base/failure.ts';
import { formatBytes } from '../core/base/units.ts';
import { type ChunkPlan, chunkTargets } from '../core/quality/chunkPlan.ts';
import { addNlls, createNllTally, perplexityOf } from '../core/quality/perplexity.ts';
import type { BaseRows } from './compareModels.ts';
import type { Llama } from './llama.ts';
import type { Measuring } from './measuring.ts';
import { rowParts, rowsOfPart } from './rowParts.ts';

const HALF_BYTES = 2;

export interface StoredRows {
  /** Both in the order of the rows; exact, while what is stored is rounded. */
  readonly nll: Float64Array;
  readonly top: Int32Array;
  /** Reads rows back: `count` of them from row `first` of all, into float32. */
  read(llama: Llama, first: number, count: number, target: Float32Array): void;
  close(): void;
}

/** The first pass: with the base alone. The file lies in a folder that is removed by whoever made it, whatever happens here. */
export async function storeRows(measuring: Measuring, folder: string): Promise<StoredRows> {
  const { llama, models, plan, text, kernel, flag, tell } = measuring;
  const vocabularySize = models[0]?.vocabularySize ?? 0;
  checkRoom(folder, plan, vocabularySize);
  const path = join(folder, 'base-rows.f16');
  const file = openSync(path, 'wx+');
  // Gone with this process, however that ends; Windows keeps the name of an open file.
  if (process.platform !== 'win32') rmSync(path);
  const half = new Uint16Array(rowsOfPart(plan, vocabularySize) * vocabularySize);
  const nll = new Float64Array(plan.scoredTokens);
  const top = new Int32Array(plan.scoredTokens);
  const tally = createNllTally();
  const stored: StoredRows = {
    nll,
    top,
    read(native, first, count, target) {
      const wanted = half.subarray(0, count * vocabularySize);
      readFully(file, wanted, first * vocabularySize * HALF_BYTES);
      native.fromHalf(wanted, target, wanted.length);
    },
    close() {
      closeSync(file);
      rmSync(path, { force: true });
    },
  };
  try {
    for await (const { chunk, firstRow, rowCount, isLastOfChunk, logits } of rowParts(
      llama,
      models,
      plan,
      text,
      flag,
    )) {
      const first = chunk * plan.rowsPerChunk + firstRow;
      llama.copy(kernel.logits, logits[0] ?? 0, 4 * rowCount * vocabularySize);
      const targets = chunkTargets(plan, text.tokens, chunk).subarray(firstRow, firstRow + rowCount);
      const scores = kernel.score(targets);
      nll.set(scores, first);
      top.set(kernel.tops(rowCount), first);
      const rows = kernel.logits.subarray(0, rowCount * vocabularySize);
      subtractLogSums(rows, vocabularySize, targets, scores);
      const halves = half.subarray(0, rows.length);
      llama.toHalf(rows, halves, rows.length);
      writeFully(file, halves);
      addNlls(tally, scores);
      if (isLastOfChunk)
        tell({
          kind: 'chunk',
          pass: 'base',
          done: chunk + 1,
          chunks: plan.chunkCount,
          score: perplexityOf(tally),
          base: null,
          meanKl: null,
        });
    }
    return stored;
  } catch (error) {
    stored.close();
    throw error;
  }
}

/** The rows of the first pass, in the second. */
export const baseStored = ({ llama, plan, kernel }: Measuring, stored: StoredRows): BaseRows => ({
  fill({ chunk, firstRow, rowCount }) {
    stored.read(llama, chunk * plan.rowsPerChunk + firstRow, rowCount, kernel.baseLogits);
  },
  refine({ chunk, firstRow, rowCount }, compared) {
    const first = chunk * plan.rowsPerChunk + firstRow;
    return {
      ...compared,
      baseNll: stored.nll.subarray(first, first + rowCount),
      baseTop: stored.top.subarray(first, first + rowCount),
    };
  },
});

/** Logits → ln p: float16 has its best digits near zero, where the likely tokens are. */
function subtractLogSums(rows: Float32Array, width: number, targets: Int32Array, nll: Float64Array): void {
  targets.forEach((token, row) => {
    const logSum = (nll[row] ?? NaN) + (rows[row * width + token] ?? NaN);
    const end = (row + 1) * width;
    for (let at = row * width; at < end; at++) rows[at] = (rows[at] ?? NaN) - logSum;
  });
}

function checkRoom(folder: string, { scoredTokens }: ChunkPlan, vocabularySize: number): void {
  const needed = scoredTokens * vocabularySize * HALF_BYTES;
  const { bavail, bsize } = statfsSync(folder);
  if (needed <= bavail * bsize) return;
  throw new Failure(
    'not-readable',
    `Both models do not fit into memory at once, and what the base model says needs ${formatBytes(needed)} on disk, where ` +
      `${formatBytes(bavail * bsize)} are free; measure fewer chunks.`,
  );
}

function writeFully(file: number, values: Uint16Array): void {
  const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done);
}

function readFully(file: number, target: Uint16Array, position: number): void {
  const bytes = Buffer.from(target.buffer, target.byteOffset, target.byteLength);
  for (let done = 0; done < bytes.length;) {
    const count = readSync(file, bytes, done, bytes.length - done, position + done);
    if (count === 0)
      throw new Failure('not-readable', 'What the base model said is no longer on disk; measure again.');
    done += count;
  }
}
