// Chunks, rows and targets by the rule of llama-perplexity.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../../src/core/base/failure.ts';
import {
  chunkTargets,
  chunkTokens,
  planChunks,
  positionWindows,
  rowsThatFit,
  textToTokenize,
} from '../../../src/core/quality/chunkPlan.ts';

const plan = (tokenCount: number, contextTokens: number, chunkLimit: number | null = null) =>
  planChunks({ tokenCount, contextTokens, chunkLimit });

describe('a plan', () => {
  it.each([
    // tokens, context, limit → chunks, available, first row, rows per chunk, scored
    [1024, 512, null, 2, 2, 256, 255, 510],
    [1535, 512, null, 2, 2, 256, 255, 510],
    [60_000, 256, 40, 40, 234, 128, 127, 40 * 127],
    [60_000, 256, 1000, 234, 234, 128, 127, 234 * 127],
    [14, 7, null, 2, 2, 3, 3, 6],
    [8, 4, 1, 1, 2, 2, 1, 1],
  ])('of %i tokens in contexts of %i, at most %s chunks', (tokens, context, limit, ...expected) => {
    const { chunkCount, availableChunks, firstRow, rowsPerChunk, scoredTokens } = plan(
      tokens,
      context,
      limit,
    );
    expect([chunkCount, availableChunks, firstRow, rowsPerChunk, scoredTokens]).toEqual(expected);
  });

  it.each([
    [
      300,
      512,
      null,
      'The text has 300 tokens, but a context of 512 needs at least 1,024; choose a longer text or a smaller context.',
    ],
    [1023, 512, null, 'The text has 1,023 tokens, but a context of 512 needs at least 1,024;'],
    [1000, 3, null, 'A context must have at least 4 tokens.'],
    [1000, 8.5, null, 'A context must have at least 4 tokens.'],
    [1000, 8, 0, 'The number of chunks must be 1 or more.'],
    [1000, 8, 1.5, 'The number of chunks must be 1 or more.'],
  ])(
    'of %d tokens in contexts of %d, at most %s chunks, fails and says why',
    (tokens, context, limit, text) => {
      const make = (): unknown => plan(tokens, context, limit);
      expect(make).toThrow(Failure);
      expect(make).toThrow(text);
    },
  );
});

describe('the tokens of a chunk', () => {
  const tokens = Int32Array.from({ length: 21 }, (_item, index) => 100 + index);

  it('begin with the BOS instead of their first one; the text stays as it is', () => {
    expect([...chunkTokens(plan(21, 8), tokens, 1, 1)]).toEqual([1, 109, 110, 111, 112, 113, 114, 115]);
    expect(tokens[8]).toBe(108);
  });

  it('are those of the text for a model without BOS', () => {
    expect([...chunkTokens(plan(21, 8), tokens, 0, null)]).toEqual([...tokens.subarray(0, 8)]);
  });

  it.each([
    // Rows 4, 5, 6 of 8 predict tokens 5, 6, 7; of 7, rows 3, 4, 5 predict 4, 5, 6.
    [8, 1, [113, 114, 115]],
    [7, 0, [104, 105, 106]],
  ])('that score a chunk of %i follow the rows of its second half', (context, chunk, expected) => {
    expect([...chunkTargets(plan(21, context), tokens, chunk)]).toEqual(expected);
  });
});

describe('a chunk is decoded', () => {
  it('at once where its rows fit, as llama-perplexity does', () => {
    expect(positionWindows(plan(1024, 512), 256)).toEqual([
      { firstPosition: 0, positionCount: 512, firstRow: 0, rowCount: 255, logitsFrom: 256 },
    ]);
  });

  it('in pieces where they do not, the first with all positions that have no logits', () => {
    expect(positionWindows(plan(16, 8), 2)).toEqual([
      { firstPosition: 0, positionCount: 6, firstRow: 0, rowCount: 2, logitsFrom: 4 },
      { firstPosition: 6, positionCount: 2, firstRow: 2, rowCount: 1, logitsFrom: 0 },
    ]);
  });

  it('without the last position where it is alone in its piece: it scores nothing', () => {
    expect(positionWindows(plan(16, 8), 3)).toEqual([
      { firstPosition: 0, positionCount: 7, firstRow: 0, rowCount: 3, logitsFrom: 4 },
    ]);
  });

  it('so that pieces follow each other, stay within the limit and score every row once', () => {
    const property = fc.property(
      fc.integer({ min: 4, max: 300 }),
      fc.integer({ min: 1, max: 200 }),
      (context, limit) => {
        const chunk = plan(2 * context, context);
        let position = 0;
        let row = 0;
        for (const piece of positionWindows(chunk, limit)) {
          expect([piece.firstPosition, piece.firstRow]).toEqual([position, row]);
          expect(piece.firstPosition + piece.logitsFrom).toBe(chunk.firstRow + piece.firstRow);
          expect(piece.positionCount - piece.logitsFrom).toBeLessThanOrEqual(limit);
          expect(piece.rowCount).toBeLessThanOrEqual(piece.positionCount - piece.logitsFrom);
          position += piece.positionCount;
          row += piece.rowCount;
        }
        expect(row).toBe(chunk.rowsPerChunk);
        expect(position).toBeLessThanOrEqual(context);
      },
    );
    fc.assert(property, { seed: 4 });
  });

  it.each([
    [32_000, 33_554_432, 262],
    [152_064, 67_108_864, 110],
    [152_064, 1, 1],
  ])('with rows of %i logits in %i bytes: %i', (vocabulary, bytes, rows) => {
    expect(rowsThatFit(vocabulary, bytes)).toBe(rows);
  });
});

describe('one newline at the end is not tokenized', () => {
  it.each([
    ['text\n', 'text'],
    ['text\n\n', 'text\n'],
    ['text', 'text'],
    ['\n', ''],
    ['', ''],
  ])('%j: %j', (text, expected) => {
    expect(textToTokenize(text)).toBe(expected);
  });
});
