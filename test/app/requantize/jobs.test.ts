// The queue of quantizations, with the real engine: one at a time, in order, whatever happens to the one before.
import { existsSync, readFileSync, rmSync, utimesSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Requantizer } from '../../../src/app/requantize/requantizer.ts';
import {
  createRequantizeJobs,
  type JobOrder,
  type RequantizeJobs,
} from '../../../src/app/requantize/requantizeJobs.ts';
import { type JobView, MAX_ENDED_JOBS } from '../../../src/protocol/requantize.ts';
import { ENGINE_MISSING } from '../../support/engine.ts';
import { writeZeroModel } from '../../support/zeroModel.ts';
import { REFERENCE_RUNS } from '../../quantize/reference.ts';
import { listing, never, removeSetting, sha256 } from '../../quantize/setting.ts';
import { createRequantizerSetting, recipe, type RequantizerSetting } from './requantizerSetting.ts';

let setting: RequantizerSetting;
let jobs: RequantizeJobs;
let before: string[];
let changes: (readonly JobView[])[];
const F16 = 'sotu-5m-F16.gguf';
const ATTN_V_RUN = String.raw`--tensor-type blk\.(0|3)\.attn_v=q8_0 --tensor-type ATTN_V=iq4_nl Q4_K_M`;
const ZEROS = 'zeros-F16.gguf';

beforeAll(async () => {
  if (ENGINE_MISSING !== null) return;
  setting = await createRequantizerSetting();
  writeZeroModel(setting.path(ZEROS));
}, 240_000);
beforeEach(() => {
  if (ENGINE_MISSING !== null) return;
  before = listing(setting.folder);
  jobs = queueOn(setting.requantizer);
  changes = [];
  jobs.onChange((all) => changes.push(all));
});
afterEach(() => {
  if (ENGINE_MISSING !== null) return;
  jobs.dispose();
  expect(listing(setting.folder)).toEqual(before);
});
afterAll(() => removeSetting(setting));

function queueOn(requantizer: Pick<Requantizer, 'run' | 'cancelRun' | 'onRun'>): RequantizeJobs {
  let lastId = 0;
  return createRequantizeJobs({
    requantizer,
    now: Date.now,
    newId: () => `job ${++lastId}`,
    later(milliseconds, call) {
      const timer = setTimeout(call, milliseconds);
      return () => clearTimeout(timer);
    },
  });
}

async function order(
  fileName: string,
  change: Parameters<typeof recipe>[0] = {},
  sourceName = F16,
): Promise<JobOrder> {
  const path = setting.path(sourceName);
  const { source } = await setting.requantizer.source(path, never);
  return {
    source: { path, fileName: sourceName },
    output: { path: setting.path(fileName), fileName },
    recipe: recipe({ type: 'Q4_0', ...change }),
    ...{ plannedBytes: 3_000_000, stamp: source.stamp, force: false },
  };
}

const stateOf = (id: string) => jobs.all().find((job) => job.id === id);
const endOf = async (id: string): Promise<JobView> => {
  await expect
    .poll(() => stateOf(id)?.state, { timeout: 60_000 })
    .toSatisfy((state) => !['queued', 'running', 'cancelling'].includes(String(state)));
  return stateOf(id)!;
};
/** Acts once, when a job writes. */
const atWork = (id: string, act: () => void): void => {
  const stop = jobs.onChange((all) => {
    const job = all.find((one) => one.id === id);
    if (job?.state !== 'running' || job.writtenBytes === 0) return;
    stop();
    act();
  });
};
const pid = (): number => Number(readFileSync(setting.pidFile, 'utf8'));
const hashOf = (type: string): string => REFERENCE_RUNS.find(({ command }) => command === type)!.sha256;

