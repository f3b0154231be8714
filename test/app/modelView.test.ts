import { join } from 'node:path';
import { serialize } from 'node:v8';
import { describe, expect, it } from 'vitest';
import { createHeaderReader } from '../../src/app/headerReader.ts';
import type { FileAccess } from '../../src/app/ports.ts';
import { present } from '../../src/app/present/modelView.ts';
import { tensorColumns } from '../../src/app/present/tensorColumns.ts';
import type { Model } from '../../src/core/formats/model.ts';
import { diskAccess } from '../../src/node/fileSource.ts';
import type { ModelView, TypeView } from '../../src/protocol/modelView.ts';
import { aModel, type TensorSpec } from './aModel.ts';

const SAMPLES = join(import.meta.dirname, '../samples');
const never = new AbortController().signal;
const MEBIBYTE = 1_048_576;

function viewOf(model: Model, problems: Parameters<typeof present>[2]['problems'] = []): ModelView {
  const { snapshot } = present('/models/tiny.gguf', 4096, { model, problems });
  if (snapshot.kind !== 'model') throw new Error(`a ${snapshot.kind} instead of a model`);
  return snapshot;
}
const factsOf = (view: ModelView): string =>
  view.facts
    .map(({ lead, value, word }) => [lead, value, word].filter((text) => text !== '').join(' '))
    .join(' · ');

/** As much of a view as a case is about. */
type ExpectedView = Partial<Omit<ModelView, 'types'>> & { readonly types?: readonly Partial<TypeView>[] };

describe('the view of a model', () => {
  it('has the facts of a sample', async () => {
    const view = await createHeaderReader(diskAccess).open(join(SAMPLES, 'sotu-5m-Q4_K_M.gguf'), never);
    if (view.kind !== 'model') throw new Error(view.kind);
    expect(view.title).toBe('SOTU-5M');
    expect(factsOf(view)).toBe(
      'llama · Q4_K_M · 5,245,184 parameters · 3.44 MB · 4 layers · 256 context · 4,096 vocabulary · license cc0-1.0 · no imatrix',
    );
    expect(view.roles.find(({ label }) => label === 'attn_k')?.sentence).toMatch(/; 2 heads of 64\.$/);
    expect(view.types[0]?.cost).toBe(
      '4 bits of codes + 0.375 bits of scales and mins + 0.0625 bits of d + 0.0625 bits of dmin = 4.5 bits per weight.',
    );
  });

  it.each<[string, readonly TensorSpec[], Record<string, string | number>, ExpectedView]>([
    [
      'nothing in it',
      [],
      {},
      { title: 'tiny', bitsPerWeight: null, parameterCount: 0, note: null, tensorCount: 0 },
    ],
    [
      'an unknown type',
      [{ name: 'a.weight' }, { name: 'b.weight', type: 139 }],
      {},
      {
        bitsPerWeight: 32,
        note: {
          severity: 'info',
          text: 'Bits per weight leave out 1 tensor of unknown type (50.00 % of the weights).',
        },
      },
    ],
    [
      'a tensor that contradicts itself',
      [{ name: 'a.weight' }, { name: 'b.weight', state: 'invalid' }],
      {},
      {
        ...{ parameterCount: 1024, tensorBytes: 4096, bitsPerWeight: 32, tensorCount: 2 },
        types: [{ name: 'F32', tensorCount: 2, bytes: 4096, weights: 1024 }],
      },
    ],
    ['a name of nothing but controls', [], { 'general.name': '\u0000' }, { title: '⟨U+0000⟩' }],
  ])('says what is so of a model with %s', (_what, tensors, metadata, expected) => {
    expect(viewOf(aModel(tensors, metadata))).toMatchObject(expected);
  });

  it.each([
    ['/models/tiny.gguf', 'tiny'],
    ['/models/tiny-00001-of-00002.gguf', 'tiny'],
    ['/models/gpt-oss-20b/model.safetensors', 'gpt-oss-20b'],
    ['C:\\models\\phi\\model.safetensors.index.json', 'phi'],
    ['/models/phi/model-00001-of-00002.safetensors', 'phi'],
    ['model.safetensors', 'model'],
  ])('takes the name of a nameless model from its path: %s', (path, title) => {
    expect(present(path, 4096, { model: aModel([]), problems: [] }).snapshot).toMatchObject({ title });
  });

  it('sums bits per weight over bytes and weights, never over means', () => {
    const view = viewOf(
      aModel([
        { name: 'blk.0.attn_q.weight', type: 12, shape: [256, 255] },
        { name: 'blk.0.attn_norm.weight', shape: [256] },
      ]),
    );
    expect(view.bitsPerWeight).toBe(((144 * 255 + 1024) * 8) / (256 * 256));
  });

  it('puts the worst problems first and counts them all', () => {
    const problem = (severity: 'error' | 'warning' | 'info') =>
      ({ code: 'tensor-gap', severity, byteOffset: 1, text: severity, file: 0 }) as const;
    const many = Array.from({ length: 300 }, () => problem('info'));
    const view = viewOf(aModel([]), [...many, problem('warning'), problem('error')]);
    expect(view.problems.slice(0, 3).map(({ severity }) => severity)).toEqual(['error', 'warning', 'info']);
    expect(view.problems.length).toBe(200);
    expect([view.errorCount, view.warningCount]).toEqual([1, 1]);
  });

  it.each([
    [
      '60,000 tensors of a mixture of experts',
      60_000,
      (row: number) => `blk.${Math.floor(row / 1000)}.ffn_up.${row % 1000}.weight`,
    ],
    ['names of 4,000 characters', 3_000, (row: number) => `${'long'.repeat(1000)}${row}`],
    ['a group, a role and a name for every tensor', 60_000, (row: number) => `odd${row}.thing${row}`],
  ])('travels in messages below 1 MiB: %s', (_what, count, nameOf) => {
    const model = aModel(Array.from({ length: count }, (_item, row) => nameOf(row)));
    const { snapshot, order, typeIndex } = present('/models/tiny.gguf', 4096, { model, problems: [] });
    expect(serialize(snapshot).length).toBeLessThan(MEBIBYTE);
    if (snapshot.kind !== 'model') throw new Error(snapshot.kind);
    let rows = snapshot.tensors.count;
    while (rows < count) {
      const page = tensorColumns(order.rows, rows, typeIndex);
      expect(page.first).toBe(rows);
      expect(serialize(page).length).toBeLessThan(MEBIBYTE);
      rows += page.count;
    }
    expect(rows).toBe(count);
  });
});

