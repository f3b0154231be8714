// The analyzer in its worker thread, as it ships: it answers, and it hears a cancel while it computes.
import { build } from 'esbuild';
import { closeSync, mkdtempSync, openSync, rmSync, truncateSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createThreadAnalyzer, type ThreadAnalyzer } from '../../src/node/threadAnalyzer.ts';
import { writeGguf } from '../support/ggufWriter.ts';
import { buildKernel, everything, KERNEL_WASM } from '../support/tools.ts';

const Q4 = join(import.meta.dirname, '../samples/sotu-5m-Q4_K_M.gguf');
const never = new AbortController().signal;
let folder = '';
let analyzer: ThreadAnalyzer;

beforeAll(async () => {
  await buildKernel();
  folder = mkdtempSync(join(tmpdir(), 'quantscope-thread-'));
  const programs = everything({})[0]!;
  const entryPoints = (programs.entryPoints as { in: string; out: string }[]).filter(
    (entry) => basename(entry.in) === 'analysisThread.ts',
  );
  await build({ ...programs, entryPoints, outdir: folder });
  analyzer = createThreadAnalyzer(join(folder, 'analysisThread.js'), { kernelFile: KERNEL_WASM });
}, 60_000);
afterAll(() => {
  analyzer.dispose();
  rmSync(folder, { recursive: true, force: true });
});

/** A sparse file with one tensor of a billion weights: seconds of work. */
function largeModel(): string {
  const path = join(folder, 'large.gguf');
  const { header, fileSize } = writeGguf({ tensors: [{ name: 'w', dims: [4096, 262_144], type: 12 }] });
  const file = openSync(path, 'w');
  writeSync(file, header);
  closeSync(file);
  truncateSync(path, fileSize);
  return path;
}

describe('the analysis thread', () => {
  it('answers with numbers and with a block', async () => {
    const stats = await analyzer.tensorStats(Q4, 'token_embd.weight', never);
    expect(stats.summary?.count).toBe(1_048_576);
    const block = await analyzer.block(Q4, 'token_embd.weight', 1, never);
    expect([block.weights.length, block.blockCount]).toEqual([256, 4096]);
  });

  it('estimates what is large', async () => {
    const estimate = await analyzer.tensorEstimate(largeModel(), 'w', never);
    expect(estimate!.share).toBeCloseTo(1 / 64, 3);
    expect(estimate!.summary).toMatchObject({ count: 4096 * 262_144, mean: 0, std: 0, max: null });
    expect(await analyzer.tensorEstimate(Q4, 'token_embd.weight', never)).toBeNull();
  });

  it('stops soon after a cancel and is free for the next ask', async () => {
    const path = largeModel();
    const abort = new AbortController();
    const asked = analyzer.tensorStats(path, 'w', abort.signal);
    setTimeout(() => abort.abort(), 100);
    await expect(asked).rejects.toThrow(/Cancelled/);
    const start = performance.now();
    await analyzer.tensorStats(Q4, 'output_norm.weight', never);
    expect(performance.now() - start).toBeLessThan(500); // the whole of the large one takes more than a second
  });

  it('tells what it cannot read as a failure', async () => {
    await expect(analyzer.tensorStats(join(folder, 'none.gguf'), 'w', never)).rejects.toThrow();
    await expect(analyzer.tensorStats(Q4, 'none', never)).rejects.toThrow(/The tensor none/);
  });
});
