// The engine as it ships, against llama.cpp's own tool and against node-llama-cpp's way to the same number.
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_DEVICE, type EngineNews } from '../../src/app/quality/engine.ts';
import { measureQuality, type QualityOrder } from '../../src/app/quality/measureQuality.ts';
import { runCli } from '../../src/cli/cli.ts';
import { textToTokenize } from '../../src/core/quality/chunkPlan.ts';
import { createEngine, type EngineParts } from '../../src/node/engineProcess.ts';
import { diskAccess } from '../../src/node/fileSource.ts';
import { buildEngine, ENGINE_MISSING, ENGLISH_TEXT, sample } from '../support/engine.ts';
import { F16, F16_FOUR_CHUNKS, Q4_K_M, Q4_K_M_AGAINST_F16 } from './reference.ts';

const [f16, q4] = [sample('sotu-5m-F16.gguf'), sample('sotu-5m-Q4_K_M.gguf')];
const textFile = ENGLISH_TEXT;
const content = readFileSync(textFile, 'utf8');
const ORDER: QualityOrder = {
  model: f16,
  base: null,
  text: { name: 'sotu-test-200k.txt', content },
  contextTokens: 256,
  chunkLimit: null,
  device: { ...DEFAULT_DEVICE, choice: 'off', threads: 1 },
};
let folder = '';
let parts: EngineParts;

if (ENGINE_MISSING !== null) console.warn(`The engine is not tested: ${ENGINE_MISSING}.`);

