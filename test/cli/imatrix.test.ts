// quantscope imatrix --show and --resume, as somebody types them.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../../src/cli/cli.ts';
import type { EngineParts } from '../../src/node/engineProcess.ts';
import { buildEngine, ENGINE_MISSING, ENGLISH_TEXT, NO_ENGINE, sample } from '../support/engine.ts';
import { writeLegacyImatrix, writeMixtureImatrix } from '../support/imatrixFiles.ts';

let folder = '';
let engine: EngineParts = NO_ENGINE;
const path = (name: string): string => join(folder, name);
const SAMPLE = sample('sotu-5m.imatrix.gguf');

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'quantscope-imatrix-cli-'));
  if (ENGINE_MISSING === null) engine = await buildEngine(folder);
}, 240_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function run(
  args: readonly string[],
  onProgress: (line: string, abort: () => void) => void = () => undefined,
) {
  const result = { code: -1, out: '', error: '' };
  const controller = new AbortController();
  const terminal = {
    out: (text: string) => void (result.out += text),
    error: (text: string) => void (result.error += text),
    progress: (line: string) => onProgress(line, () => controller.abort()),
  };
  result.code = await runCli(args, terminal, { kernelFile: '', sliceThread: '', engine }, controller.signal);
  return result;
}

interface Shown {
  readonly chunkCount: number;
  readonly warnings: readonly { readonly severity: string; readonly text: string }[];
  readonly tensors: readonly Readonly<Record<string, unknown>>[];
}

describe('quantscope imatrix --show', () => {
  it('prints a line for every tensor, in the terms of llama-imatrix', async () => {
    const { code, out } = await run(['imatrix', '--show', SAMPLE]);
    expect(code).toBe(0);
    const lines = out.split('\n');
    expect(lines[0]).toContain('GGUF · 41.31 kB · 28 tensors · 100 chunks of 256 · corpus/sotu-calib.txt');
    expect(lines[2]!.trim().split(/  +/)).toEqual([
      ...['Layer', 'Tensor', 'Tokens', 'Σ(Act²)', 'Min', 'Max', 'μ', 'σ', '% active', 'N', 'Entropy'],
      ...['E(norm) %', 'ZD %', 'CosSim', 'Outliers', 'Top channel'],
    ]);
    const down = lines.find((line) => /^ +2 +ffn_down/.test(line))!;
    expect(down.trim().split(/  +/)).toEqual([
      ...[
        '2',
        'ffn_down',
        '25,600',
        '282.47',
        '0.0147',
        '16.4885',
        '0.3678',
        '0.8572',
        '100.00',
        '768',
        '8.5962',
      ],
      ...['89.68', '3.13', '0.1082', '9', '62 (5.84 %)'],
    ]);
  });

  it('prints the same as JSON, with the counts of experts and what is not known as null', async () => {
    writeMixtureImatrix(path('mixture.gguf'), { layers: 2, width: 16, experts: 4, unseen: () => [1] });
    const { out } = await run(['imatrix', '--show', path('mixture.gguf'), '--json']);
    const { tensors, warnings, chunkCount } = JSON.parse(out) as Shown;
    expect(chunkCount).toBe(40);
    expect(warnings.map(({ text }) => text.slice(0, 40))).toEqual([
      'Layer 0: expert 1 of 4 never met a token',
      'Layer 1: expert 1 of 4 never met a token',
    ]);
    const up = tensors.find(({ name }) => name === 'blk.0.ffn_up_exps.weight')!;
    expect(up).toMatchObject({
      layer: 0,
      role: 'ffn_up_exps',
      columns: 16,
      matrices: 4,
      matricesSeen: 3,
      cosine: null,
    });
    expect((up['counts'] as number[])[1]).toBe(0);
  });

  it('reads the old format, and says why it cannot read another file', async () => {
    writeLegacyImatrix(path('x.dat'), [{ name: 'blk.0.attn_q.weight', chunks: 2, values: [2, 4] }]);
    const { out } = await run(['imatrix', '--show', path('x.dat')]);
    expect(out).toContain('old format');
    expect(out).toMatch(/info: This is the format of before 2025/);
    writeFileSync(path('text.dat'), 'Fellow citizens of the Senate');
    expect(await run(['imatrix', '--show', path('text.dat')])).toMatchObject({
      code: 2,
      error: expect.stringMatching(/text\.dat: This file is no importance matrix/) as string,
    });
    expect(await run(['imatrix', '--show', path('none.dat')])).toMatchObject({ code: 2 });
    expect(await run(['imatrix', '--show'])).toMatchObject({ code: 64 });
  });
});

describe.skipIf(ENGINE_MISSING !== null)('quantscope imatrix --resume', () => {
  const order = (out: string, ...more: string[]): string[] => [
    ...['imatrix', sample('sotu-5m-F16.gguf'), '--text', ENGLISH_TEXT, '-o', path(out)],
    ...['--context', '256', '--chunks', '32', '--threads', '1', '--gpu', 'off', ...more],
  ];

  it('goes on where a cancelled run was, and says what is kept', async () => {
    const cancelled = await run(
      order('a.gguf'),
      (line, abort) => void (/^(16|24) of 32/.test(line) && abort()),
    );
    expect(cancelled.code).toBe(130);
    expect(cancelled.error).toMatch(
      /(16|24) of 32 chunks are kept in .*a\.gguf\.partial; --resume goes on after them/,
    );

    const refused = await run([...order('a.gguf', '--resume'), '--chunks', '24']);
    expect(refused).toMatchObject({
      code: 64,
      error: expect.stringMatching(/another model, text or settings/) as string,
    });

    const lines: string[] = [];
    const resumed = await run(order('a.gguf', '--resume', '--json'), (line) => void lines.push(line));
    expect(resumed.code).toBe(0);
    expect((JSON.parse(resumed.out) as { resumedFrom: number }).resumedFrom).toBeGreaterThanOrEqual(16);
    expect(lines.some((line) => /goes on after chunk (16|24)/.test(line))).toBe(true);
    expect(existsSync(path('a.gguf.partial'))).toBe(false);

    expect((await run(order('b.gguf', '--resume'))).code).toBe(0);
    expect(readFileSync(path('a.gguf')).equals(readFileSync(path('b.gguf')))).toBe(true);
  });

  it('without --resume begins anew, and says that it need not', async () => {
    await run(order('c.gguf'), (line, abort) => void (/^(16|24) of 32/.test(line) && abort()));
    const { error, code } = await run(order('c.gguf'));
    expect(code).toBe(0);
    expect(error).toMatch(/begins anew; with --resume it would go on after chunk (16|24) of 32/);
    expect(existsSync(path('c.gguf.partial'))).toBe(false);
  });
});
