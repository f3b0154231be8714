import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../../src/cli/cli.ts';
import { buildKernel, KERNEL_WASM } from '../support/tools.ts';

const Q4 = join(import.meta.dirname, '../samples/sotu-5m-Q4_K_M.gguf');
const GOLDEN = join(import.meta.dirname, '../golden');
let folder = '';

beforeAll(async () => {
  await buildKernel();
  folder = mkdtempSync(join(tmpdir(), 'quantscope-stats-'));
  writeFileSync(join(folder, 'cut.gguf'), readFileSync(Q4).subarray(0, 2_000_000));
  writeFileSync(join(folder, 'text.gguf'), 'hello');
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(...args: string[]) {
  const result = { code: -1, out: '', error: '', progress: [] as string[] };
  const terminal = {
    out: (text: string) => void (result.out += text),
    error: (text: string) => void (result.error += text),
    progress: (line: string) => void result.progress.push(line),
  };
  result.code = runCli(['stats', ...args], terminal, KERNEL_WASM);
  return result;
}

describe('quantscope stats', () => {
  it('prints a line for every tensor and takes its progress away', async () => {
    const { code, out, error, progress } = run(Q4);
    expect({ code, error }).toEqual({ code: 0, error: '' });
    expect(progress[0]).toMatch(/^\d+ % of 3\.\d\d MB · .*\/s · token_embd\.weight$/);
    expect(progress.at(-1)).toBe('');
    await expect(out).toMatchFileSnapshot(join(GOLDEN, 'stats-q4_k_m.txt'));
  });

  it('prints one tensor as JSON', async () => {
    const { code, out } = run(Q4, '--tensor', 'blk.2.attn_v.weight', '--json');
    expect(code).toBe(0);
    const report = JSON.parse(out) as { scales: { log2: { counts: number[] } } }[];
    expect(report.length).toBe(1);
    expect(report[0]!.scales.log2.counts.reduce((sum, count) => sum + count, 0)).toBe(32_768 / 16);
    await expect(out.replace(/\[[^[\]{}]+\]/g, (list) => list.replace(/\s+/g, ' '))).toMatchFileSnapshot(
      join(GOLDEN, 'stats-tensor.json.txt'),
    );
  });

  it('says which tensors of a cut file have no numbers, and why', () => {
    const text = run(join(folder, 'cut.gguf'));
    expect(text.code).toBe(0);
    expect(text.out).toMatch(/^blk\.\d\.\w+\.weight: Its data is cut off/m);
    const { out } = run(join(folder, 'cut.gguf'), '--json');
    const report = JSON.parse(out) as { name: string; count?: number; unavailable?: string }[];
    expect(report.length).toBe(39);
    expect(report.filter(({ unavailable }) => /cut off/.test(unavailable ?? '')).length).toBe(1);
    expect(report.some(({ count }) => count === 1_048_576)).toBe(true);
  });

  const refusals: readonly (readonly [string, readonly string[], number, RegExp])[] = [
    ['no path', [], 64, /^quantscope: stats needs the path of a model/],
    ['an option without its value', [Q4, '--tensor'], 64, /--tensor needs a value/],
    ['an unknown option', [Q4, '--yaml'], 64, /it has --tensor and --json/],
    ['an unknown tensor', [Q4, '--tensor', 'nothing'], 2, /has no tensor "nothing"/],
    ['a missing file', ['nothing.gguf'], 2, /does not exist/],
    ['a file that is no model', ['text.gguf'], 2, /text\.gguf: .*GGUF/],
  ];
  it.each(refusals)('refuses %s in one sentence on stderr', (_what, args, code, sentence) => {
    const result = run(...args.map((arg) => (arg === 'text.gguf' ? join(folder, arg) : arg)));
    expect(result.code).toBe(code);
    expect(result.error).toMatch(sentence);
    expect(result.error.trimEnd().split('\n').length).toBe(1);
    expect(result.out).toBe('');
  });
});
