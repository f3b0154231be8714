// Hostile text becomes visible, everything else stays.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shorten, visibleBlock, visibleText } from '../../../src/core/base/visibleText.ts';

describe('visible text', () => {
  it.each([
    ['blk.0.attn_q.weight', 'blk.0.attn_q.weight'],
    ['▁Größe 語 한 🦙', '▁Größe 語 한 🦙'],
    ['a\u0000b', 'a⟨U+0000⟩b'],
    ['a\nb\tc', 'a⟨U+000A⟩b⟨U+0009⟩c'],
    ['evil\u202egpj.exe', 'evil⟨U+202E⟩gpj.exe'],
    ['zero\u200bwidth', 'zero⟨U+200B⟩width'],
    ['\u{e0041}', '⟨U+E0041⟩'],
    ['half \ud83d', 'half ⟨U+D83D⟩'],
    ['<img src=x>', '<img src=x>'],
  ])('of %j is %j', (text, expected) => {
    expect(visibleText(text)).toBe(expected);
  });

  it('keeps the lines of a block', () => {
    expect(visibleBlock('a\r\n\tb\u0007')).toBe('a\r\n\tb⟨U+0007⟩');
  });

  it('is visible once and for all', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        (text) => visibleText(visibleText(text)) === visibleText(text),
      ),
      { seed: 1 },
    );
  });
});

describe('a shortened text', () => {
  it.each([
    ['abc', 3, 'abc'],
    ['abcd', 3, 'ab…'],
    ['a🦙bc', 3, 'a…'],
    ['a🦙bc', 4, 'a🦙…'],
  ])('of %j to %i is %j', (text, limit, expected) => {
    expect(shorten(text, limit)).toBe(expected);
  });
});
