// What is written is what llama-quantize writes, to the byte, and what the plan said before.
import { copyFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openImportance } from '../../src/app/quantize/importance.ts';
import type { QuantizePlan } from '../../src/app/quantize/plan.ts';
import { planQuantization, quantizeModel } from '../../src/app/quantize/quantizeModel.ts';
import { readSums } from '../../src/core/formats/imatrix/imatrix.ts';
import { diskAccess } from '../../src/node/fileSource.ts';
import { ENGINE_MISSING } from '../support/engine.ts';
import { splitModel } from '../support/splitSample.ts';
import { KEPT_SPLIT, LEGACY_IMATRIX, REFERENCE_RUNS, REQUANTIZED, WITH_LEGACY_IMATRIX } from './reference.ts';
import { writeRaggedModel } from './raggedModel.ts';
import { createSetting, listing, removeSetting, never, nothing, type Setting, sha256 } from './setting.ts';

let setting: Setting;
const F16 = 'sotu-5m-F16.gguf';

if (ENGINE_MISSING !== null) console.warn(`Quantizing is not tested: ${ENGINE_MISSING}.`);

beforeAll(async () => {
  if (ENGINE_MISSING === null) setting = await createSetting();
}, 240_000);
afterEach(() => {
  for (const name of listing(setting.folder)) if (name.startsWith('out')) rmSync(setting.path(name));
});
afterAll(() => removeSetting(setting));

const types = ({ tensors }: QuantizePlan): string[] =>
  tensors.map(({ name, from, to, bytesAfter }) => `${name} ${from.name} ${to.name} ${bytesAfter}`);

describe.skipIf(ENGINE_MISSING !== null)('a quantized model', () => {
  it.each(REFERENCE_RUNS)(
    'is byte for byte that of llama-quantize $command, as planned',
    async ({ recipe, sha256: expected }) => {
      const order = setting.order({
        ...recipe,
        imatrix: recipe.imatrix === null ? null : setting.path(recipe.imatrix),
      });
      const plans: QuantizePlan[] = [];
      const done = await quantizeModel(setting.ports, order, (_news, plan) => void plans.push(plan), never);
      expect(sha256(done.output)).toBe(expected);
      expect(plans[0]?.fileBytes).toBe(statSync(done.output).size);
      expect(types(done.plan)).toEqual(types(plans[0]!));
      expect(done.plan.bitsPerWeight).toBeCloseTo(plans[0]!.bitsPerWeight, 9);
    },
  );

  it('of a quantized one is the same as well, once that is allowed', async () => {
    const order = setting.order(
      { type: 'Q8_0', allowRequantize: true },
      { source: setting.path('sotu-5m-Q4_K_M.gguf') },
    );
    const { output } = await quantizeModel(setting.ports, order, nothing, never);
    expect(sha256(output)).toBe(REQUANTIZED);
  });

  it('keeps the shards of its source, or becomes one file', async () => {
    const [first = ''] = splitModel(setting.path(F16), setting.folder, 'split', 3);
    const kept = setting.order({ keepSplit: true }, { source: first });
    const plan = await planQuantization(setting.ports, kept, never);
    const done = await quantizeModel(setting.ports, kept, nothing, never);
    const shards = [1, 2, 3].map((number) => setting.path(`out-0000${number}-of-00003.gguf`));
    expect(done.output).toBe(shards[0]);
    expect(plan.output).toBe(shards[0]);
    expect(shards.map(sha256)).toEqual(KEPT_SPLIT);
    expect(shards.reduce((sum, path) => sum + statSync(path).size, 0)).toBe(plan.plan.fileBytes);

    // From any of the shards.
    const merged = setting.order({}, { source: setting.path('split-00002-of-00003.gguf') });
    const plans: QuantizePlan[] = [];
    const { output } = await quantizeModel(
      setting.ports,
      merged,
      (_news, one) => void plans.push(one),
      never,
    );
    expect(sha256(output)).toBe(REFERENCE_RUNS.find(({ command }) => command === 'Q4_K_M')?.sha256);
    expect(plans[0]?.fileBytes).toBe(statSync(output).size);
  });

  it('is the same with an importance matrix of the old format', async () => {
    writeLegacyImatrix(setting.path('sotu-5m.imatrix.gguf'), setting.path('imx.dat'));
    expect(sha256(setting.path('imx.dat'))).toBe(LEGACY_IMATRIX);
    const order = setting.order({ type: 'Q4_0', imatrix: setting.path('imx.dat') });
    const { output } = await quantizeModel(setting.ports, order, nothing, never);
    expect(sha256(output)).toBe(WITH_LEGACY_IMATRIX);
  });

  it('has any name: spaces, quotes, umlauts, other scripts', async () => {
    const [source, output] = [`Über "größe" 'x' %d $HOME 模型.gguf`, `out ä'"\`%s 出力.gguf`].map(
      setting.path,
    );
    copyFileSync(setting.path(F16), source!);
    const order = setting.order({ type: 'Q4_0' }, { source: source!, output: output! });
    expect((await quantizeModel(setting.ports, order, nothing, never)).output).toBe(output);
    expect(sha256(output!)).toBe(REFERENCE_RUNS[0]?.sha256);
    rmSync(source!);
  });

  it('does not depend on the number of threads', async () => {
    const done = await quantizeModel(setting.ports, setting.order({}, { threads: 3 }), nothing, never);
    expect(sha256(done.output)).toBe(REFERENCE_RUNS.find(({ command }) => command === 'Q4_K_M')?.sha256);
  });

  it('says how far it is: every tensor, and bytes that grow to the size of the file', async () => {
    const news: string[] = [];
    const written: number[] = [];
    await quantizeModel(
      setting.ports,
      setting.order({ type: 'Q4_K_S' }),
      (one) =>
        void (one.kind === 'written'
          ? written.push(one.bytes)
          : news.push(`${one.index}/${one.count} ${one.name} ${one.from} ${one.to}`)),
      never,
    );
    expect(news).toContain('1/39 output.weight f16 null');
    expect(news).toContain('1/39 output.weight f16 q6_K');
    expect(news).toContain('39/39 blk.3.ffn_up.weight f16 q4_K');
    expect(new Set(news.map((line) => line.split(' ')[0])).size).toBe(39);
    expect(written).toEqual([...written].sort((one, other) => one - other));
    expect(written.length).toBeGreaterThan(0); // how often depends on how long it takes
  });
});

