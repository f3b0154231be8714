// The text by damage without the page: lines, colors, keys, words.
import { describe, expect, it } from 'vitest';
import type { WorstToken } from '../../src/protocol/quality.ts';
import { DAMAGE_SCALES, damagePosition, tokenColors } from '../../webview/quality/damage/damageColors.ts';
import { breakLines, lineOf, partsOfLine } from '../../webview/quality/damage/damageLines.ts';
import { damageOf, joinPages } from '../../webview/quality/damage/damageText.ts';
import { pieceForKey } from '../../webview/quality/damage/textKeys.ts';
import {
  probabilityText,
  signedNat,
  tokenSentence,
  tokenText,
} from '../../webview/quality/damage/tokenWords.ts';
import { nextRank } from '../../webview/quality/damage/worst.ts';
import { parseSaved } from '../../webview/quality/saved.ts';
import { contrast } from '../../webview/shared/colors.ts';
import { createRandom } from '../support/random.ts';

/** Every character is 1 wide. */
const widthOf = (text: string): number => text.length;
const linesOf = (texts: readonly string[], room: number): string[] => {
  const lines = breakLines(texts, widthOf, room);
  return Array.from({ length: lines.count }, (_, line) =>
    partsOfLine(lines, texts, line)
      .map(({ text }) => text)
      .join('|'),
  );
};

describe('lines of the text', () => {
  it.each([
    { name: 'nothing', texts: [], room: 10, lines: [] },
    { name: 'one line', texts: ['The', ' end'], room: 10, lines: ['The| end'] },
    { name: 'words that do not fit', texts: ['aaa', ' bbb', ' ccc'], room: 8, lines: ['aaa| bbb', 'ccc'] },
    { name: 'words of several pieces', texts: ['aaa', ' bb', 'bb'], room: 6, lines: ['aaa', 'bb|bb'] },
    {
      name: 'words longer than a line',
      texts: ['aaaa', 'bbbb', 'cccc'],
      room: 8,
      lines: ['aaaa|bbbb', 'cccc'],
    },
    { name: 'line feeds', texts: ['a\n', 'b'], room: 8, lines: ['a↵', 'b'] },
    {
      name: 'line feeds inside of a piece',
      texts: ['a', '\n\n  b', 'c'],
      room: 8,
      lines: ['a|↵', '↵', '  b|c'],
    },
    { name: 'a line feed at the end', texts: ['a\n'], room: 8, lines: ['a↵'] },
    {
      name: 'a piece wider than a line',
      texts: ['a', 'bbbbbbbbbbbb', 'c'],
      room: 4,
      lines: ['a', 'bbbbbbbbbbbb', 'c'],
    },
    { name: 'tabs', texts: ['\ta'], room: 8, lines: ['    a'] },
    { name: 'indentation', texts: ['a\n', ' b'], room: 8, lines: ['a↵', ' b'] },
  ])('$name', ({ texts, room, lines }) => expect(linesOf(texts, room)).toEqual(lines));

  it('lose nothing, whatever the text', () => {
    const random = createRandom(7);
    for (let round = 0; round < 200; round++) {
      const texts = Array.from({ length: 30 }, () =>
        Array.from({ length: 1 + random.below(4) }, () => random.pick([...'ab \n'])).join(''),
      );
      const room = 3 + random.below(20);
      const lines = breakLines(texts, widthOf, room);
      const drawn = Array.from({ length: lines.count }, (_, line) =>
        partsOfLine(lines, texts, line)
          .map(({ text }) => text)
          .join(''),
      ).join('');
      const bare = (text: string): string => text.replaceAll('\n', '↵').replaceAll(' ', '');
      expect(bare(drawn)).toBe(bare(texts.join('')));
      for (const piece of texts.keys()) {
        const line = lineOf(lines, piece);
        expect((lines.pieces[line] ?? 0) <= piece && piece <= (lines.pieces[line + 1] ?? Infinity)).toBe(
          true,
        );
      }
    }
  });

  it.each([
    ['ArrowRight', 0, 1],
    ['ArrowLeft', 0, 0],
    ['ArrowDown', 1, 4],
    ['ArrowUp', 4, 1],
    ['PageDown', 0, 6],
    ['Home', 5, 0],
    ['End', 0, 7],
    ['x', 0, null],
  ])('%s leads from piece %d to %s', (key, from, to) => {
    const texts = ['aa', ' bb', ' cc', ' dd', ' ee', ' ff', ' gg', ' hh'];
    const lines = breakLines(texts, widthOf, 8); // three in a line
    expect(pieceForKey(key, from, { lines, texts, page: 2 })).toBe(to);
  });
});

describe('keys in the text', () => {
  const texts = ['', 'a', ' b', ''];
  it.each([
    ['Home', 2, 1],
    ['End', 1, 2],
    ['ArrowLeft', 1, 1],
    ['ArrowRight', 2, 2],
  ])('%s from piece %d passes by what is not seen: %d', (key, from, to) => {
    expect(pieceForKey(key, from, { lines: breakLines(texts, widthOf, 8), texts, page: 2 })).toBe(to);
  });
});

