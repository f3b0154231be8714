// Program of the child process that holds llama.cpp: one job, then it ends. Native code may end it at any time; whoever
// started it tells the user.
import { rmSync } from 'node:fs';
import { Failure, messageOf } from '../core/base/failure.ts';
import type { DeviceList, EngineMessage, EngineOrder } from '../protocol/engine.ts';
import { describeDevices } from './devices.ts';
import { loadLibraries } from './libraries.ts';
import { bindLlama, LlamaFailure } from './llama.ts';
import { type RunningJob, startJob } from './job.ts';

let running: RunningJob | null = null;
let temporaryFolder: string | null = null;

const send = (message: EngineMessage): Promise<void> =>
  new Promise((resolve) => {
    if (process.connected) process.send?.(message, () => resolve());
    else resolve();
  });

process.on('message', (order: EngineOrder) => {
  if (order.kind === 'cancel') running?.cancel();
  else void answer(order).then(send).then(end);
});
// Nobody is left to hear of the result, nor to clear up. Not an orderly exit: that would wait for the thread that computes.
process.on('disconnect', () => {
  if (temporaryFolder !== null) rmSync(temporaryFolder, { recursive: true, force: true });
  end();
});

async function answer(order: Exclude<EngineOrder, { readonly kind: 'cancel' }>): Promise<EngineMessage> {
  try {
    if (order.kind === 'list') return { kind: 'devices', devices: listDevices(order.engineFolders) };
    temporaryFolder = order.job.temporaryFolder;
    running = startJob(order.job, (news) => void send(news));
    return { kind: 'result', result: await running.result };
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

/** Memory and devices are the system's to take back: quicker than llama.cpp, and it cannot fail. */
function end(): void {
  process.kill(process.pid, 'SIGKILL');
}
