// What pages, notifications and exports say of measurements: pieces of text, series, words.
import { describe, expect, it } from 'vitest';
import { damagePage, detailOf, piecesOf } from '../../src/app/quality/present/damagePieces.ts';
import { exportText } from '../../src/app/quality/present/qualityExport.ts';
import { latestOfOthers, seriesKey, seriesViews } from '../../src/app/quality/present/seriesViews.ts';
import { followRun } from '../../src/app/quality/qualityRun.ts';
import { MAX_DAMAGE_PIECES, type RunView } from '../../src/protocol/quality.ts';
import type { EngineNews, TokenDamage } from '../../src/protocol/engine.ts';
import {
  chunksText,
  deviceSettingsText,
  differenceText,
  natText,
  resultText,
  runShare,
  runText,
  scoreText,
} from '../../src/protocol/qualityWords.ts';
import { aDamage, aKept } from './aMeasurement.ts';

describe('pieces of a text', () => {
  it('are whole characters; their numbers are those of their tokens', () => {
    const damage = aDamage();
    const pieces = piecesOf(damage);
    expect([...pieces]).toEqual([1, 2, 4, 5]);
    const page = damagePage(damage, pieces, 2, { first: 0, count: 10 });
    expect(page.texts).toEqual(['H', 'é', '日', '!']);
    expect([...page.tokens]).toEqual([1, 1, 2, 1]);
    expect([...page.chunk]).toEqual([0, 0, 1, 2]);
    expect([...page.kl]).toEqual([NaN, NaN, 0.5, 2]);
    expect([...page.nll]).toEqual([NaN, NaN, 3, 4]);
    expect([...page.baseNll]).toEqual([NaN, NaN, 1.5, 1.5]);
  });

  it.each([
    [{ first: 1, count: 2 }, 1, ['é', '日']],
    [{ first: 3, count: 100 }, 3, ['!']],
    [{ first: 99, count: 5 }, 4, []],
    [{ first: -5, count: 0 }, 0, ['H']],
    [{ first: 1.5, count: 1.9 }, 1, ['é']],
  ])('come in pages: %j', (asked, first, texts) => {
    const damage = aDamage();
    const page = damagePage(damage, piecesOf(damage), 2, asked);
    expect([page.first, page.texts, page.kl.length]).toEqual([first, texts, texts.length]);
    expect(page.pieceCount).toBe(4);
  });

  it('give up on bytes that never make a character, and name what is invisible', () => {
    const count = MAX_DAMAGE_PIECES + 50;
    const bytes = new Uint8Array(count).fill(0x80);
    bytes.set(new TextEncoder().encode('a\u0007\n\u202eb'), 0);
    const damage: TokenDamage = {
      ...aDamage(),
      bytes,
      ends: Uint32Array.from({ length: count }, (_item, at) => at + 1),
    };
    const pieces = piecesOf(damage);
    const page = damagePage(damage, pieces, 512, { first: 0, count });
    expect(page.texts.slice(0, 4)).toEqual(['a', '⟨U+0007⟩', '\n', '⟨U+202E⟩']);
    expect(Math.max(...page.tokens)).toBe(8);
    expect(pieces.at(-1)).toBe(count);
  });

  it('lead to the worst tokens, with the words around them', () => {
    const damage = aDamage();
    const { kl, deltaP } = aKept({ id: 'a', withBase: true }).spreads!;
    const detail = detailOf('a', { kl, deltaP }, damage, piecesOf(damage));
    expect(detail).toMatchObject({ pieceCount: 4, tokenCount: 5, scoredCount: 3 });
    expect(detail.worst).toMatchObject([
      { piece: 3, text: '!', before: 'Hé日', after: '', choices: [{ text: '?' }] },
      { piece: 2, text: '日', before: 'Hé', after: '!' },
    ]);
    expect(detailOf('a', { kl, deltaP }, null, null)).toMatchObject({ pieceCount: 0, worst: [] });
  });
});