describe.skipIf(ENGINE_MISSING !== null)('a plan', () => {
  it('writes nothing, and gives the reason of every type', async () => {
    const before = listing(setting.folder);
    const order = setting.order({
      tensorTypes: [
        { pattern: 'blk\\.1\\.ffn_up', type: 'Q8_0' },
        { pattern: 'nowhere', type: 'Q8_0' },
      ],
      embeddingType: 'Q5_0',
    });
    const { plan } = await planQuantization(setting.ports, order, never);
    expect(listing(setting.folder)).toEqual(before);
    const reasons = Object.fromEntries(
      plan.tensors.map(({ name, to, reason }) => [name, `${to.name}: ${reason}`]),
    );
    expect(reasons).toMatchObject({
      'output.weight': 'Q6_K: Q4_K_M gives the output Q6_K',
      'output_norm.weight': 'F32: vectors stay as they are',
      'token_embd.weight': 'Q5_0: as asked for the embedding',
      'blk.0.attn_q.weight': 'Q4_K: as most tensors of Q4_K_M',
      'blk.1.ffn_up.weight': 'Q8_0: as the rule "blk\\.1\\.ffn_up" says',
      'blk.3.attn_v.weight': 'Q6_K: Q4_K_M gives attention V of this layer Q6_K',
    });
    expect(plan.notes).toEqual(['The pattern "nowhere" decides about no tensor.']);
  });

  it('says where rows are too short for a type', async () => {
    const source = writeRaggedModel(setting.path('ragged.gguf'));
    const { plan } = await planQuantization(setting.ports, setting.order({}, { source }), never);
    const [down, up] = ['blk.0.ffn_down.weight', 'blk.0.ffn_up.weight'].map((wanted) =>
      plan.tensors.find(({ name }) => name === wanted)!,
    );
    expect([up!.to.name, down!.to.name]).toEqual(['Q5_0', 'F16']);
    expect(up!.reason).toMatch(
      /^as most tensors of Q4_K_M, but rows of 96 are no multiple of the 256 of Q4_K$/,
    );
    expect(plan.notes.join()).toMatch(/tensors cannot have their type/);
    const done = await quantizeModel(setting.ports, setting.order({}, { source }), nothing, never);
    expect(done.plan.fileBytes).toBe(plan.fileBytes);
    rmSync(source);
  });
});

/** llama-imatrix --output-format dat, from the GGUF file: mean of each column, times the number of chunks. */
function writeLegacyImatrix(from: string, to: string): void {
  const imatrix = openImportance(diskAccess, from);
  const int32 = (value: number): Buffer => {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32LE(value);
    return bytes;
  };
  const text = (value: string): Buffer =>
    Buffer.concat([int32(Buffer.byteLength(value)), Buffer.from(value)]);
  const entries = diskAccess.withFolder(from, (folder, name) =>
    imatrix.entries.map((entry) => {
      const sums = readSums(folder.open(name)!, entry);
      const calls = Math.ceil(entry.counts[0]! / imatrix.chunkTokens!);
      const values = sums.map((sum) => Math.fround(sum / entry.counts[0]!) * calls);
      return Buffer.concat([
        text(entry.name),
        int32(calls),
        int32(values.length),
        Buffer.from(values.buffer, values.byteOffset, values.byteLength),
      ]);
    }),
  );
  const end = [int32(imatrix.chunkCount!), text(imatrix.datasets[0]!)];
  writeFileSync(to, Buffer.concat([int32(entries.length), ...entries, ...end]));
}
