// A quantization whose host is cancelled, disposed of or killed: the thread and the process below it end, and what they wrote in
// part is gone, at the latest when the next run comes.
import { build } from 'esbuild';
import { type ChildProcess, fork } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { quantizeModel } from '../../src/app/quantize/quantizeModel.ts';
import type { JobView } from '../../src/protocol/requantize.ts';
import { ENGINE_MISSING } from '../support/engine.ts';
import { everything } from '../support/tools.ts';
import { writeZeroModel } from '../support/zeroModel.ts';
import type { HostOrder } from './hostProgram.ts';
import {
  createSetting,
  isAlive,
  listing,
  never,
  nothing,
  removeSetting,
  type Setting,
  sha256,
} from './setting.ts';

let setting: Setting;
let before: string[];
let sourceHash: string;
let host: ChildProcess | null = null;
const F16 = 'sotu-5m-F16.gguf';
const ZEROS = 'zeros-F16.gguf';

beforeAll(async () => {
  if (ENGINE_MISSING !== null) return;
  setting = await createSetting();
  writeZeroModel(setting.path(ZEROS));
  const programs = everything({})[0]!;
  const entries = programs.entryPoints as { in: string; out: string }[];
  const thread = entries.filter(({ out }) => out === 'requantizeThread');
  const outdir = dirname(setting.pidFile);
  await build({ ...programs, entryPoints: thread, outdir });
  const program = [{ in: 'test/quantize/hostProgram.ts', out: 'host' }];
  await build({ ...programs, entryPoints: program, outdir, format: 'esm', outExtension: { '.js': '.mjs' } });
}, 240_000);
beforeEach(() => {
  before = listing(setting.folder);
  sourceHash = sha256(setting.path(F16));
});
afterEach(() => {
  host?.kill('SIGKILL');
  host = null;
  expect(listing(setting.folder)).toEqual(before);
  expect(sha256(setting.path(F16))).toBe(sourceHash);
});
afterAll(() => removeSetting(setting));

const pid = (): number => Number(readFileSync(setting.pidFile, 'utf8'));

/** Starts a host with a job, and acts when it writes. */
function startHost(act: (host: ChildProcess) => void): Promise<JobView['state']> {
  const folder = dirname(setting.pidFile);
  const order: HostOrder = {
    thread: join(folder, 'requantizeThread.js'),
    data: setting.parts,
    ...{ source: setting.path(ZEROS), output: setting.path('out.gguf') },
    type: 'IQ3_S',
  };
  const started = fork(join(folder, 'host.mjs'), [JSON.stringify(order)], { stdio: 'inherit' });
  host = started;
  let acted = false;
  return new Promise((resolve) => {
    started.on('message', (job: JobView) => {
      if (['done', 'failed', 'cancelled'].includes(job.state)) resolve(job.state);
      if (acted || job.state !== 'running' || job.writtenBytes === 0) return;
      acted = true;
      expect(listing(setting.folder)).toContain('out.gguf.part');
      act(started);
    });
    started.on('exit', () => resolve('failed'));
  });
}

const nothingLeft = () =>
  expect
    .poll(() => isAlive(pid()) || existsSync(setting.path('out.gguf.part')), { timeout: 10_000 })
    .toBe(false);

describe.skipIf(ENGINE_MISSING !== null)('a host that', () => {
  it('cancels has nothing left when it is told so', async () => {
    expect(await startHost((one) => one.send('cancel'))).toBe('cancelled');
    expect(isAlive(pid())).toBe(false);
    expect(existsSync(setting.path('out.gguf.part'))).toBe(false);
  });

  it('is disposed of ends its thread and its engine', async () => {
    await new Promise<void>((resolve) => {
      void startHost((one) => {
        one.send('dispose');
        resolve();
      }); // it tells nothing any more
    });
    await nothingLeft();
    host?.send('end');
  });

  it('is killed leaves no engine and no part of a file', async () => {
    await startHost((one) => one.kill('SIGKILL'));
    await nothingLeft();
  });

  it('is killed together with its engine leaves what the next run clears away', async () => {
    await startHost((one) => {
      process.kill(pid(), 'SIGSTOP'); // it must not clear up behind itself
      one.kill('SIGKILL');
      process.kill(pid(), 'SIGKILL');
    });
    expect(existsSync(setting.path('out.gguf'))).toBe(false);
    expect(existsSync(setting.path('out.gguf.part'))).toBe(true);
    await expect.poll(() => host === null || isAlive(host.pid ?? 0)).toBe(false);
    await quantizeModel(setting.ports, setting.order({ type: 'Q4_0' }), nothing, never);
    expect(existsSync(setting.path('out.gguf.part'))).toBe(false);
    rmSync(setting.path('out.gguf'));
  });
});
