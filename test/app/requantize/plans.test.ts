// Plans as the page sees them, made by the real engine of the samples.
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NOT_WRITTEN, type PlanView, type RecipeView } from '../../../src/protocol/requantize.ts';
import { diskAccess } from '../../../src/node/fileSource.ts';
import { openModel } from '../../../src/core/formats/openModel.ts';
import { tableOrder } from '../../../src/app/present/tableOrder.ts';
import { ENGINE_MISSING } from '../../support/engine.ts';
import { never, removeSetting } from '../../quantize/setting.ts';
import { createRequantizerSetting, recipe, type RequantizerSetting } from './requantizerSetting.ts';

let setting: RequantizerSetting;
let names: string[];

beforeAll(async () => {
  if (ENGINE_MISSING !== null) return;
  setting = await createRequantizerSetting();
  const { model } = diskAccess.withFolder(setting.path(F16), (folder, name) =>
    openModel(folder, name, never),
  );
  names = tableOrder(model!).rows.map(({ tensor }) => tensor.name);
}, 240_000);
afterAll(() => removeSetting(setting));

const F16 = 'sotu-5m-F16.gguf';
const planOf = (change: Partial<RecipeView> = {}, source = F16, output: string | null = null) =>
  setting.requantizer.plan({ path: setting.path(source), recipe: recipe(change), output }, never);

/** "Q4_K · As most tensors …" of one tensor. */
function fateOf({ rows, types, reasons }: PlanView, name: string): string {
  const row = names.indexOf(name);
  const to = rows.to[row];
  return to === NOT_WRITTEN ? 'left out' : `${types[to!]!.name} · ${reasons[rows.reason[row]!]!.text}`;
}

