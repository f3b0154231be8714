// Which tokens of a text are scored, by the rule of llama-perplexity (llama.cpp, tools/perplexity/perplexity.cpp): the text is cut
// into chunks as long as the context, each read by itself, and the second half of each is scored.
import { wrongUsage } from '../base/failure.ts';
import { formatCount } from '../base/units.ts';

/** A shorter context has no first half to read before the scored one. */
const MIN_CONTEXT_TOKENS = 4;
/** llama-perplexity refuses texts below two chunks: the error of a single chunk would say little. */
const MIN_CHUNKS = 2;

export interface ChunkPlan {
  readonly contextTokens: number;
  /** Chunks to read: all whole ones, or the first of them. */
  readonly chunkCount: number;
  /** Whole chunks in the text. What is left after them is not read. */
  readonly availableChunks: number;
  /** The first position in a chunk whose logits are wanted, and whose next token is scored: 256 of 512. */
  readonly firstRow: number;
  /** Rows of logits that score a token: of positions firstRow … contextTokens − 2, because the token after the last position is
   * in the next chunk. 255 of 512. */
  readonly rowsPerChunk: number;
  readonly scoredTokens: number;
}

export interface ChunkChoice {
  /** Tokens of the text, with the BOS where the model adds one. */
  readonly tokenCount: number;
  readonly contextTokens: number;
  /** Reads no more chunks than this; null for all. */
  readonly chunkLimit: number | null;
}

/** What is tokenized: llama.cpp drops one newline at the end of a file. Special tokens written out in the text stay text. */
export const textToTokenize = (text: string): string => (text.endsWith('\n') ? text.slice(0, -1) : text);

/** @throws a Failure when the text is too short for the context or the numbers make no plan */
export function planChunks({ tokenCount, contextTokens, chunkLimit }: ChunkChoice): ChunkPlan {
  if (!Number.isInteger(contextTokens) || contextTokens < MIN_CONTEXT_TOKENS)
    throw wrongUsage(`A context must have at least ${MIN_CONTEXT_TOKENS} tokens.`);
  if (chunkLimit !== null && (!Number.isInteger(chunkLimit) || chunkLimit < 1))
    throw wrongUsage('The number of chunks must be 1 or more.');
  const needed = MIN_CHUNKS * contextTokens;
  if (tokenCount < needed)
    throw wrongUsage(
      `The text has ${formatCount(tokenCount)} tokens, but a context of ${formatCount(contextTokens)} needs at least ` +
        `${formatCount(needed)}; choose a longer text or a smaller context.`,
    );
  const availableChunks = Math.floor(tokenCount / contextTokens);
  const chunkCount = Math.min(availableChunks, chunkLimit ?? availableChunks);
  const firstRow = Math.floor(contextTokens / 2);
  const rowsPerChunk = contextTokens - 1 - firstRow;
  return {
    contextTokens,
    chunkCount,
    availableChunks,
    firstRow,
    rowsPerChunk,
    scoredTokens: chunkCount * rowsPerChunk,
  };
}

/**
 * The tokens to decode for a chunk: a copy, with the BOS in place of the first one.
 * @param bos null when the model adds none
 */
export function chunkTokens(
  plan: ChunkPlan,
  tokens: Int32Array,
  chunk: number,
  bos: number | null,
): Int32Array {
  const copy = tokens.slice(chunk * plan.contextTokens, (chunk + 1) * plan.contextTokens);
  if (bos !== null) copy[0] = bos;
  return copy;
}

/** The tokens that the rows of a chunk are scored by: row r predicts target r. A view. */
export function chunkTargets(plan: ChunkPlan, tokens: Int32Array, chunk: number): Int32Array {
  const first = chunk * plan.contextTokens + plan.firstRow + 1;
  return tokens.subarray(first, first + plan.rowsPerChunk);
}

/** A piece of a chunk that is decoded at once. */
export interface PositionWindow {
  readonly firstPosition: number;
  readonly positionCount: number;
  /** Rows of the chunk that its logits make: rowsPerChunk rows are numbered from 0. */
  readonly firstRow: number;
  readonly rowCount: number;
  /** Logits are asked for from this position of the window on: positionCount − logitsFrom rows, of which the first rowCount
   * are scored. llama-perplexity asks for those of the last position as well, which score nothing. */
  readonly logitsFrom: number;
}

/**
 * Pieces of a chunk that make at most `rowLimit` rows of logits each. One piece where that suffices, as llama-perplexity does;
 * with a large vocabulary the rows of a whole chunk would fill hundreds of megabytes.
 */
export function positionWindows(plan: ChunkPlan, rowLimit: number): readonly PositionWindow[] {
  const windows: PositionWindow[] = [];
  const limit = Math.max(1, Math.floor(rowLimit));
  for (let start = 0; start < plan.contextTokens;) {
    const from = Math.max(start, plan.firstRow);
    const end = Math.min(from + limit, plan.contextTokens);
    const firstRow = from - plan.firstRow;
    windows.push({
      firstPosition: start,
      positionCount: end - start,
      firstRow,
      rowCount: Math.min(end - plan.firstRow, plan.rowsPerChunk) - firstRow,
      logitsFrom: from - start,
    });
    start = end;
  }
  return windows.filter(({ rowCount }) => rowCount > 0);
}

/** Rows of logits that fit into so many bytes, at least one. A row is `vocabulary` float32. */
export const rowsThatFit = (vocabulary: number, bytes: number): number =>
  Math.max(1, Math.floor(bytes / (4 * vocabulary)));
