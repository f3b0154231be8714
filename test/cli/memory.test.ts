import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { memory } from '../../src/cli/memory.ts';
import { ggufBytes, writeGguf } from '../support/ggufWriter.ts';
import { publishedSpec, type PublishedModel } from '../core/plan/publishedModels.ts';
import { OTHER_MODELS } from '../core/plan/otherModels.ts';
import { specOf } from '../core/plan/headers.ts';

const samples = join(import.meta.dirname, '../samples');
const Q4 = join(samples, 'sotu-5m-Q4_K_M.gguf');
const FP8 = join(samples, 'sotu-5m-fp8/model.safetensors');

const golden = (name: string): string => join(import.meta.dirname, `../golden/${name}.txt`);

const folder = mkdtempSync(join(tmpdir(), 'quantscope-memory-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A file of the model's size, of which only the header takes place on the disk. */
function header(name: PublishedModel): string {
  const path = join(folder, `${name}.gguf`);
  const { header: bytes, fileSize } = writeGguf(publishedSpec(name));
  writeFileSync(path, bytes);
  truncateSync(path, fileSize);
  return path;
}

function run(...args: string[]): string {
  let output = '';
  const code = memory(args, { out: (text) => (output += text), error: (text) => (output += text) });
  expect(code).toBe(0);
  return output;
}

interface Report {
  readonly gpuBytes: number;
  readonly cpuBytes: number;
  readonly verdict: string | null;
  readonly refusal: string | null;
  readonly parts: readonly {
    id: string;
    gpuBytes: number;
    cpuBytes: number;
    certainty: string;
    formula: string;
  }[];
  readonly fit: null | {
    largestContext: number;
    mixes: { name: string; fits: boolean }[] | null;
    mostGpuLayers: number;
  };
  readonly fineTuning: null | { fullBytes: number };
  readonly layersWithState: number;
  readonly layersWithCache: number;
  readonly settings: { llamaCpp: string };
  readonly notes: readonly string[];
}
const json = (...args: string[]): Report => JSON.parse(run(...args, '--json')) as Report;

describe('quantscope memory', () => {
  it('says what fits, part by part, and the settings to copy', async () => {
    const fitting = run(Q4, '--context', '4096', '--kv-type', 'q8_0', '--parallel', '2', '--vram', '24');
    await expect(fitting).toMatchFileSnapshot(golden('memory-fits'));
    await expect(run(Q4, '--kv-type', 'q4_0,f16')).toMatchFileSnapshot(golden('memory'));
  });

  it('gives the same as JSON, with bytes', () => {
    const report = json(Q4, '--context', '4096');
    expect(report.parts.find(({ id }) => id === 'cache')).toEqual({
      id: 'cache',
      gpuBytes: 4 * 2 ** 20 * 2,
      cpuBytes: 0,
      certainty: 'exact',
      formula: '2 × 4 × 2 × 64 × 4,096 × 2',
    });
    expect(report).toMatchObject({
      verdict: null,
      fit: null,
      refusal: null,
      fineTuning: { fullBytes: 5_245_184 * 16 },
    });
    expect(report.settings.llamaCpp).toBe('-c 4096 -np 1 -ngl 5 -fa on');
    expect(report.notes).toEqual(['The model was trained for 256 tokens, fewer than this context.']);
  });

  it('without a context takes the largest that fits, in a smaller cache where that is needed', () => {
    const path = header('Gemma-3-27B');
    expect(json(path, '--vram', '24').verdict).toBe('fits 24 GB with 108k context, f16 KV');
    expect(json(path, '--vram', '16').verdict).toBe('fits 16 GB with 20k context, q8_0 KV');
    expect(json(path, '--vram', '16', '--kv-type', 'f16').verdict).toBe('fits 16 GB with 7k context, f16 KV');
    expect(json(path, '--vram', '16', '--context', '65536').verdict).toMatch(
      /^does not fit 16 GB with 64k context, q8_0 KV: .* too much$/,
    );
    expect(json(header('Llama-3-70B'), '--vram', '24').verdict).toBe(
      'does not fit 24 GB with 8k context, f16 KV: 15.9 GiB too much',
    );
  });

  it('plans without a GPU', () => {
    const report = json(Q4, '--gpu-layers', '0');
    expect(report.gpuBytes).toBe(0);
    expect(report.parts.find(({ id }) => id === 'cache')!.cpuBytes).toBe(2 ** 19);
  });

  it.each(['24', '24.0', '24GB', '24 GiB', '24g'])('takes %s of memory', (memory) => {
    expect(json(Q4, '--vram', memory).verdict).toBe('fits 24 GB with 256 context, f16 KV');
  });

  it('names no type of a cache where there is none', () => {
    const text = run(header('Falcon-Mamba-7B'), '--vram', '24');
    expect(text).toContain('fits 24 GB with 1M context\n');
    expect(text).toContain('1M context, 65 of 65 layers on the GPU');
    expect(text).toMatch(/largest context +1,048,576 tokens, all it was trained for/);
  });

  it('says how much is too much', () => {
    const report = json(Q4, '--vram', '0.5');
    expect(report.verdict).toMatch(/^does not fit 0\.5 GB with 256 context, f16 KV: .* MiB too much$/);
    expect(report.fit).toMatchObject({ largestContext: null });
  });

  it('counts the weights of packed safetensors, not what they are stored in', () => {
    const report = json(FP8, '--vram', '8');
    expect(report.fit!.mixes?.length).toBeGreaterThan(10);
    expect(report.fineTuning).toEqual(json(Q4, '--vram', '8').fineTuning);
    expect(report.parts.find(({ id }) => id === 'cache')!.gpuBytes).toBe(2 ** 19);
  });

  it('reads the lists of a header from the file', () => {
    const path = join(folder, 'lfm2.gguf');
    const { layer, ...spec } = OTHER_MODELS['LFM2-1.2B'];
    const small = specOf({
      ...spec,
      embedding: 64,
      vocabulary: 32,
      keys: { ...spec.keys, feed_forward_length: 64 },
      layer: () => [],
    });
    writeFileSync(path, ggufBytes(small));
    expect(layer(0).length).toBeGreaterThan(0);
    expect(json(path)).toMatchObject({ layersWithCache: 6, layersWithState: 10 });
  });

  it.each([
    [['--context', '0'], '--context takes a whole number'],
    [['--context', 'many'], '--context takes a whole number'],
    [['--parallel', '257'], '--parallel takes a whole number from 1 to 256'],
    [['--kv-type', 'q6_k'], '--kv-type takes one or two of f32, f16'],
    [['--kv-type', 'f16,f16,f16'], '--kv-type takes one or two of'],
    [['--vram', '-1'], '--vram takes a number of GB'],
    [['--vram', '0'], '--vram takes a number of GB above 0 and up to 65536, not "0"'],
    [['--vram', '0x10'], '--vram takes a number of GB'],
    [['--vram', '24 TB'], '--vram takes a number of GB'],
    [['--gpu-layers', '1.5'], '--gpu-layers takes a whole number'],
    [['--speed', '1'], 'memory has no option "--speed"'],
  ])('refuses %o', (args, message) => {
    expect(() => run(Q4, ...args)).toThrow(message);
  });
});