describe('the header reader', () => {
  it('parses a file once, and again when it changed', async () => {
    let stamp = '1';
    let openings = 0;
    const access: FileAccess = {
      withFolder: (path, use) => {
        openings += 1;
        return diskAccess.withFolder(path, use);
      },
      openFile: diskAccess.openFile,
      stamp: () => stamp,
    };
    const reader = createHeaderReader(access);
    const path = join(SAMPLES, 'sotu-5m-Q4_K_M.gguf');
    await reader.open(path, never);
    await reader.tensors(path, 0, never);
    expect(openings).toBe(1);
    stamp = '2';
    await reader.open(path, never);
    expect(openings).toBe(2);
  });

  it('pages the vocabulary and finds tokens by number and by text', async () => {
    const reader = createHeaderReader(diskAccess);
    const path = join(SAMPLES, 'sotu-5m-Q4_K_M.gguf');
    const key = 'tokenizer.ggml.tokens';
    const page = await reader.arrayPage(path, { key, first: 4090, count: 100, query: '' }, never);
    expect([page.total, page.items.length, page.items[0]?.index]).toEqual([4096, 6, 4090]);
    const byNumber = await reader.arrayPage(path, { key, first: 0, count: 10, query: '2' }, never);
    expect(byNumber.items.some(({ index, text }) => index === 2 && text === '</s>')).toBe(true);
    const none = await reader.arrayPage(path, { key, first: 0, count: 10, query: 'no such token' }, never);
    expect([none.matching, none.items.length]).toEqual([0, 0]);
  });
});
