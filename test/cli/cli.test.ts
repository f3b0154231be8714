import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../../src/cli/cli.ts';
import { NO_ENGINE } from '../support/engine.ts';
import { KERNEL_WASM } from '../support/tools.ts';

const SAMPLES = join(import.meta.dirname, '../samples');
const Q4 = join(SAMPLES, 'sotu-5m-Q4_K_M.gguf');
const GOLDEN = join(import.meta.dirname, '../golden');
const PROGRAMS = { kernelFile: KERNEL_WASM, sliceThread: '', engine: NO_ENGINE };
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'quantscope-cli-'));
  writeFileSync(join(folder, 'cut.gguf'), readFileSync(Q4).subarray(0, 2_000_000));
  writeFileSync(join(folder, 'text.gguf'), 'hello');
  writeFileSync(join(folder, 'empty.safetensors'), '');
  const oid = 'a'.repeat(64);
  const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize 4920718624\n`;
  writeFileSync(join(folder, 'pointer.gguf'), pointer);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function run(...args: string[]): Promise<{ code: number; out: string; error: string }> {
  const result = { code: -1, out: '', error: '' };
  const terminal = {
    out: (text: string) => void (result.out += text),
    error: (text: string) => void (result.error += text),
  };
  result.code = await runCli(args, terminal, PROGRAMS);
  return result;
}
const withoutFolder = (text: string): string =>
  text.replaceAll(SAMPLES, 'samples').replaceAll(folder, 'folder');

describe('quantscope inspect', () => {
  it('prints a model as text', async () => {
    const { code, out, error } = await run('inspect', Q4);
    expect({ code, error }).toEqual({ code: 0, error: '' });
    await expect(withoutFolder(out)).toMatchFileSnapshot(join(GOLDEN, 'inspect-q4_k_m.txt'));
  });

  it('prints the same as JSON, with every tensor', async () => {
    const { code, out } = await run('inspect', Q4, '--json');
    expect(code).toBe(0);
    const { tensors, metadata, typeShares, ...rest } = JSON.parse(out) as Record<string, never> & {
      tensors: { byteLength: number; elementCount: number; role: string }[];
      metadata: Record<string, unknown>;
      typeShares: { byteShare: number; elementShare: number }[];
    };
    expect(rest).toEqual({
      container: 'gguf',
      version: 3,
      endianness: 'little',
      architecture: 'llama',
      name: 'SOTU-5M',
      parameterCount: 5_245_184,
      fileBytes: 3_444_416,
      bitsPerWeight: (tensors.reduce((sum, { byteLength }) => sum + byteLength, 0) * 8) / 5_245_184,
      shards: [{ name: 'sotu-5m-Q4_K_M.gguf', fileBytes: 3_444_416, expectedBytes: 3_444_416 }],
      problems: [],
    });
    expect(tensors.length).toBe(39);
    expect(tensors.find(({ role }) => role === 'token_embd')).toEqual({
      name: 'token_embd.weight',
      layer: null,
      role: 'token_embd',
      type: 'Q4_K',
      shape: [256, 4096],
      elementCount: 1_048_576,
      byteLength: 589_824,
      bitsPerWeight: 4.5,
      byteOffset: 958_656,
      shard: 0,
      state: 'whole',
    });
    expect(metadata['general.architecture']).toBe('llama');
    expect(metadata['tokenizer.ggml.tokens']).toEqual({ type: 'string', count: 4096 });
    expect(typeShares.reduce((sum, { byteShare }) => sum + byteShare, 0)).toBeCloseTo(1, 12);
    expect(typeShares.reduce((sum, { elementShare }) => sum + elementShare, 0)).toBeCloseTo(1, 12);
  });

  it('reads a cut file, lists its problems and still succeeds', async () => {
    const { code, out, error } = await run('inspect', join(folder, 'cut.gguf'));
    expect({ code, error }).toEqual({ code: 0, error: '' });
    await expect(withoutFolder(out)).toMatchFileSnapshot(join(GOLDEN, 'inspect-cut.txt'));
  });

  const refusals: readonly (readonly [string, readonly string[], number, RegExp])[] = [
    ['no command', [], 64, /^quantscope: no command given/],
    ['an unknown command', ['fly'], 64, /^quantscope: there is no command "fly"/],
    ['no path', ['inspect'], 64, /^quantscope: inspect needs the path of a model/],
    ['two paths', ['inspect', 'a', 'b'], 64, /^quantscope: inspect takes one path, not also "b"/],
    ['an unknown option', ['inspect', 'a', '--yaml'], 64, /^quantscope: inspect has no option "--yaml"/],
    ['a missing file', ['inspect', 'nothing.gguf'], 2, /^quantscope: nothing\.gguf does not exist/],
    ['a folder', ['inspect', SAMPLES], 2, /it is a folder/],
    ['a name that no disk takes', ['inspect', 'a'.repeat(5000)], 2, /^quantscope: a+ cannot be read \(/],
    ['a file that is no model', ['inspect', 'text.gguf'], 2, /text\.gguf: .*GGUF/],
    ['an empty file', ['inspect', 'empty.safetensors'], 2, /empty/],
    ['a Git LFS pointer', ['inspect', 'pointer.gguf'], 2, /Git LFS/],
  ];
  it.each(refusals)('refuses %s in one sentence on stderr', async (_what, args, code, sentence) => {
    const local = ['text.gguf', 'empty.safetensors', 'pointer.gguf'];
    const result = await run(
      ...args.map((argument) => (local.includes(argument) ? join(folder, argument) : argument)),
    );
    expect(result.code).toBe(code);
    expect(result.error).toMatch(sentence);
    expect(result.error.trimEnd().split('\n').length).toBe(1);
    expect(result.out).toBe('');
  });

  it('explains itself', async () => {
    for (const args of [['--help'], ['inspect', '--help']]) {
      const { code, out } = await run(...args);
      expect(code).toBe(0);
      expect(out).toContain('Usage: quantscope inspect PATH [--json]');
    }
  });
});