describe('series', () => {
  const own = [
    aKept({ id: 'new', date: 5, withBase: true, perplexity: 35 }),
    aKept({ id: 'old', date: 1, perplexity: 99 }),
    aKept({ id: 'full', date: 2, chunks: 40 }),
  ].toSorted((one, other) => other.date - one.date);

  it('are of one text, context and count, with a point for each model by its last measurement', () => {
    const others = [
      aKept({ id: 'q8', date: 9, path: '/q8.gguf', bits: 8.5, perplexity: 34.2 }),
      aKept({ id: 'unknown', date: 8, path: '/unknown.gguf', bits: null }),
      aKept({ id: 'q8 before', date: 3, path: '/q8.gguf', bits: 8.5, perplexity: 77 }),
    ];
    const [first, second] = seriesViews('/model.gguf', own, others);
    expect(first).toMatchObject({ key: seriesKey(own[0]!), label: 'English · 16 chunks of 512' });
    expect(
      first?.points.map(({ id, perplexity, asBase, isThis }) => [id, perplexity, asBase, isThis]),
    ).toEqual([
      ['new', 35, false, true],
      ['q8', 34.2, false, false],
      ['new', 34.61, true, false],
    ]);
    expect(second?.points.map(({ id }) => id)).toEqual(['full']);
  });

  it('have of other models only what can be compared, the latest', () => {
    const all = [
      ...own,
      aKept({ id: 'other text', path: '/q8.gguf', sha256: 'cd'.repeat(32), date: 12 }),
      aKept({ id: 'other count', path: '/q8.gguf', chunks: 7, date: 11 }),
      aKept({ id: 'last', path: '/q8.gguf', date: 10 }),
      aKept({ id: 'before', path: '/q8.gguf', date: 9 }),
    ];
    expect(latestOfOthers('/model.gguf', own, all).map(({ id }) => id)).toEqual(['last']);
  });
});

describe('in words', () => {
  it.each([
    [{ perplexity: 34.7449, standardError: 0.6543 }, '34.74 ± 0.65'],
    [{ perplexity: 474221.2, standardError: 5300.5 }, '474,221.20 ± 5,300.50'],
    [{ perplexity: 6.84571, standardError: 0.00123 }, '6.846 ± 0.001'],
    [{ perplexity: 6.84571, standardError: null }, '6.85'],
    [{ perplexity: 1, standardError: 0 }, '1.00 ± 0.00'],
  ])('a score: %j', (score, expected) =>
    expect(scoreText({ ...score, meanNll: 1, tokensScored: 1 })).toBe(expected),
  );

  it.each([
    [0.1304, 0.0412, '+0.13 ± 0.04'],
    [-0.0213, 0.0081, '−0.021 ± 0.008'],
    [-2, null, '−2.00'],
    [0, 0, '+0.00 ± 0.00'],
  ])('a difference: %d', (value, error, expected) => expect(differenceText({ value, error })).toBe(expected));

  it('a result', () => {
    expect(resultText(aKept({ id: 'a' }))).toBe('Model model.gguf: perplexity 34.74 ± 0.65');
    const compared = aKept({ id: 'a', withBase: true });
    expect(resultText(compared)).toBe(
      'Model model.gguf: perplexity 34.74 ± 0.65 (+0.13 ± 0.04 against base.gguf)',
    );
    const figures = { ...compared.figures!, significant: false };
    expect(resultText({ ...compared, figures })).toContain('against base.gguf, not significant)');
  });

  it.each([
    [16, '16 chunks'],
    [null, 'all of the text'],
    [1, '1 chunk'],
  ])('a number of chunks: %s', (chunks, expected) => expect(chunksText(chunks)).toBe(expected));

  it.each([
    [0.0123456, '0.0123'],
    [0.000123456, '0.000123'],
    [12.3456, '12.35'],
    [0, '0.000000'],
  ])('a divergence: %d', (nat, expected) => expect(natText(nat)).toBe(expected));

  it.each([
    [{ choice: 'auto', gpu: null, gpuLayers: null, threads: null }, 'Automatic'],
    [{ choice: 'off', gpu: 1, gpuLayers: 9, threads: 3 }, 'CPU, 3 threads'],
    [{ choice: 'vulkan', gpu: 0, gpuLayers: 20, threads: null }, 'Vulkan, GPU 0, 20 layers'],
  ] as const)('a device: %j', (settings, expected) =>
    expect(deviceSettingsText({ ...settings, extraBuffers: null })).toBe(expected),
  );
});

