// What an importance matrix is made with, and how far it is.
import { describe, expect, it } from 'vitest';
import { mixedText } from '../../src/app/quantize/calibration.ts';
import { followImatrix } from '../../src/app/quantize/imatrixProgress.ts';
import { createTexts } from '../../src/node/qualityTexts.ts';

const lines = (letter: string, count: number): string => `${letter.repeat(99)}\n`.repeat(count);

describe('a mix of texts', () => {
  it('takes them in turns, in the proportion of their lengths, whole and at the ends of lines', () => {
    const mix = mixedText([lines('a', 100), '', lines('b', 50), 'c']);
    const turns = mix.split('\n').filter(Boolean);
    expect(turns.length).toBe(151);
    expect(turns.every((line) => /^(a+|b+|c)$/.test(line))).toBe(true);
    const half = turns.slice(0, 75).map((line) => line[0]);
    expect(half.filter((letter) => letter === 'a').length).toBeGreaterThan(40);
    expect(half.filter((letter) => letter === 'b').length).toBeGreaterThan(18);
    expect(half).toContain('c');
    expect(mixedText([lines('a', 100), '', lines('b', 50), 'c'])).toBe(mix);
  });

  it('of nothing is nothing', () => {
    expect(mixedText(['', ''])).toBe('');
  });

  it('of the bundled texts has some of each at its beginning', async () => {
    const texts = createTexts(new URL('../../media/texts', import.meta.url).pathname);
    const names = ['english', 'code', 'languages'] as const;
    const read = await Promise.all(names.map((name) => texts.read({ kind: 'bundled', name })));
    const mix = mixedText(read.map(({ content }) => content));
    const length = read.reduce((sum, { content }) => sum + content.length, 0);
    expect(mix.length - length).toBeLessThan(10);
    for (const { content } of read) expect(mix.slice(0, 20_000)).toContain(content.slice(0, 200));
  });
});

describe('the progress of an importance matrix', () => {
  it('says chunks, speed and time left, from where it goes on', () => {
    let clock = 5000;
    const follow = followImatrix(512, () => clock);
    const device = {
      ...{ backend: 'CPU', names: [], gpuLayers: 0, layers: 5, threads: 3, extraBuffers: true, notes: [] },
    };
    expect(follow({ kind: 'loading', which: 'model', share: 0.5 })).toEqual({
      text: 'loading the model · 50 %',
      share: 0,
    });
    expect(follow({ kind: 'reading', chunks: 40, from: 10, device })).toEqual({
      text: 'CPU, 3 threads · 40 chunks · goes on after chunk 10',
      share: 0.25,
    });
    clock += 2000;
    expect(follow({ kind: 'read', done: 20, kept: 20, chunks: 40 })).toEqual({
      text: '20 of 40 chunks · 2,560 tokens/s · 4.0 s left',
      share: 0.5,
    });
  });
});