beforeAll(async () => {
  if (ENGINE_MISSING !== null) return;
  folder = mkdtempSync(join(tmpdir(), 'quantscope-measure-'));
  parts = await buildEngine(folder);
}, 240_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

async function measure(change: Partial<QualityOrder>) {
  const news: EngineNews[] = [];
  const ports = { files: diskAccess, engine: createEngine(parts), sha256 };
  const measured = await measureQuality(
    ports,
    { ...ORDER, ...change },
    (one) => void news.push(one),
    new AbortController().signal,
  );
  return { ...measured, news };
}

/** |value − expected| as a share of expected. */
const off = (value: number | undefined, expected: number): number =>
  Math.abs((value ?? NaN) - expected) / Math.abs(expected);

describe.skipIf(ENGINE_MISSING !== null)('measuring, as llama-perplexity does', () => {
  it.each([
    ['F16', f16, F16],
    ['Q4_K_M', q4, Q4_K_M],
  ])('the perplexity of %s on the whole text', async (_name, model, reference) => {
    const { result, news, text } = await measure({ model });
    expect(off(result.score.perplexity, reference.perplexity)).toBeLessThan(1e-3);
    expect(off(result.score.standardError ?? NaN, reference.standardError)).toBeLessThan(1e-3);
    expect([result.chunks, result.score.tokensScored]).toEqual([reference.chunks, reference.chunks * 127]);
    expect(result.device).toMatchObject({ backend: 'CPU', gpuLayers: 0, layers: 5, threads: 1, notes: [] });
    expect(text.sha256).toBe(sha256(content));
    const chunks = news.filter(({ kind }) => kind === 'chunk');
    expect(chunks.length).toBe(reference.chunks);
    expect(chunks.at(-1)).toMatchObject({ done: 175, chunks: 175, score: result.score });
  });

  it('a model against its base', async () => {
    const expected = Q4_K_M_AGAINST_F16;
    const { result, base } = await measure({ model: q4, base: f16, chunkLimit: expected.chunks });
    const { comparison, damage } = result;
    expect(off(comparison?.base.perplexity, expected.basePerplexity)).toBeLessThan(1e-3);
    expect(off(comparison?.deltaPerplexity.value, expected.deltaPerplexity)).toBeLessThan(0.02);
    expect(off(comparison?.kl.value, expected.meanKl)).toBeLessThan(0.02);
    expect(off(comparison?.kl.quantiles[5], expected.medianKl)).toBeLessThan(0.02);
    expect(off(comparison?.kl.quantiles[9], expected.p99Kl)).toBeLessThan(0.02);
    expect(off(comparison?.kl.max, expected.maxKl)).toBeLessThan(0.05);
    expect(off(comparison?.rmsDeltaP.value, expected.rmsDeltaP)).toBeLessThan(0.02);
    expect(Math.abs((comparison?.sameTop.value ?? NaN) - expected.sameTop)).toBeLessThan(0.005);
    expect(result.device.extraBuffers).toBe(false);
    expect(base?.bitsPerWeight).toBeGreaterThan(15);

    // Token by token, the text comes back.
    expect(damage?.scored.length).toBe(result.score.tokensScored);
    const spelled = new TextDecoder().decode(damage?.bytes).trimStart();
    expect(content.startsWith(spelled.slice(0, -4))).toBe(true);
    const mean = (damage?.kl.reduce((sum, kl) => sum + kl, 0) ?? NaN) / result.score.tokensScored;
    expect(off(mean, comparison?.kl.value ?? NaN)).toBeLessThan(1e-4);
    const worst = damage?.worst[0];
    expect(damage?.worst.length).toBe(200);
    expect(worst?.kl).toBeCloseTo(comparison?.kl.max ?? NaN, 6);
    const place = damage?.scored.indexOf(worst?.token ?? -1) ?? -1;
    expect(damage?.kl[place]).toBeCloseTo(worst?.kl ?? NaN, 6);
    const [first, second] = worst?.baseChoices ?? [];
    expect(first?.probability).toBeGreaterThanOrEqual(second?.probability ?? NaN);
    const own = worst?.choices.find(({ text: choice }) => choice === worst.text);
    if (own !== undefined) expect(own.probability).toBeCloseTo(Math.exp(-(worst?.nll ?? NaN)), 5);
  });

  it('says the same in two passes, one model after the other, and leaves nothing on the disk', async () => {
    const engine = createEngine(parts);
    const request = {
      model: { path: q4, tensorBytes: 3e6, layers: 5 },
      base: { path: f16, tensorBytes: 1e7, layers: 5 },
      text: content,
      contextTokens: 256,
      chunkLimit: 8,
      device: ORDER.device,
      worstTokenLimit: 10,
    };
    const ask = (passes: 'one' | 'two') =>
      engine.measure({ ...request, passes }, () => undefined, new AbortController().signal);
    const [one, two] = [await ask('one'), await ask('two')];
    expect([one.twoPasses, two.twoPasses]).toEqual([false, true]);
    expect(two.score).toEqual(one.score);
    expect(off(two.comparison?.base.perplexity, one.comparison?.base.perplexity ?? NaN)).toBeLessThan(1e-8);
    expect(two.comparison?.sameTop).toEqual(one.comparison?.sameTop);
    // float16 keeps three digits of each ln p, and a divergence is a small difference of them.
    expect(off(two.comparison?.kl.value, one.comparison?.kl.value ?? NaN)).toBeLessThan(2e-3);
    expect(two.damage?.worst[0]?.token).toBe(one.damage?.worst[0]?.token);
  });

  it('agrees with node-llama-cpp, which reads the same text token by token', async () => {
    const { result } = await measure({ chunkLimit: 4 });
    const { getLlama, LlamaLogLevel } = await import('node-llama-cpp');
    const llama = await getLlama({
      ...{ gpu: false, build: 'never', progressLogs: false, maxThreads: 1 },
      logLevel: LlamaLogLevel.disabled,
    });
    const model = await llama.loadModel({ modelPath: f16 });
    const context = await model.createContext({ contextSize: 256, batchSize: 256, threads: 1 });
    const sequence = context.getSequence();
    const tokens = model.tokenize(textToTokenize(content));
    const bos = model.tokens.bos!;
    const all = [bos, ...tokens];
    let nll = 0;
    for (let chunk = 0; chunk < 4; chunk++) {
      await sequence.clearHistory();
      const read = [bos, ...all.slice(chunk * 256 + 1, (chunk + 1) * 256)];
      // As the model says it: no token left out, no temperature.
      const options = { temperature: 1, topK: 0, topP: 1, minP: 0 };
      const outputs = await sequence.controlledEvaluate(
        read.map((token, at) =>
          at < 128 ? token : [token, { generateNext: { probabilities: true, options } }],
        ),
      );
      for (let at = 128; at < 255; at++)
        nll -= Math.log(outputs[at]!.next.probabilities!.get(read[at + 1]!)!);
    }
    await llama.dispose();
    expect(off(result.score.perplexity, Math.exp(nll / (4 * 127)))).toBeLessThan(1e-4);
    expect(off(result.score.perplexity, F16_FOUR_CHUNKS)).toBeLessThan(1e-4);
  });
});

describe.skipIf(ENGINE_MISSING !== null)('quantscope perplexity', () => {
  async function run(...args: string[]) {
    const result = { code: -1, out: '', error: '', progress: [] as string[] };
    const terminal = {
      out: (text: string) => void (result.out += text),
      error: (text: string) => void (result.error += text),
      progress: (line: string) => void result.progress.push(line),
    };
    const programs = { kernelFile: '', sliceThread: '', engine: parts };
    result.code = await runCli(['perplexity', ...args], terminal, programs);
    return result;
  }
  const common = ['--text', textFile, '--context', '128', '--chunks', '8', '--gpu', 'off', '--threads', '1'];

  it('prints the numbers as JSON', async () => {
    const { code, out, error } = await run(q4, ...common, '--base', f16, '--json');
    expect({ code, error }).toEqual({ code: 0, error: '' });
    const report = JSON.parse(out) as Record<string, unknown> & { base: Record<string, unknown> };
    expect(report).toMatchObject({ tokensScored: 8 * 63, chunks: 8, device: { backend: 'CPU' } });
    const names = ['perplexity', 'standardError', 'meanNll', 'seconds', 'tokensPerSecond'];
    const compared = [
      'deltaPerplexity',
      'deltaStandardError',
      'meanKl',
      'medianKl',
      'p99Kl',
      'maxKl',
      'sameTop',
    ];
    for (const name of names) expect(report[name], name).toBeGreaterThan(0);
    for (const name of [...compared, 'perplexity', 'rmsDeltaP'])
      expect(report.base[name], name).toEqual(expect.any(Number));
  });

  it('prints them as text, with the curve while it works', async () => {
    const { code, out, progress } = await run(q4, ...common);
    expect(code).toBe(0);
    expect(out).toMatch(/^perplexity +\d+\.\d{4} ± \d+\.\d{4} {2}.*Q4_K_M\.gguf\n/);
    expect(out).toMatch(/504 tokens scored in 8 of \d+ chunks of 128 · /);
    expect(progress.some((line) => /^3 of 8 chunks · [▁-█]{3} \d+\.\d\d ± .* s left$/.test(line))).toBe(true);
    expect(progress.at(-1)).toBe('');
  });

  const refusals: readonly (readonly [string, readonly string[], number, RegExp])[] = [
    ['no text', [q4], 64, /needs a text to read: --text FILE/],
    ['a text that is not there', [q4, '--text', 'none.txt'], 2, /none\.txt/],
    [
      'a text that is too short',
      [q4, ...common.slice(0, 2), '--context', '50000'],
      64,
      /needs at least 100,000/,
    ],
    [
      'an unknown device',
      [q4, ...common, '--gpu', 'opencl'],
      64,
      /--gpu takes auto, off, vulkan, cuda, metal/,
    ],
    ['a number that is none', [q4, ...common, '--chunks', 'all'], 64, /--chunks takes a whole number/],
    ['safetensors', [sample('sotu-5m-fp8/model.safetensors'), ...common], 2, /reads GGUF only/],
  ];
  it.each(refusals)('refuses %s', async (_what, args, code, sentence) => {
    const result = await run(...args);
    expect(result.error).toMatch(sentence);
    expect(result.code).toBe(code);
    expect(result.out).toBe('');
  });
});
