// quantscope quantize and quantscope imatrix, as somebody types them.
import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../../src/cli/cli.ts';
import type { EngineParts } from '../../src/node/engineProcess.ts';
import { buildEngine, ENGINE_MISSING, ENGLISH_TEXT, NO_ENGINE, sample } from '../support/engine.ts';

let folder = '';
let engine: EngineParts = NO_ENGINE;
const F16 = sample('sotu-5m-F16.gguf');
const path = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'quantscope-quantize-cli-'));
  if (ENGINE_MISSING === null) engine = await buildEngine(folder);
}, 240_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function run(...args: string[]) {
  const result = { code: -1, out: '', error: '', progress: [] as string[] };
  const terminal = {
    out: (text: string) => void (result.out += text),
    error: (text: string) => void (result.error += text),
    progress: (line: string) => void result.progress.push(line),
  };
  result.code = await runCli(args, terminal, { kernelFile: '', sliceThread: '', engine });
  return result;
}

describe.skipIf(ENGINE_MISSING !== null)('quantscope quantize', () => {
  it('writes the model and prints what it did as JSON', async () => {
    const out = path('one two.gguf');
    const {
      code,
      out: json,
      progress,
    } = await run(
      ...[
        'quantize',
        F16,
        out,
        '--type',
        'q4_k_m',
        '--tensor-type',
        'attn_v=Q8_0',
        '--tensor-type',
        'a=b=IQ4_NL',
      ],
      ...['--output-type', 'Q8_0', '--threads', '1', '--json'],
    );
    expect(code).toBe(0);
    const { seconds, tensors, bitsPerWeight, ...rest } = JSON.parse(json) as {
      seconds: number;
      bitsPerWeight: number;
      tensors: Record<string, unknown>[];
    };
    expect(rest).toEqual({ output: out, fileBytes: statSync(out).size });
    expect(seconds).toBeGreaterThan(0);
    expect(bitsPerWeight).toBeCloseTo(5.8, 0);
    expect(tensors.length).toBe(39);
    expect(tensors.find(({ name }) => name === 'blk.1.attn_v.weight')).toEqual({
      name: 'blk.1.attn_v.weight',
      from: 'F16',
      to: 'Q8_0',
      reason: 'as the rule "attn_v" says',
      bytesBefore: 65_536,
      bytesAfter: 34_816,
    });
    expect(progress.at(-1)).toBe('');
    expect(
      progress.some((line) => /^\d+ of 39 blk\.\d\.\w+\.weight.* · \d+\.\d\d % of \d\.\d\d MB/.test(line)),
    ).toBe(true);
  });

  it('follows a recipe, whose importance matrix lies beside it; the command line counts before it', async () => {
    copyFileSync(sample('sotu-5m.imatrix.gguf'), path('i.gguf'));
    writeFileSync(path('recipe.json'), '{"type": "IQ3_XXS", "imatrix": "i.gguf", "outputType": "Q5_K"}');
    const { code, out } = await run(
      'quantize',
      F16,
      path('plan.gguf'),
      '--recipe',
      path('recipe.json'),
      '--dry-run',
    );
    expect(code).toBe(0);
    expect(out).toMatch(/^output\.weight +F16 +Q5_K +2\.10 MB +720\.90 kB +as asked for the output$/m);
    expect(out).toMatch(/^blk\.0\.attn_q\.weight +F16 +IQ2_S .* IQ3_XXS gives attention Q IQ2_S$/m);
    expect(out).toMatch(
      /plan\.gguf · [\d.]+ MB · \d\.\d\d bits per weight · 39 tensors · planned, nothing written/,
    );
    const other = await run(
      ...['quantize', F16, path('plan.gguf'), '--recipe', path('recipe.json')],
      ...['--dry-run', '--type', 'Q8_0', '--json'],
    );
    const { tensors } = JSON.parse(other.out) as { tensors: { name: string; to: string }[] };
    expect(tensors.find(({ name }) => name === 'output.weight')?.to).toBe('Q5_K');
    expect(tensors.find(({ name }) => name === 'blk.0.attn_q.weight')?.to).toBe('Q8_0');
    expect(() => statSync(path('plan.gguf'))).toThrow();
  });

  it('names the option that lifts what is in the way', async () => {
    const Q4_K_M = sample('sotu-5m-Q4_K_M.gguf');
    writeFileSync(path('there.gguf'), 'precious');
    const refused: readonly (readonly [readonly string[], RegExp])[] = [
      [[F16, path('x.gguf'), '--type', 'IQ2_XS'], /useless without\. Make one .* give it with --imatrix\.$/m],
      [
        [Q4_K_M, path('x.gguf'), '--type', 'Q8_0'],
        /instead\. --allow-requantize quantizes it all the same\.$/m,
      ],
      [[F16, path('there.gguf'), '--type', 'Q4_0'], /have it replaced\. --force replaces it\.$/m],
    ];
    for (const [args, sentence] of refused) {
      const { code, error } = await run('quantize', ...args);
      expect(code).not.toBe(0);
      expect(error).toMatch(sentence);
    }
    expect(readFileSync(path('there.gguf'), 'utf8')).toBe('precious');
  });

  it('predicts what would be lost, and how long it would take', async () => {
    const args = ['quantize', F16, path('plan.gguf'), '--type', 'Q4_K_M', '--dry-run', '--predict'];
    const { code, out, progress } = await run(...args, '--threads', '1');
    expect(code).toBe(0);
    expect(out).toMatch(/^tensor +from +to +before +after +error +SQNR +why$/m);
    expect(out).toMatch(/^output\.weight +F16 +Q6_K .* ≈ 1\.\d\d % +≈ 3\d\.\d\d dB +Q4_K_M gives/m);
    expect(out).toMatch(/^output_norm\.weight +F32 +F32 .* none +vectors stay as they are$/m);
    expect(out).toMatch(/^predicted error of all weights: ≈ 5\.\d\d %, 2\d\.\d\d dB$/m);
    expect(out).toMatch(/^time: ≈ \d+\.\d s\. .* on 1 thread at the speed of the sample, .* write 3\.35 MB/m);
    expect(out).toMatch(/^memory: ≈ \d+\.\d MiB\. .* up to 2\.0 MiB of the source are mapped/m);
    expect(progress).toContain('predicting: 39 of 39 blk.3.ffn_norm.weight');
    const asJson = JSON.parse((await run(...args, '--json')).out) as {
      predicted: Record<string, unknown>;
      tensors: { name: string; predicted: Record<string, number> | null }[];
    };
    const predicted = asJson.tensors.find(({ name }) => name === 'blk.0.attn_k.weight')?.predicted;
    expect(predicted).toMatchObject({ sampledWeights: 32_768, isEstimate: false });
    expect(predicted?.['sqnr']).toBeCloseTo(-20 * Math.log10(predicted?.['relativeRmse'] ?? 0), 9);
    expect(asJson.predicted).toMatchObject({ notes: [], sqnr: expect.any(Number) as number });
    expect(() => statSync(path('plan.gguf'))).toThrow();
  });

  const wrong: readonly (readonly [string, string[], number, RegExp])[] = [
    ['a prediction of a run', [F16, 'o.gguf', '--type', 'Q8_0', '--predict'], 64, /goes with --dry-run/],
    ['no type', [F16, 'o.gguf'], 64, /needs a type: --type Q4_K_M/],
    ['no output', [F16, '--type', 'Q8_0'], 64, /needs IN and OUT/],
    ['a type nobody knows', [F16, 'o.gguf', '--type', 'Q8'], 64, /no quantization type "Q8"/],
    [
      'an unknown option',
      [F16, 'o.gguf', '--type', 'Q8_0', '--fast'],
      64,
      /no option "--fast"; it has --type/,
    ],
    ['half a rule', [F16, 'o.gguf', '--type', 'Q8_0', '--tensor-type', 'ffn'], 64, /takes REGEX=TYPE/],
    ['a source that is not there', ['no.gguf', 'o.gguf', '--type', 'Q8_0'], 2, /no\.gguf does not exist/],
    ['no threads', [F16, 'o.gguf', '--type', 'Q8_0', '--threads', '0'], 64, /above zero/],
    ['its own source', [F16, F16, '--type', 'Q8_0'], 64, /is the source itself/],
  ];
  it.each(wrong)('with %s says what is wrong', async (_what, args, code, sentence) => {
    const result = await run('quantize', ...args);
    expect(result.error).toMatch(sentence);
    expect({ code: result.code, out: result.out }).toEqual({ code, out: '' });
  });
});

