// Program of the child process that holds llama.cpp: one job, then it ends. Native code may end it at any time; whoever
// started it tells the user.
import { rmSync } from 'node:fs';
import { Failure, messageOf } from '../core/base/failure.ts';
import type { DeviceList, EngineMessage, EngineNews, EngineOrder } from '../protocol/engine.ts';
import type { ImatrixNews, QuantizeNews } from '../protocol/quantize.ts';
import type { ErrorsNews } from '../protocol/quantizeErrors.ts';
import { describeDevices } from './devices.ts';
import { loadLibraries } from './libraries.ts';
import { bindLlama, LlamaFailure } from './llama.ts';
import { type RunningJob, startJob } from './job.ts';
import { startImatrix } from './imatrix.ts';
import { measureMemory } from './measureMemory.ts';
import { startQuantize } from './quantize.ts';
import { startErrors } from './quantizeErrors.ts';

let running: Pick<RunningJob, 'cancel'> | null = null;
let temporaryFolder: string | null = null;

const send = (message: EngineMessage): Promise<void> =>
  new Promise((resolve) => {
    if (process.connected) process.send?.(message, () => resolve());
    else resolve();
  });

process.on('message', (order: EngineOrder) => {
  if (order.kind === 'cancel') running?.cancel();
  else void work(order);
});
process.on('disconnect', leave);

type Work = Exclude<EngineOrder, { readonly kind: 'cancel' }>;

async function work(order: Work): Promise<void> {
  const message = await answer(order);
  await send(message);
  const isCancelled = message.kind === 'failure' && message.code === 'cancelled';
  if (isCancelled || !process.connected) leave();
  else end(); // whoever waits looks first at what was written: a full disk is told by it
}

async function answer(order: Work): Promise<EngineMessage> {
  try {
    if (order.kind === 'list') return { kind: 'devices', devices: listDevices(order.engineFolders) };
    if (order.kind === 'memory') return { kind: 'memory', result: await measureMemory(order.job) };
    const tell = (news: EngineNews | QuantizeNews | ImatrixNews | ErrorsNews): void => void send(news);
    if (order.kind === 'errors') {
      const job = startErrors(order.job, tell, end);
      running = job;
      return { kind: 'measured', result: await job.result };
    }
    // What is written is not yet the user's: it goes with this process when nobody waits for it.
    temporaryFolder = order.kind === 'run' ? order.job.temporaryFolder : (order.job.output?.folder ?? null);
    if (order.kind === 'quantize') {
      const job = startQuantize(order.job, tell, leave);
      running = job;
      return { kind: 'quantized', result: await job.result };
    }
    if (order.kind === 'imatrix') {
      const job = startImatrix(order.job, tell);
      running = job;
      return { kind: 'collected', result: await job.result };
    }
    const job = startJob(order.job, tell);
    running = job;
    return { kind: 'result', result: await job.result };
  } catch (error) {
    const code = error instanceof Failure ? error.code : 'internal';
    return { kind: 'failure', code, text: messageOf(error), seeLog: error instanceof LlamaFailure };
  }
}

function listDevices(engineFolders: readonly string[]): DeviceList {
  const llama = bindLlama(loadLibraries(engineFolders));
  llama.loadBackends();
  return { ...describeDevices(llama.devices), engineVersion: `llama.cpp ${llama.version}` };
}

/**
 * Nobody is left to hear of the result; and who cancels because its window is closed may be gone before it has cleared up. Not an
 * orderly exit: that would wait for the thread that computes.
 */
function leave(): void {
  try {
    if (temporaryFolder !== null) rmSync(temporaryFolder, { recursive: true, force: true });
  } finally {
    end(); // Windows removes no file that is being written; whoever writes there next clears it away
  }
}

/** Memory and devices are the system's to take back: quicker than llama.cpp, and it cannot fail. */
function end(): void {
  process.kill(process.pid, 'SIGKILL');
}