describe.skipIf(ENGINE_MISSING !== null)('jobs of quantizing', () => {
  it('run one at a time, in the order in which they were started', async () => {
    const ids = [
      jobs.start(await order('one.gguf', { type: 'Q4_0' })),
      jobs.start(await order('two.gguf', { type: 'Q8_0' })),
      jobs.start(await order('three.gguf', { type: 'Q6_K' })),
    ];
    expect(jobs.all().map((job) => (job.state === 'queued' ? job.ahead : job.state))).toEqual([
      'running',
      1,
      2,
    ]);
    const ended: string[] = [];
    jobs.onEnd(({ id }) => ended.push(id));
    expect((await endOf(ids[2]!)).state).toBe('done');
    expect(ended).toEqual(ids);
    const atOnce = changes.map((all) => all.filter(({ state }) => state === 'running').length);
    expect(Math.max(...atOnce)).toBe(1);
    for (const [name, type] of [
      ['one.gguf', 'Q4_0'],
      ['two.gguf', 'Q8_0'],
      ['three.gguf', 'Q6_K'],
    ] as const) {
      expect(sha256(setting.path(name))).toBe(hashOf(type));
      rmSync(setting.path(name));
    }
  });

  it('make of chosen tensors and rules the bytes that llama-quantize makes of the same', async () => {
    const chosen = {
      overrides: [{ type: 'Q8_0', names: ['blk.0.attn_v.weight', 'blk.3.attn_v.weight'] }],
      rules: [{ pattern: 'ATTN_V', type: 'IQ4_NL' }],
    };
    const asked = { outputType: 'Q6_K', embeddingType: 'Q4_0' };
    const outputs = [
      { name: 'one.gguf', like: ATTN_V_RUN, change: { type: 'Q4_K_M', ...chosen } },
      {
        name: 'two.gguf',
        like: '--output-tensor-type q8_0 --token-embedding-type q4_0 Q4_K_M',
        // What is chosen for the output counts before what is asked for it.
        change: { type: 'Q4_K_M', ...asked, overrides: [{ type: 'Q8_0', names: ['output.weight'] }] },
      },
    ];
    for (const { name, like, change } of outputs) {
      const id = jobs.start(await order(name, change));
      expect((await endOf(id)).state).toBe('done');
      expect(sha256(setting.path(name))).toBe(hashOf(like));
      rmSync(setting.path(name));
    }
  });

  it('tell how far they are, and what came of them', async () => {
    const id = jobs.start(await order('one.gguf', { type: 'Q5_K_M' }));
    const end = await endOf(id);
    const seen = changes.flatMap((all) => all.filter((job) => job.state === 'running'));
    expect(seen.some(({ phase }) => phase === 'checking')).toBe(true);
    expect(end).toMatchObject({ state: 'done', label: 'Q5_K_M' });
    if (end.state === 'done') expect(end.bitsPerWeight).toBeCloseTo(5.7, 0);
    expect(jobs.recipe(id)?.type).toBe('Q5_K_M');
    jobs.dismiss(id);
    expect(jobs.all()).toEqual([]);
    rmSync(setting.path('one.gguf'));
  });

  it('that wait are cancelled without having begun', async () => {
    const first = jobs.start(await order('one.gguf'));
    const second = jobs.start(await order('two.gguf'));
    const third = jobs.start(await order('three.gguf'));
    jobs.cancel(second);
    expect(stateOf(second)?.state).toBe('cancelled');
    expect(stateOf(third)).toMatchObject({ state: 'queued', ahead: 1 });
    expect((await endOf(third)).state).toBe('done');
    expect((await endOf(first)).state).toBe('done');
    expect(existsSync(setting.path('two.gguf'))).toBe(false);
    for (const name of ['one.gguf', 'three.gguf']) rmSync(setting.path(name));
  });

  it('that run are cancelled at work, and leave the machine to the next', async () => {
    const first = jobs.start(await order('one.gguf', { type: 'IQ3_S' }, ZEROS));
    const second = jobs.start(await order('two.gguf'));
    atWork(first, () => {
      expect(listing(setting.folder)).toContain('one.gguf.part');
      jobs.cancel(first);
      expect(stateOf(first)?.state).toBe('cancelling');
    });
    expect((await endOf(first)).state).toBe('cancelled');
    expect(listing(setting.folder)).not.toContain('one.gguf.part');
    expect((await endOf(second)).state).toBe('done');
    expect(sha256(setting.path('two.gguf'))).toBe(hashOf('Q4_0'));
    rmSync(setting.path('two.gguf'));
  });

  it('that fail say why, and do not stop the next', async () => {
    const needy = jobs.start(await order('one.gguf', { type: 'IQ2_XS' }));
    const taken = jobs.start(await order('sotu-5m-Q4_K_M.gguf'));
    const good = jobs.start(await order('two.gguf'));
    expect(await endOf(needy)).toMatchObject({
      state: 'failed',
      why: expect.stringMatching(/^IQ2_XS needs an importance matrix/) as string,
    });
    expect(await endOf(taken)).toMatchObject({
      state: 'failed',
      why: expect.stringMatching(/is there already; choose another name/) as string,
    });
    expect((await endOf(good)).state).toBe('done');
    rmSync(setting.path('two.gguf'));
  });

  it('whose engine dies say so, with its last words, and do not stop the next', async () => {
    const first = jobs.start(await order('one.gguf', { type: 'IQ3_S' }, ZEROS));
    const second = jobs.start(await order('two.gguf'));
    atWork(first, () => process.kill(pid(), 'SIGKILL'));
    const end = await endOf(first);
    expect(end).toMatchObject({
      state: 'failed',
      why: expect.stringMatching(/^The engine stopped \(SIGKILL\)/) as string,
    });
    if (end.state === 'failed') expect(end.log.length).toBeGreaterThan(3);
    expect((await endOf(second)).state).toBe('done');
    rmSync(setting.path('two.gguf'));
  });

  it('of a source that changed since it was planned are not begun', async () => {
    const planned = await order('one.gguf');
    utimesSync(setting.path(F16), new Date(), new Date(Date.now() + 5000));
    expect(await endOf(jobs.start(planned))).toMatchObject({
      state: 'failed',
      why: `${F16} changed since it was planned, so it was not quantized; look at the plan again.`,
    });
  });

  it('whose thread is lost fail, and those that ended are forgotten in time', async () => {
    jobs.dispose();
    jobs = queueOn({
      run: () => Promise.reject(new Error('The planner stopped (exit code 1); try again.')),
      cancelRun: () => Promise.resolve(),
      onRun: () => () => undefined,
    });
    const ids: string[] = [];
    for (let count = 0; count < MAX_ENDED_JOBS + 3; count++) ids.push(jobs.start(await order('one.gguf')));
    const last = await endOf(ids.at(-1)!);
    expect(last).toMatchObject({ state: 'failed', why: 'The planner stopped (exit code 1); try again.' });
    expect(jobs.all().map(({ id }) => id)).toEqual(ids.slice(-MAX_ENDED_JOBS));
  });
});