describe.skipIf(ENGINE_MISSING !== null)('a plan', () => {
  it('says of every row of the table what it becomes, why, and when its turn is', async () => {
    const plan = await planOf();
    expect(plan.rows.count).toBe(names.length);
    expect(fateOf(plan, 'blk.0.ffn_up.weight')).toBe('Q4_K · As most tensors of Q4_K_M');
    expect(fateOf(plan, 'blk.0.attn_norm.weight')).toBe('F32 · Vectors stay as they are');
    expect([...plan.rows.turn].sort((a, b) => a - b)).toEqual(names.map((_name, index) => index + 1));
    expect(plan.rows.bytesAfter.reduce((sum, bytes) => sum + bytes)).toBe(plan.after.tensorBytes);
    expect(plan.roles.reduce((sum, { bytesAfter }) => sum + bytesAfter, 0)).toBe(plan.after.tensorBytes);
    expect(plan.types.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(plan.after.tensorBytes);
    expect(plan).toMatchObject({ overrideBytes: 0, overrideCount: 0, blockedBy: null, warnings: [] });
    expect(plan.output.path).toBe(setting.path('sotu-5m-Q4_K_M-2.gguf')); // the sample has the usual name
    expect(plan.estimate.memoryBytes).toBeGreaterThan(50e6);
  });

  it('follows choices of single tensors, and tells what they cost', async () => {
    const plan = await planOf({
      overrides: [
        { type: 'Q8_0', names: ['blk.0.ffn_down.weight', 'blk.1.ffn_down.weight'] },
        { type: 'F16', names: ['token_embd.weight'] },
      ],
    });
    for (const name of ['blk.0.ffn_down.weight', 'blk.1.ffn_down.weight'])
      expect(fateOf(plan, name)).toBe('Q8_0 · Your override');
    expect(fateOf(plan, 'token_embd.weight')).toBe('F16 · Your override');
    expect(fateOf(plan, 'blk.2.ffn_down.weight')).not.toMatch(/Q8_0|override/);
    const plain = await planOf();
    expect(plan.overrideBytes).toBe(plan.after.fileBytes - plain.after.fileBytes);
    expect(plan.overrideBytes).toBeGreaterThan(0);
    expect(plan.overrideCount).toBe(3);
    expect(plan.command).toEqual([
      `--tensor-type '^token_embd\\.weight$=f16'`,
      `--tensor-type '^blk\\.(0|1)\\.ffn_down\\.weight$=q8_0'`,
      expect.stringMatching(/sotu-5m-F16\.gguf .*sotu-5m-Q4_K_M-2\.gguf Q4_K_M$/),
    ]);
  });

  it('puts a choice before the types asked for output and embedding', async () => {
    const plan = await planOf({
      ...{ outputType: 'Q6_K', embeddingType: 'Q6_K' },
      overrides: [{ type: 'Q8_0', names: ['token_embd.weight'] }],
    });
    expect(fateOf(plan, 'token_embd.weight')).toBe('Q8_0 · Your override');
  });

  it('puts choices before rules, and rules before the mix', async () => {
    const plan = await planOf({
      overrides: [{ type: 'Q8_0', names: ['blk.0.ffn_up.weight'] }],
      rules: [{ pattern: 'ffn_up', type: 'Q5_K' }],
    });
    expect(fateOf(plan, 'blk.0.ffn_up.weight')).toBe('Q8_0 · Your override');
    expect(fateOf(plan, 'blk.1.ffn_up.weight')).toBe('Q5_K · As the rule "ffn_up" says');
  });

  it('leaves out layers, whose choices are named, and renames what follows', async () => {
    const chosen = ['blk.1.attn_q.weight', 'blk.3.attn_q.weight'];
    const plan = await planOf({ pruneLayers: [1], overrides: [{ type: 'Q8_0', names: chosen }] });
    expect(fateOf(plan, 'blk.1.attn_q.weight')).toBe('left out');
    expect(fateOf(plan, 'blk.3.attn_q.weight')).toBe('Q8_0 · Your override');
    expect(plan.command[0]).toBe(`--tensor-type '^blk\\.2\\.attn_q\\.weight$=q8_0'`);
    expect(plan.warnings.map(({ text }) => text)).toEqual([
      '1 tensor with a type of its own would not be in the output: blk.1.attn_q.weight.',
    ]);
  });

  it('of floats says that choices have no effect', async () => {
    const plan = await planOf({ type: 'F32', overrides: [{ type: 'Q8_0', names: ['blk.0.ffn_up.weight'] }] });
    expect(plan.blockedBy).toBeNull();
    expect(plan.warnings.map(({ text }) => text)).toEqual([
      'Types of single tensors have no effect with F32: choose a quantized type.',
    ]);
  });

  it('is answered from memory when it is asked again', async () => {
    const change = { type: 'Q5_0' };
    const first = await planOf(change);
    rmSync(setting.pidFile);
    const { output: _output, ...rest } = first; // the disk may have changed
    expect(await planOf(change)).toMatchObject(rest);
    expect(existsSync(setting.pidFile)).toBe(false);
  });

  it('ends its dry run when it is aborted', async () => {
    const abort = new AbortController();
    const order = { path: setting.path(F16), recipe: recipe({ type: 'Q5_1' }), output: null };
    const asked = setting.requantizer.plan(order, abort.signal);
    setTimeout(() => abort.abort(), 20);
    await expect(asked).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('that was forgotten is gone', async () => {
    await expect(setting.requantizer.planColumns('plan-0', 0, never)).rejects.toMatchObject({ code: 'gone' });
  });
});

describe.skipIf(ENGINE_MISSING !== null)('a plan is stopped by', () => {
  it('a source that is quantized already, until that is allowed', async () => {
    const plan = await planOf({ type: 'Q8_0' }, 'sotu-5m-Q4_K_M.gguf');
    expect(plan.blockedBy).toMatch(
      /^The source is quantized already \(Q4_K_M\): quantizing 30 tensors again adds .* The file grows from 3\.\d+ MB to 5\.\d+ MB, and nothing that was lost comes back\./,
    );
    const allowed = await planOf({ type: 'Q8_0', allowRequantize: true }, 'sotu-5m-Q4_K_M.gguf');
    expect(allowed.blockedBy).toBeNull();
    expect(allowed.warnings).toMatchObject([{ kind: 'requantize', severity: 'warning', blocks: false }]);
  });

  it('a type that needs an importance matrix, until there is one', async () => {
    const plan = await planOf({ type: 'IQ2_XS' });
    expect(plan.blockedBy).toMatch(
      /^IQ2_XS needs an importance matrix: .* Choose one of this model, or make one\.$/,
    );
    expect(plan.rows.count).toBe(names.length);
    const imatrix = setting.path('sotu-5m.imatrix.gguf');
    const given = await planOf({ type: 'IQ2_XS', imatrix });
    expect(given.blockedBy).toBeNull();
    expect(given.imatrix).toMatchObject({ path: imatrix, fileName: 'sotu-5m.imatrix.gguf' });
  });

  it('nothing where every tensor stays as it is, but says so', async () => {
    const plan = await planOf({}, 'sotu-5m-Q4_K_M.gguf');
    expect(plan.blockedBy).toBeNull();
    expect(plan.warnings.map(({ text }) => text)).toEqual([
      'Every tensor has its type already, and stays as it is.',
    ]);
    const renamed = { metadata: [{ key: 'general.name', type: 'str', value: 'Another' }] as const };
    expect((await planOf(renamed, 'sotu-5m-Q4_K_M.gguf')).warnings).toEqual([]);
  });

  it('nothing for metadata of another kind than the source has, but says what is wrong', async () => {
    const metadata = [
      { key: 'llama.context_length', type: 'str', value: '8192' },
      { key: 'tokenizer.ggml.tokens', type: 'int', value: 1 },
      { key: 'llama.rope.freq_base', type: 'float', value: 5e5 },
      { key: 'general.name', type: 'str', value: 'Another' },
      { key: 'my.own', type: 'bool', value: true },
    ] as const;
    expect((await planOf({ metadata })).warnings.map(({ text }) => text)).toEqual([
      '"llama.context_length" is a whole number in the source, and would become a text: programs may refuse to load it.',
      '"tokenizer.ggml.tokens" is a list in the source, and would become a whole number: programs may refuse to load it.',
    ]);
  });

  const outputs: readonly (readonly [string, string, RegExp])[] = [
    ['the source itself as its output', F16, /is the source itself/],
    ['a folder that is not there', 'none/out.gguf', /none does not exist/],
  ];
  it.each(outputs)('%s', async (_what, output, sentence) => {
    const plan = await planOf({}, F16, setting.path(output));
    expect(plan.blockedBy).toMatch(sentence);
  });

  it('nothing when a file is there that the user may want to replace', async () => {
    const plan = await planOf({}, F16, setting.path('sotu-5m-Q4_K_M.gguf'));
    expect(plan.output.exists).toBe(true);
    expect(plan.blockedBy).toBeNull();
  });
});

describe.skipIf(ENGINE_MISSING !== null)('the prediction of a plan', () => {
  it('comes tensor by tensor, and ends with all of them', async () => {
    const serials: number[] = [];
    const stop = setting.requantizer.onErrors(({ serial }) => serials.push(serial));
    const { id, rows } = await planOf({ type: 'Q3_K_S' });
    const rowsKnown = new Set<number>();
    let since = 0;
    let last = await setting.requantizer.predictedErrors(id, since, never);
    const take = (): void => {
      last.row.forEach((row) => rowsKnown.add(row));
      since = last.serial;
    };
    take();
    await expect
      .poll(
        async () => {
          last = await setting.requantizer.predictedErrors(id, since, never);
          take();
          return last.state;
        },
        { timeout: 60_000 },
      )
      .toBe('done');
    stop();
    expect(rowsKnown.size).toBe(rows.count);
    expect(serials.length).toBeGreaterThan(3);
    expect(last).toMatchObject({ done: rows.count, total: rows.count, failure: '' });
    expect(last.whole.sqnr).toBeGreaterThan(8);
    expect(last.whole.sqnr).toBeLessThan(25);
    expect(last.estimate.seconds).toBeGreaterThan(0);
    expect(last.roles.every(({ role }) => role >= 0)).toBe(true);
  });

  it('is over when another plan of the page is looked at', async () => {
    const one = await planOf({ type: 'Q6_K' });
    const other = await planOf({ type: 'Q2_K' });
    expect((await setting.requantizer.predictedErrors(one.id, 0, never)).state).toBe('running');
    await setting.requantizer.predictedErrors(other.id, 0, never);
    const heard = new Set<string>();
    const stop = setting.requantizer.onErrors(({ plan }) => heard.add(plan));
    await expect.poll(() => heard.has(other.id), { timeout: 60_000 }).toBe(true);
    stop();
    expect(heard.has(one.id)).toBe(false);
    await setting.requantizer.endPrediction(setting.path(F16));
  });
});

describe.skipIf(ENGINE_MISSING !== null)('a recipe file', () => {
  const chosen = recipe({
    type: 'Q5_K_M',
    imatrix: '',
    overrides: [
      { type: 'Q8_0', names: ['blk.0.ffn_down.weight', 'blk.2.ffn_down.weight', 'token_embd.weight'] },
    ],
    rules: [{ pattern: 'attn_v', type: 'Q6_K' }],
    pruneLayers: [3],
    metadata: [{ key: 'general.name', type: 'str', value: 'Short' }],
  });

  it('comes back as it was saved, with choices as choices', async () => {
    const view = { ...chosen, imatrix: setting.path('sotu-5m.imatrix.gguf') };
    const file = setting.path('mine.recipe.json');
    const path = setting.path(F16);
    const text = await setting.requantizer.recipeText({ path, recipe: view }, file, never);
    expect(JSON.parse(text)).toMatchObject({ type: 'Q5_K_M', imatrix: 'sotu-5m.imatrix.gguf' });
    writeFileSync(file, text);
    const loaded = await setting.requantizer.readRecipe(path, file, never);
    expect(loaded.recipe).toEqual({
      ...view,
      overrides: [
        { type: 'Q8_0', names: ['token_embd.weight', 'blk.0.ffn_down.weight', 'blk.2.ffn_down.weight'] },
      ],
    });
    expect(loaded).toMatchObject({ fileName: 'mine.recipe.json', notes: [] });
    rmSync(file);
  });

  it('that is none is refused with a sentence', async () => {
    const file = setting.path('wrong.recipe.json');
    writeFileSync(file, '{"type": "Q4_K_M", "tensors": []}');
    await expect(setting.requantizer.readRecipe(setting.path(F16), file, never)).rejects.toThrow(
      'The recipe has "tensors", which no recipe has.',
    );
    rmSync(file);
  });
});