describe('a run', () => {
  const { device, score } = aKept({ id: 'a' });
  const chunk = (pass: 'model' | 'base' | 'both', done: number): EngineNews => ({
    ...{ kind: 'chunk', pass, done, chunks: 4, score: { ...score, perplexity: 30 + done } },
    ...(pass === 'both' ? { base: score, meanKl: done / 100 } : { base: null, meanKl: null }),
  });
  const loading = (which: 'model' | 'base'): EngineNews => ({ kind: 'loading', which, share: 0.5 });
  const started: EngineNews = { kind: 'started', chunks: 4, device };
  /** After each piece of news the words, and the share that is done. */
  function follow(hasBase: boolean, news: readonly EngineNews[]) {
    let now = 0;
    const run = followRun({ id: 'a', hasBase, contextTokens: 256 }, () => now);
    const said = news.map((one) => {
      now += 1000;
      run.hear(one);
      const view = { id: 'a', text: 't', chunkLimit: 4, contextTokens: 256, against: null, ...run.state };
      return [runText(view as RunView), runShare(view as RunView)];
    });
    return { said, run };
  }

  it('of one model', () => {
    const { said, run } = follow(false, [loading('model'), started, chunk('model', 1), chunk('model', 2)]);
    expect(said).toEqual([
      ['Loading the model · 50 %', 0],
      ['Chunk 0 of 4', 0],
      ['Chunk 1 of 4 · perplexity 31.00 ± 0.65 · 256 tokens/s · 3.0 s left', 0.25],
      ['Chunk 2 of 4 · perplexity 32.00 ± 0.65 · 256 tokens/s · 2.0 s left', 0.5],
    ]);
    expect(run.curve).toMatchObject({
      pass: 'model',
      first: 0,
      chunks: 4,
      basePerplexity: null,
      meanKl: null,
    });
    expect([...run.curve.perplexity]).toEqual([31, 32]);
  });

  it('of two models that are open at once', () => {
    const { said, run } = follow(true, [loading('base'), loading('model'), started, chunk('both', 1)]);
    expect(said.at(-1)).toEqual([
      'Chunk 1 of 4 · perplexity 31.00 ± 0.65 · KL 0.0100 · 512 tokens/s · 3.0 s left',
      0.25,
    ]);
    expect(run.state).toMatchObject({ pass: 'both', passes: 1 });
    expect(run.curve.meanKl?.[0]).toBeCloseTo(0.01);
    expect(run.curve.basePerplexity?.length).toBe(1);
  });

  it('of two models, one after the other: the curve begins anew', () => {
    const first = [loading('base'), started, chunk('base', 1), chunk('base', 2)];
    const one = follow(true, first);
    expect(one.said.at(-1)).toEqual([
      'Chunk 2 of 4 of the base (pass 1 of 2) · perplexity 32.00 ± 0.65 · 256 tokens/s · 6.0 s left',
      0.25,
    ]);
    expect(one.run.state).toMatchObject({ score: null, base: { perplexity: 32 } });
    expect(one.run.newCurve()?.first).toBe(0);
    expect(one.run.newCurve()).toBe(null);
    const both = follow(true, [...first, loading('model'), started, chunk('both', 1)]);
    expect(both.said.at(-1)?.[1]).toBe(0.625);
    expect(both.run.state).toMatchObject({ pass: 'both', passes: 2, done: 1, tokensPerSecond: 256 });
    expect(both.run.curve.basePerplexity?.length).toBe(1);
    expect([...both.run.curve.perplexity]).toEqual([31]);
  });
});

describe('exports', () => {
  it('keep a spreadsheet from computing names, and Markdown from reading them', () => {
    const kept = aKept({ id: 'a', withBase: true });
    const hostile = {
      ...kept,
      figures: { ...kept.figures!, deltaPerplexity: { value: -0.13, error: 0.04 } },
      model: { ...kept.model, label: '=cmd|"a"' },
      text: { ...kept.text, name: 'a|b\n<i>' },
    };
    const csv = exportText([hostile], 'csv');
    expect(csv).toContain(`,"'=cmd|""a""",`);
    expect(csv).toContain(',-0.13,0.04,');
    const markdown = exportText([hostile], 'markdown');
    expect(markdown).toContain('=cmd\\|"a"');
    expect(markdown).toContain('a\\|b \\<i\\>');
    expect(markdown.trimEnd().split('\n').length).toBe(3);
  });
});
