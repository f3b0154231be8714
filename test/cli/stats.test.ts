import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../../src/cli/cli.ts';
import { NO_ENGINE } from '../support/engine.ts';
import { buildAnalysisThreads, type ThreadPrograms } from '../support/threads.ts';

const Q4 = join(import.meta.dirname, '../samples/sotu-5m-Q4_K_M.gguf');
const GOLDEN = join(import.meta.dirname, '../golden');
let folder = '';
let programs: ThreadPrograms;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'quantscope-stats-'));
  programs = await buildAnalysisThreads(folder);
  writeFileSync(join(folder, 'cut.gguf'), readFileSync(Q4).subarray(0, 2_000_000));
  writeFileSync(join(folder, 'text.gguf'), 'hello');
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function run(...args: string[]) {
  const result = { code: -1, out: '', error: '', progress: [] as string[] };
  const terminal = {
    out: (text: string) => void (result.out += text),
    error: (text: string) => void (result.error += text),
    progress: (line: string) => void result.progress.push(line),
  };
  result.code = await runCli(['stats', ...args], terminal, { ...programs, engine: NO_ENGINE });
  return result;
}

describe('quantscope stats', () => {
  it('prints a line for every tensor and takes its progress away', async () => {
    const { code, out, error, progress } = await run(Q4);
    expect({ code, error }).toEqual({ code: 0, error: '' });
    expect(progress[0]).toMatch(/^\d+ % of 3\.35 MB/);
    expect(progress.at(-1)).toBe('');
    await expect(out).toMatchFileSnapshot(join(GOLDEN, 'stats-q4_k_m.txt'));
  });

  it('says the same by two threads as in this process', async () => {
    const alone = await run(Q4, '--json');
    const shared = await run(Q4, '--json', '--threads', '2');
    expect(shared).toEqual({ ...alone, progress: expect.any(Array) });
    expect(JSON.parse(shared.out)).toHaveLength(39);
  });

  it.each([
    ['sotu-5m-gptq-4bit-g32-actorder', 'model.layers.0.self_attn.k_proj.weight'],
    ['sotu-5m-gptq-3bit-g64', 'model.layers.0.self_attn.k_proj.weight'],
    ['sotu-5m-bnb-nf4-dq', 'model.layers.0.self_attn.k_proj.weight'],
    ['sotu-5m-exl2-mixed', 'model.layers.0.mlp.down_proj.weight'],
    ['sotu-5m-mlx-4bit-g64', 'model.layers.0.self_attn.k_proj.weight'],
    ['mxfp4-gptoss', 'model.layers.0.mlp.experts.down_proj'],
  ])('prints the groups of a packed matrix: %s', async (folderName, tensor) => {
    const path = join(import.meta.dirname, '../samples/packed', folderName, 'model.safetensors');
    const { code, out, error } = await run(path, '--tensor', tensor);
    expect({ code, error }).toEqual({ code: 0, error: '' });
    await expect(out).toMatchFileSnapshot(join(GOLDEN, `stats-${folderName}.txt`));
    const report = JSON.parse((await run(path, '--tensor', tensor, '--json')).out) as { groups: object }[];
    expect(Object.keys(report[0]!.groups)).toContain('scales');
  });

  it.each(['sotu-5m-gptq-4bit-g32-actorder', 'sotu-5m-exl2-mixed', 'mxfp4-gptoss'])(
    'says the same of packed matrices by two threads: %s',
    async (folderName) => {
      const path = join(import.meta.dirname, '../samples/packed', folderName, 'model.safetensors');
      const alone = await run(path, '--json');
      const shared = await run(path, '--json', '--threads', '2');
      expect(alone.code).toBe(0);
      expect(shared.out).toBe(alone.out);
    },
  );

  it('prints one tensor as JSON', async () => {
    const { code, out } = await run(Q4, '--tensor', 'blk.2.attn_v.weight', '--json');
    expect(code).toBe(0);
    const report = JSON.parse(out) as { scales: { log2: { counts: number[] } } }[];
    expect(report.length).toBe(1);
    expect(report[0]!.scales.log2.counts.reduce((sum, count) => sum + count, 0)).toBe(32_768 / 16);
    // Lists of numbers, and each of the worst weights, on one line.
    const short = out.replace(/\[[^[\]{}]+\]|\{[^[\]{}]+"sigmas"[^[\]{}]+\}/g, (list) =>
      list.replace(/\s+/g, ' '),
    );
    await expect(short).toMatchFileSnapshot(join(GOLDEN, 'stats-tensor.json.txt'));
  });

  it('says which tensors of a cut file have no numbers, and why', async () => {
    const text = await run(join(folder, 'cut.gguf'));
    expect(text.code).toBe(0);
    expect(text.out).toMatch(/^blk\.\d\.\w+\.weight: Its data is cut off/m);
    const { out } = await run(join(folder, 'cut.gguf'), '--json');
    const report = JSON.parse(out) as { name: string; count?: number; unavailable?: string }[];
    expect(report.length).toBe(39);
    expect(report.filter(({ unavailable }) => /cut off/.test(unavailable ?? '')).length).toBe(1);
    expect(report.some(({ count }) => count === 1_048_576)).toBe(true);
  });

  const refusals: readonly (readonly [string, readonly string[], number, RegExp])[] = [
    ['no path', [], 64, /^quantscope: stats needs the path of a model/],
    ['an option without its value', [Q4, '--tensor'], 64, /--tensor needs a value/],
    ['threads that are no number', [Q4, '--threads', 'two'], 64, /a number from 1 to 256, not "two"/],
    ['no threads', [Q4, '--threads', '0'], 64, /a number from 1 to 256, not "0"/],
    ['an unknown option', [Q4, '--yaml'], 64, /it has --tensor and --threads and --json/],
    ['an unknown tensor', [Q4, '--tensor', 'nothing'], 2, /has no tensor "nothing"/],
    ['a missing file', ['nothing.gguf'], 2, /does not exist/],
    ['a file that is no model', ['text.gguf'], 2, /text\.gguf: .*GGUF/],
  ];
  it.each(refusals)('refuses %s in one sentence on stderr', async (_what, args, code, sentence) => {
    const result = await run(...args.map((arg) => (arg === 'text.gguf' ? join(folder, arg) : arg)));
    expect(result.code).toBe(code);
    expect(result.error).toMatch(sentence);
    expect(result.error.trimEnd().split('\n').length).toBe(1);
    expect(result.out).toBe('');
  });
});
