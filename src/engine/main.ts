// Program of the child process that holds llama.cpp: one job, then it ends. Native code may end it at any time; whoever
// started it tells the user.
import { Failure, messageOf } from '../core/base/failure.ts';
import type { EngineMessage, EngineOrder } from '../protocol/engine.ts';
import { LlamaFailure } from './llama.ts';
import { type RunningJob, startJob } from './job.ts';

let running: RunningJob | null = null;

const send = (message: EngineMessage): Promise<void> =>
  new Promise((resolve) => {
    if (process.connected) process.send?.(message, () => resolve());
    else resolve();
  });

process.on('message', (order: EngineOrder) => {
  if (order.kind === 'cancel') running?.cancel();
  else void run(order).then(send).then(end);
});
// Nobody is left to hear of the result. Not an orderly exit: that would wait for the thread that computes.
process.on('disconnect', end);

async function run({ job }: EngineOrder & { readonly kind: 'run' }): Promise<EngineMessage> {
  try {
    running = startJob(job, (news) => void send(news));
    return { kind: 'result', result: await running.result };
  } catch (error) {
    const code = error instanceof Failure ? error.code : 'internal';
    return { kind: 'failure', code, text: messageOf(error), seeLog: error instanceof LlamaFailure };
  }
}

/** Memory and devices are the system's to take back: quicker than llama.cpp, and it cannot fail. */
function end(): void {
  process.kill(process.pid, 'SIGKILL');
}
