// What the Re-quantize page asks, answered by the real planner, queue and engine; the editor around it is played by the test.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHeaderReader } from '../../../src/app/headerReader.ts';
import { createRequantizeJobs, type RequantizeJobs } from '../../../src/app/requantize/requantizeJobs.ts';
import {
  connectRequantizePage,
  createRequantizeService,
  type RequantizeShell,
} from '../../../src/app/requantize/requantizeService.ts';
import { diskAccess } from '../../../src/node/fileSource.ts';
import type { RequantizeHost, RequantizePushes } from '../../../src/protocol/requantize.ts';
import { jobText } from '../../../src/protocol/requantizeWords.ts';
import { ENGINE_MISSING, sample } from '../../support/engine.ts';
import { listing, never, removeSetting } from '../../quantize/setting.ts';
import {
  createRequantizerSetting,
  newRequantizer,
  recipe,
  type RequantizerSetting,
} from './requantizerSetting.ts';

let setting: RequantizerSetting;
let jobs: RequantizeJobs;
let before: string[];
/** What the user says, and what was done for him. */
let user: { trusts: boolean; replaces: boolean; file: string | null };
let done: string[];
const F16 = 'sotu-5m-F16.gguf';

const later = (milliseconds: number, call: () => void): (() => void) => {
  const timer = setTimeout(call, milliseconds);
  return () => clearTimeout(timer);
};

beforeAll(async () => {
  if (ENGINE_MISSING === null) setting = await createRequantizerSetting();
}, 240_000);
beforeEach(() => {
  user = { trusts: true, replaces: true, file: null };
  done = [];
  if (ENGINE_MISSING !== null) return;
  before = listing(setting.folder);
  let lastId = 0;
  jobs = createRequantizeJobs({
    ...{ requantizer: setting.requantizer, now: Date.now, newId: () => `job ${++lastId}`, later },
  });
});
afterEach(() => {
  if (ENGINE_MISSING !== null) return;
  jobs.dispose();
  expect(listing(setting.folder)).toEqual(before);
});
afterAll(() => removeSetting(setting));

const shell: RequantizeShell = {
  isTrusted: () => user.trusts,
  async mayReplace(path) {
    done.push(`asked to replace ${path.split('/').at(-1)}`);
    return user.replaces;
  },
  chooseOutput: async () => user.file,
  chooseImatrix: async () => user.file,
  chooseRecipe: async () => user.file,
  chooseRecipeTarget: async (name) => setting.path(name),
  writeText: async (path, text) => writeFileSync(path, text),
  async useResult({ output }, how) {
    done.push(`${how} ${output.fileName}`);
  },
  canMakeImatrix: async () => false,
  makeImatrix: async () => undefined,
  showLayers: async () => undefined,
  manageTrust: async () => undefined,
  showLog: () => undefined,
  async copy(text) {
    done.push(text);
  },
  loadState: () => ({ saved: 1 }),
  saveState: async () => undefined,
  loadPreferences: () => null,
  savePreferences: async () => undefined,
};

const pageOf = (path: string): RequantizeHost =>
  createRequantizeService(
    path,
    { reader: createHeaderReader(diskAccess), requantizer: setting.requantizer, jobs },
    shell,
  );
const page = (): RequantizeHost => pageOf(setting.path(F16));
const ended = (id: string) =>
  expect.poll(() => jobs.all().find((job) => job.id === id)?.state, { timeout: 60_000 });