describe.skipIf(ENGINE_MISSING !== null)('quantscope imatrix', () => {
  it('makes an importance matrix that quantize takes', async () => {
    const out = path('made.gguf');
    const text = ENGLISH_TEXT;
    const args = ['imatrix', F16, '--text', text, '-o', out, '--chunks', '4', '--context', '128'];
    const made = await run(...args, '--threads', '1', '--gpu', 'off');
    expect(made).toMatchObject({ code: 0, error: '' });
    expect(made.out).toMatch(
      /made\.gguf: importance of 28 tensors\n4 chunks of 128 · .*CPU .*, 1 thread · llama\.cpp/,
    );
    expect(made.progress.join('\n')).toMatch(/4 of 4 chunks · [\d,]+ tokens\/s · 0\.0 s left/);
    expect(readFileSync(out).subarray(0, 4).toString()).toBe('GGUF');
    const used = await run(
      'quantize',
      F16,
      path('used.gguf'),
      '--type',
      'IQ3_XXS',
      '--imatrix',
      out,
      '--dry-run',
    );
    expect(used).toMatchObject({ code: 0, error: '' });
    expect((await run(...args)).error).toMatch(/is there already/);
  });

  it.each([
    ['no text', ['imatrix', F16, '-o', 'x'], /needs a text/],
    ['no output', ['imatrix', F16, '--text', 'x'], /needs a file to write/],
  ] as const)('with %s says what is wrong', async (_what, args, sentence) => {
    const result = await run(...args);
    expect(result.error).toMatch(sentence);
    expect(result.code).toBe(64);
  });
});