describe('damage', () => {
  const page = (first: number, kl: readonly number[]) => ({
    ...{ first, pieceCount: 4, texts: kl.map(String), tokens: Uint8Array.from(kl, () => 1) },
    chunk: Uint32Array.from(kl, () => 0),
    kl: Float32Array.from(kl),
    nll: Float32Array.from(kl, () => 3),
    baseNll: Float32Array.from(kl, () => 1),
  });

  it('is joined from pages, and read by either measure', () => {
    const text = joinPages('one', [page(0, [NaN, 1]), page(2, [2, 3])]);
    expect(text).toMatchObject({ arrived: 4, pieceCount: 4, texts: ['NaN', '1', '2', '3'] });
    expect([0, 1, 3, 9].map((piece) => damageOf(text, 'kl', piece))).toEqual([NaN, 1, 3, NaN]);
    expect(damageOf(text, 'lost', 2)).toBe(2);
  });

  it.each([
    ['kl', NaN, null],
    ['kl', 0.0049, null],
    ['kl', 0.005, 0],
    ['kl', 0.1, 0.5],
    ['kl', 9, 1],
    ['lost', -3, null],
    ['lost', 0.5, 0.5],
  ] as const)('%s of %d stands at %s of its scale', (measure, nat, position) => {
    const found = damagePosition(DAMAGE_SCALES[measure], nat);
    if (position === null) expect(found).toBe(null);
    else expect(found).toBeCloseTo(position, 6);
  });

  it('is written in ink that can be read on its color, in every theme', () => {
    for (const theme of ['dark', 'light', 'hc', 'hcLight'] as const)
      for (let nat = 0.005; nat < 3; nat *= 1.1) {
        const colors = tokenColors(theme, 'kl', nat);
        expect(contrast(colors!.background, colors!.color as `#${string}`)).toBeGreaterThanOrEqual(4.5);
      }
  });

  it.each([
    [' the', '␣the'],
    ['a b', 'a b'],
    ['\n\t', '↵⇥'],
    ['  ', '␣␣'],
    ['', '(nothing)'],
  ])('shows the token %j as %s', (text, shown) => expect(tokenText(text)).toBe(shown));

  it.each([
    [0.123, '12.3 %'],
    [0.00042, '0.042 %'],
    [1e-9, '<0.001 %'],
    [0, '0.000 %'],
    [NaN, '–'],
  ])('writes the probability %d as %s', (probability, text) =>
    expect(probabilityText(probability)).toBe(text),
  );

  it('signs differences with a real minus', () => {
    expect([signedNat(1.5), signedNat(-0.25), signedNat(NaN)]).toEqual(['+1.5000', '−0.2500', '–']);
  });

  it('says a token in one sentence', () => {
    const token = { text: ' the', kl: 1.25, nll: Math.log(8), baseNll: Math.log(2) };
    const told = {
      choices: [{ text: ' of', probability: 0.3 }],
      baseChoices: [{ text: ' the', probability: 0.5 }],
    } as unknown as WorstToken;
    expect(tokenSentence({ ...token, told, rank: 2 })).toBe(
      '“the”: KL 1.2500, number 3 of the worst. Likely: 12.5 % by the model, 50.0 % by its base. The model expected “of”, 30.0 %; its base “the”, 50.0 %.',
    );
    expect(tokenSentence({ ...token, kl: NaN, told: undefined, rank: -1 })).toBe(
      '“the”: not scored, only context.',
    );
  });

  it.each([
    [-1, 1, 0],
    [30, 1, 1],
    [10, 1, 2],
    [10, -1, 0],
    [30, -1, 0],
    [20, 1, 2],
  ] as const)('from piece %d a step of %d leads to rank %d', (piece, step, rank) => {
    const worst = [30, 10, 20].map((one) => ({ piece: one }) as WorstToken);
    expect(nextRank(worst, piece, step)).toBe(rank);
  });
});

describe('a saved state', () => {
  it.each([null, 3, {}, { path: '/a' }])('that is none is not taken: %j', (raw) =>
    expect(parseSaved(raw)).toBe(null),
  );

  it('is read with care', () => {
    expect(
      parseSaved({ sort: { column: 'nothing' }, piece: 1.5, measure: 'x', chosen: 3, scrollTop: -1 }),
    ).toEqual({
      ...{ chosen: '', sort: { column: 'date', descending: true }, measure: 'kl' },
      ...{ piece: -1, asTable: false, scrollTop: 0 },
    });
    const saved = {
      ...{ chosen: 'a', sort: { column: 'kl', descending: false }, measure: 'lost' },
      ...{ piece: 7, asTable: true, scrollTop: 12 },
    };
    expect(parseSaved({ ...saved, path: '/model' })).toEqual(saved);
  });
});
