// The panel's numbers with those that the analysis of the model has kept on the disk.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { withKeptStats } from '../../src/app/analysis/modelAnalysisPanel.ts';
import type { TensorAnalyzer } from '../../src/app/ports.ts';
import { createDiskAnalyzer } from '../../src/node/diskAnalyzer.ts';
import { createStatsStore } from '../../src/node/statsStore.ts';
import { createDirectModelAnalyzer } from '../support/directModelAnalyzer.ts';
import { buildKernel, KERNEL_WASM } from '../support/tools.ts';

const Q4 = join(import.meta.dirname, '../samples/sotu-5m-Q4_K_M.gguf');
const NAME = 'token_embd.weight';
const never = new AbortController().signal;
let base = '';
let path = '';
let store = '';

beforeAll(async () => {
  await buildKernel();
  base = mkdtempSync(join(tmpdir(), 'quantscope-kept-'));
}, 60_000);
afterAll(() => rmSync(base, { recursive: true, force: true }));
beforeEach(() => {
  const folder = mkdtempSync(join(base, 'case-'));
  path = join(folder, 'model.gguf');
  store = join(folder, 'store');
  writeFileSync(path, readFileSync(Q4));
});

/** A window with its panel; `computed` names the tensors whose data it read itself. */
function openWindow() {
  const computed: string[] = [];
  const modelAnalyzer = createDirectModelAnalyzer(KERNEL_WASM, {
    store: createStatsStore(store, () => undefined),
  });
  const own = createDiskAnalyzer(KERNEL_WASM);
  const watched: TensorAnalyzer = {
    ...own,
    tensorStats(...asked) {
      computed.push(asked[1]);
      return own.tensorStats(...asked);
    },
  };
  return { modelAnalyzer, panel: withKeptStats(watched, modelAnalyzer), computed };
}
const beyond3 = (view: { summary: { outliers: readonly { isExact: boolean }[] } | null } | null) =>
  view?.summary?.outliers[0]?.isExact;

describe('the panel of a tensor', () => {
  it('shows what the analysis has kept until the exact counts are there, and then at once', async () => {
    await openWindow().modelAnalyzer.analyze(path, never);
    const second = openWindow();
    const first = await second.panel.tensorEstimate(path, NAME, never);
    expect([first?.share, beyond3(first)]).toEqual([1, false]);
    const exact = await second.panel.tensorStats(path, NAME, never);
    expect([second.computed, beyond3(exact)]).toEqual([[NAME], true]);
    const third = openWindow();
    expect(await third.panel.tensorStats(path, NAME, never)).toEqual(exact);
    expect(await third.panel.tensorEstimate(path, NAME, never)).toEqual(exact);
    expect(third.computed).toEqual([]);
    expect((await third.modelAnalyzer.analysis(path, never)).tensorsDone).toBe(39);
  });

  it('computes as ever what was not analyzed, and keeps nothing of it', async () => {
    const { panel, computed } = openWindow();
    expect(beyond3(await panel.tensorStats(path, NAME, never))).toBe(true);
    expect(await panel.tensorEstimate(path, NAME, never)).toBeNull(); // small
    await panel.tensorStats(path, NAME, never);
    expect(computed).toEqual([NAME, NAME]);
  });

  it('computes anew when the file is another', async () => {
    const { modelAnalyzer, panel, computed } = openWindow();
    await modelAnalyzer.analyze(path, never);
    await panel.tensorStats(path, NAME, never);
    const bytes = readFileSync(path);
    bytes.fill(0, bytes.length - 1000);
    writeFileSync(path, Buffer.concat([bytes, Buffer.alloc(8)]));
    await panel.tensorStats(path, NAME, never);
    expect(computed).toEqual([NAME, NAME]);
  });

  it('does without the analysis of models where that fails', async () => {
    const gone = () => Promise.reject(new Error('it stopped'));
    const panel = withKeptStats(createDiskAnalyzer(KERNEL_WASM), { keptStats: gone, keepStats: gone });
    expect((await panel.tensorStats(path, NAME, never)).summary?.count).toBe(1_048_576);
    const abort = new AbortController();
    abort.abort();
    await expect(panel.tensorStats(path, NAME, abort.signal)).rejects.toThrow('Cancelled.');
  });
});