describe.skipIf(ENGINE_MISSING !== null)('the page of a model', () => {
  it('begins with the model, all types, and a recipe', async () => {
    const view = await page().open(null, never);
    expect(view).toMatchObject({
      source: { path: setting.path(F16), fileName: F16, typeName: 'F16', isQuantized: false },
      ...{ obstacle: null, isSplit: false, jobs: [], savedState: { saved: 1 }, recipe: { type: 'Q4_K_M' } },
      model: { kind: 'model', tensorCount: 39 },
    });
    const bits = view.tensorTypes.map(({ bitsPerWeight }) => bitsPerWeight);
    expect(bits).toEqual([...bits].sort((a, b) => b - a));
    const target = view.targets.find(({ name }) => name === 'Q4_K_M')!;
    expect(target).toMatchObject({ tensorType: 'Q4_K', isFloat: false, imatrix: 'better' });
    expect(target.approximateBytes).toBeCloseTo(2_900_000, -6);
    expect(view.targets.filter(({ imatrix }) => imatrix === 'needed').length).toBeGreaterThan(5);
  });

  it('says what is in the way before anything is asked of llama.cpp', async () => {
    const fp8 = await pageOf(sample('sotu-5m-fp8/model.safetensors')).open(null, never);
    expect(fp8.obstacle).toMatchObject({
      kind: 'safetensors',
      text: expect.stringMatching(/must be converted first/) as string,
    });
    const cut = setting.path('cut.gguf');
    writeFileSync(cut, readFileSync(setting.path(F16)).subarray(0, -100));
    expect((await pageOf(cut).open(null, never)).obstacle).toMatchObject({ kind: 'unfit' });
    rmSync(cut);
    user.trusts = false;
    const untrusted = page();
    expect((await untrusted.open(null, never)).obstacle).toMatchObject({ kind: 'untrusted' });
    const asked = untrusted.plan({ recipe: recipe(), output: null }, never);
    await expect(asked).rejects.toThrow(/^This workspace is not trusted/);
  });

  it('writes what its plan shows, and leads on from there', async () => {
    const host = page();
    const plan = await host.plan({ recipe: recipe({ type: 'Q8_0' }), output: null }, never);
    const started = await host.start({ plan: plan.id }, never);
    await ended(started!.job).toBe('done');
    const [job] = jobs.all();
    expect(job).toMatchObject({ fileBytes: plan.after.fileBytes, output: { fileName: 'sotu-5m-Q8_0.gguf' } });
    expect(jobText(job!)).toMatch(
      /^sotu-5m-Q8_0\.gguf: Written in .* · 5\.\d\d MB · 8\.\d\d bits per weight$/,
    );
    await host.useResult({ job: job!.id, how: 'compare' }, never);
    expect(done).toEqual(['compare sotu-5m-Q8_0.gguf']);
    rmSync(setting.path('sotu-5m-Q8_0.gguf'));
  });

  it('replaces a file only when the user says so', async () => {
    const host = page();
    const output = setting.path('there.gguf');
    writeFileSync(output, 'precious');
    const plan = await host.plan({ recipe: recipe({ type: 'Q4_0' }), output }, never);
    user.replaces = false;
    expect(await host.start({ plan: plan.id }, never)).toBeNull();
    expect(readFileSync(output, 'utf8')).toBe('precious');
    user.replaces = true;
    const started = await host.start({ plan: plan.id }, never);
    await ended(started!.job).toBe('done');
    expect(readFileSync(output).subarray(0, 4).toString()).toBe('GGUF');
    expect(done).toEqual(['asked to replace there.gguf', 'asked to replace there.gguf']);
    rmSync(output);
  });

  it('asks also about a file that came after its plan was shown', async () => {
    const host = page();
    const output = setting.path('late.gguf');
    const plan = await host.plan({ recipe: recipe({ type: 'Q4_0' }), output }, never);
    writeFileSync(output, 'precious');
    user.replaces = false;
    expect(await host.start({ plan: plan.id }, never)).toBeNull();
    expect(done).toEqual(['asked to replace late.gguf']);
    rmSync(output);
  });

  it('starts nothing twice to one output, nothing that is blocked, and no plan that is gone', async () => {
    const host = page();
    const output = setting.path('out.gguf');
    const { id } = await host.plan({ recipe: recipe({ type: 'IQ3_S' }), output }, never);
    const started = await host.start({ plan: id }, never);
    await expect(host.start({ plan: id }, never)).rejects.toThrow(
      /^(out\.gguf is being written already|Another run is writing .*out\.gguf)/,
    );
    await host.cancelJob({ job: started!.job }, never);
    await ended(started!.job).toBe('cancelled');
    const blocked = await host.plan({ recipe: recipe({ type: 'IQ1_S' }), output: null }, never);
    await expect(host.start({ plan: blocked.id }, never)).rejects.toThrow(/needs an importance matrix/);
    await expect(host.start({ plan: 'plan-0' }, never)).rejects.toMatchObject({ code: 'gone' });
  });

  it('keeps its recipe in a file beside the model', async () => {
    const host = page();
    const mine = recipe({ overrides: [{ type: 'Q8_0', names: ['blk.0.attn_q.weight'] }], pure: true });
    await host.saveRecipe({ recipe: mine }, never);
    user.file = setting.path('sotu-5m-F16.Q4_K_M.recipe.json');
    expect(await host.loadRecipe(null, never)).toEqual({
      ...{ recipe: mine, notes: [], fileName: 'sotu-5m-F16.Q4_K_M.recipe.json' },
    });
    rmSync(user.file);
  });

  it('takes an importance matrix, and refuses what is none', async () => {
    user.file = setting.path('sotu-5m.imatrix.gguf');
    expect(await page().chooseImatrix(null, never)).toMatchObject({
      ...{ path: user.file, fileName: 'sotu-5m.imatrix.gguf' },
      detail: expect.stringMatching(/chunks? of \d+ · .* · 28 tensors$/) as string,
    });
    user.file = setting.path(F16);
    await expect(page().chooseImatrix(null, never)).rejects.toThrow(/cannot be used as an importance matrix/);
  });

  it('copies the command that does the same', async () => {
    const host = page();
    const plan = await host.plan({ recipe: recipe({ pure: true, keepSplit: true }), output: null }, never);
    await host.copyCommand({ plan: plan.id }, never);
    expect(done[0]).toMatch(
      /^llama-quantize \\\n {2}--pure \\\n {2}--keep-split \\\n {2}\/.*F16\.gguf \/.* Q4_K_M$/,
    );
  });

  it('has its plan made anew where the planner has lost it', async () => {
    let planner = setting.requantizer;
    const requantizer = new Proxy(planner, {
      get: (_first, name) => planner[name as keyof typeof planner],
    });
    const reader = createHeaderReader(diskAccess);
    const host = createRequantizeService(setting.path(F16), { reader, requantizer, jobs }, shell);
    const order = { recipe: recipe({ type: 'Q5_K_S' }), output: null };
    const plan = await host.plan(order, never);
    planner = newRequantizer(setting);
    const columns = await host.planColumns({ plan: plan.id, first: 0 }, never);
    expect(columns).toEqual(plan.rows);
    planner = newRequantizer(setting);
    // It begins anew, with the tensors that nothing happens to.
    const errors = await host.predictedErrors({ plan: plan.id, since: 30 }, never);
    expect(errors).toMatchObject({ plan: plan.id, count: 9, state: 'running' });
    await planner.endPrediction(setting.path(F16));
    await expect(host.planColumns({ plan: 'plan-0', first: 0 }, never)).rejects.toMatchObject({
      code: 'gone',
    });
  });

  it('measures no errors while a file is written, and goes on with them afterwards', async () => {
    const host = page();
    const plan = await host.plan({ recipe: recipe({ type: 'IQ3_S' }), output: null }, never);
    const job = (await host.start({ plan: plan.id }, never))!.job;
    const at = () => host.predictedErrors({ plan: plan.id, since: 0 }, never);
    const first = await at();
    expect(first).toMatchObject({ state: 'running', done: 9 });
    const heard: string[] = [];
    const stop = setting.requantizer.onErrors(() => heard.push(jobs.all()[0]!.state));
    await ended(job).toBe('done');
    await expect.poll(async () => (await at()).state, { timeout: 60_000 }).toBe('done');
    stop();
    expect(new Set(heard)).toEqual(new Set(['done']));
    expect((await at()).done).toBe(39);
    rmSync(setting.path('sotu-5m-IQ3_S.gguf'));
  });

  it('is told of jobs and predictions until it is closed', async () => {
    const told: (keyof RequantizePushes)[] = [];
    const stop = connectRequantizePage(setting.path(F16), { ...setting, jobs }, later, (name) =>
      told.push(name),
    );
    const host = page();
    const plan = await host.plan({ recipe: recipe({ type: 'Q4_1' }), output: null }, never);
    await host.predictedErrors({ plan: plan.id, since: 0 }, never);
    await expect.poll(() => told.includes('errors'), { timeout: 30_000 }).toBe(true);
    const started = await host.start({ plan: plan.id }, never);
    await ended(started!.job).toBe('done');
    expect(told).toContain('jobs');
    stop();
    told.length = 0;
    jobs.dismiss(started!.job);
    expect(told).toEqual([]);
    rmSync(setting.path('sotu-5m-Q4_1.gguf'));
  });
});
