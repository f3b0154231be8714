// Importance matrices as their page and the terminal see them: rows, coverage, warnings, channels.
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createImatrixReader, readImatrix } from '../../src/app/imatrix/imatrixReader.ts';
import { writeImatrix } from '../../src/engine/imatrixFile.ts';
import { diskAccess } from '../../src/node/fileSource.ts';
import type { ImatrixView } from '../../src/protocol/imatrixView.ts';
import { sample } from '../support/engine.ts';
import {
  RARE_TOKENS,
  writeDenseImatrix,
  writeLegacyImatrix,
  writeMixtureImatrix,
} from '../support/imatrixFiles.ts';
import { createRandom } from '../support/random.ts';

let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'imatrix-view-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const { signal } = new AbortController();
const reader = createImatrixReader(diskAccess);
const path = (name: string): string => join(folder, name);

async function viewOf(file: string): Promise<ImatrixView> {
  const snapshot = await reader.open(file, signal);
  if (snapshot.kind !== 'imatrix') throw new Error(`It is ${snapshot.kind}.`);
  return snapshot;
}

describe('the view of an importance matrix', () => {
  it('of the sample has its tensors by layer and role, with the numbers of each', async () => {
    const view = await viewOf(sample('sotu-5m.imatrix.gguf'));
    expect(view).toMatchObject({
      ...{ format: 'gguf', datasets: ['corpus/sotu-calib.txt'], chunkCount: 100, chunkTokens: 256 },
      ...{
        tensorCount: 28,
        expertCount: 0,
        unseenCount: 0,
        layerCount: 4,
        notes: [],
        noteCount: 0,
        problems: [],
      },
    });
    expect(view.roles.map(({ label }) => label)).toEqual([
      ...['attn_q', 'attn_k', 'attn_v', 'attn_output', 'ffn_gate', 'ffn_up', 'ffn_down'],
    ]);
    const { names, layer, tokens, numbers } = view.rows;
    expect(names.slice(0, 2)).toEqual(['blk.0.attn_q.weight', 'blk.0.attn_k.weight']);
    expect([...layer].every((value, row) => value === Math.floor(row / 7))).toBe(true);
    expect([...tokens]).toEqual(Array(28).fill(25_600));
    const down = names.indexOf('blk.0.ffn_down.weight');
    expect(numbers.total[down]).toBeCloseTo(4386.01, 2);
    expect(numbers.cosine[down]).toBeNaN(); // there is no layer before
    expect([numbers.topChannel[down], numbers.outliers[down]]).toEqual([13, 11]);
    expect(numbers.topShare[down]).toBeCloseTo(286.85945 / 4386.0105, 6);
  });

  it('of a mixture tells which experts never met a token, and which met few', async () => {
    writeMixtureImatrix(path('mixture.gguf'), {
      ...{ layers: 3, width: 64, experts: 8 },
      unseen: (layer) => (layer === 1 ? [2, 5] : []),
      rare: (layer) => (layer === 2 ? [7] : []),
    });
    const view = await viewOf(path('mixture.gguf'));
    expect(view).toMatchObject({ expertCount: 72, unseenCount: 6, tensorCount: 21, layerCount: 3 });
    expect(view.notes.map(({ severity, text }) => [severity, text])).toEqual([
      [
        'warning',
        'Layer 1: experts 2, 5 of 8 never met a token (ffn_gate_exps, ffn_up_exps, ffn_down_exps); they are quantized as if without importance matrix. More or other text may reach them.',
      ],
      [
        'warning',
        `Layer 2: expert 7 of 8 met only ${RARE_TOKENS} tokens (ffn_gate_exps, ffn_up_exps, ffn_down_exps); columns are weighed by chance.`,
      ],
    ]);
    const row = view.notes[0]!.row;
    expect(view.rows.names[row]).toBe('blk.1.ffn_gate_exps.weight');
    expect([view.rows.matrices[row], view.rows.seen[row], view.rows.fewest[row]]).toEqual([8, 6, 0]);
    expect(view.rows.numbers.count[row]).toBe(6 * 64);
  });

  it('of a mixture shows the channels of all experts, and of each', async () => {
    const written = writeMixtureImatrix(path('experts.gguf'), {
      ...{ layers: 1, width: 64, experts: 4 },
      unseen: () => [3],
    });
    const { rows } = await viewOf(path('experts.gguf'));
    const row = rows.names.indexOf('blk.0.ffn_up_exps.weight');
    const { sums, counts } = written.get('blk.0.ffn_up_exps.weight')!;
    const all = await reader.tensor(path('experts.gguf'), row, null, signal);
    const tokens = counts.reduce((sum, count) => sum + count, 0);
    expect(all).toMatchObject({ tokens, profile: { channelCount: 64 } });
    expect([...all.experts!.tokens]).toEqual([...counts]);
    expect(all.experts!.total[3]).toBeNaN();
    const [top] = all.top;
    const sumOf = (channel: number): number =>
      counts.reduce((sum, _count, at) => sum + sums[at * 64 + channel]!, 0);
    expect(top!.meanSquare).toBeCloseTo(sumOf(top!.channel) / tokens, 6);
    expect(all.top.length).toBe(20);
    expect(all.top.map(({ meanSquare }) => meanSquare)).toEqual(
      all.top.map(({ meanSquare }) => meanSquare).toSorted((a, b) => b - a),
    );

    const second = await reader.tensor(path('experts.gguf'), row, 1, signal);
    expect(second.tokens).toBe(counts[1]);
    expect(second.profile.maxima[0]).toBeCloseTo(Math.sqrt(sums[64]! / counts[1]!), 6);
    const unseen = await reader.tensor(path('experts.gguf'), row, 3, signal);
    expect(unseen).toMatchObject({ tokens: 0, top: [], effective: 0 });
  });

  it('of the old format has means, and says what it does not know', async () => {
    writeLegacyImatrix(path('imatrix.dat'), [
      { name: 'blk.0.attn_q.weight', chunks: 10, values: [10, 20, 30, 40] },
      { name: 'blk.0.attn_k.weight', chunks: 0, values: [1, 2] },
    ]);
    const view = await viewOf(path('imatrix.dat'));
    expect(view).toMatchObject({
      format: 'legacy',
      datasets: ['wiki.train.raw'],
      chunkCount: 10,
      chunkTokens: null,
    });
    expect([...view.rows.numbers.total]).toEqual([10, 3]);
    expect([...view.rows.tokens]).toEqual([NaN, NaN]);
    expect(view.notes.map(({ severity }) => severity)).toEqual(['info']);
  });

  it('warns of too little text, of silence and of numbers that are none', async () => {
    const sums = (...values: number[]) => ({ sums: Float32Array.from(values), counts: Float64Array.of(256) });
    writeImatrix(
      path('bad.gguf'),
      { dataset: 'x', chunkCount: 1, chunkTokens: 256 },
      new Map([
        ['blk.0.attn_q.weight', sums(1, NaN, 2)],
        ['blk.0.attn_k.weight', sums(0, 0, 0)],
      ]),
    );
    const { notes } = await viewOf(path('bad.gguf'));
    expect(notes.map(({ severity, text }) => `${severity} ${text.slice(0, 60)}`)).toEqual([
      'error blk.0.attn_q.weight has 1 value beyond all numbers (NaN or i',
      'warning 2 tensors met fewer than 512 tokens, blk.0.attn_q.weight 256',
      'warning No activations in blk.0.attn_k.weight: every column counts t',
    ]);
  });

  it('of thousands of tensors comes in pages below a mebibyte', async () => {
    writeDenseImatrix(path('many.gguf'), 700, 8);
    const view = await viewOf(path('many.gguf'));
    expect(view.tensorCount).toBe(4900);
    const names = [...view.rows.names];
    expect(names.length).toBeLessThan(4900);
    while (names.length < view.tensorCount) {
      const page = await reader.rows(path('many.gguf'), names.length, signal);
      expect(page.first).toBe(names.length);
      names.push(...page.names);
    }
    expect(new Set(names).size).toBe(4900);
    const bytes = Object.values(view.rows.numbers).reduce((sum, column) => sum + column.byteLength, 0);
    expect(bytes).toBeLessThan(900_000);
  });

  it('of a hostile file stays small', async () => {
    const one = { sums: Float32Array.of(1, 2), counts: Float64Array.of(600) };
    const tensors = Array.from(
      { length: 3000 },
      (_item, index) => [`blk.${99_999 - index}.\u202e${'x'.repeat(20)}${index}.weight`, one] as const,
    );
    writeImatrix(
      path('hostile.gguf'),
      { dataset: '\u202ex'.repeat(999), chunkCount: 1, chunkTokens: 1 },
      new Map(tensors),
    );
    const view = await viewOf(path('hostile.gguf'));
    expect([view.roles.length, view.layerCount]).toEqual([512, 4096]);
    expect(view.datasets[0]!.length).toBeLessThan(300);
    expect(view.rows.names[0]).not.toContain('\u202e');
    expect([...view.rows.role].every((role) => role < 512)).toBe(true);
    expect(JSON.stringify(view.notes).length).toBeLessThan(100_000);
  });

  it('with any byte changed opens or says why it does not', async () => {
    const random = createRandom(5);
    const whole = readFileSync(sample('sotu-5m.imatrix.gguf'));
    const file = path('changed.gguf');
    for (let round = 0; round < 300; round++) {
      const bytes = Buffer.from(whole);
      // Mostly in the header: that is where they mean something.
      const at = random.below(random.once(4) ? bytes.length : 5000);
      bytes[at] = random.below(256);
      writeFileSync(file, bytes);
      const { snapshot } = readImatrix(diskAccess, file, signal);
      if (snapshot.kind === 'unreadable') expect(snapshot.problems.length, `byte ${at}`).toBeGreaterThan(0);
      else expect(snapshot.rows.names.length, `byte ${at}`).toBeGreaterThan(0);
    }
  });

  it('reads a file again that has changed', async () => {
    writeDenseImatrix(path('changing.gguf'), 1, 8);
    expect((await viewOf(path('changing.gguf'))).tensorCount).toBe(7);
    writeDenseImatrix(path('changing.gguf'), 2, 8);
    expect((await viewOf(path('changing.gguf'))).tensorCount).toBe(14);
  });

  it.each([
    ['half of the bytes', (file: string) => truncateSync(file, 20_000), /data|cut|missing|bytes/],
    [
      'a text',
      (file: string) => writeFileSync(file, 'Fellow citizens of the Senate'),
      /no importance matrix/,
    ],
    ['nothing', (file: string) => writeFileSync(file, ''), /no importance matrix/],
    [
      'a model',
      (file: string) => writeFileSync(file, readFileSync(sample('sotu-5m-Q4_K_M.gguf'))),
      /does not say imatrix\.chunk_size/,
    ],
  ])('of %s says why there is none', async (_what, spoil, why) => {
    const file = path('spoilt.imatrix.gguf');
    writeFileSync(file, readFileSync(sample('sotu-5m.imatrix.gguf')));
    spoil(file);
    const snapshot = await reader.open(file, signal);
    if (snapshot.kind !== 'unreadable') throw new Error('It can be read.');
    expect(snapshot.problems.map(({ text }) => text).join(' ')).toMatch(why);
    rmSync(file);
    await expect(reader.open(file, signal)).rejects.toMatchObject({ code: 'not-found' });
  });
});
