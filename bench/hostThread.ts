// What the main thread of the extension host is busy with while a whole model is analyzed: a process plays the host.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createThreadModelAnalyzer } from '../src/node/modelAnalysisClient.ts';
import { buildAnalysisThreads } from '../test/support/threads.ts';
import { QUARTER_OF_7B, writeWeightsModel } from '../test/support/weightsModel.ts';
import { inProcess } from './inProcess.ts';
import { below, line, type Line, ms } from './lines.ts';

const PROCESSES = 3;
const MOST_MILLISECONDS = 20;

/** The longest times between two turns of the event loop, in milliseconds. */
interface MeasuredHost {
  /** By the clock: also while other programs had the processor. */
  readonly clock: number;
  /** Of processor time: what the thread itself did. NaN where the system does not tell, as only Linux does. */
  readonly processor: number;
  readonly messages: number;
}

export async function hostThread(folder: string): Promise<Line[]> {
  const model = join(folder, 'model.gguf');
  if (!existsSync(model)) writeWeightsModel(model, QUARTER_OF_7B);
  const { kernelFile, modelAnalysisThread, sliceThread } = await buildAnalysisThreads(folder);
  const runs = Array.from({ length: PROCESSES }, () =>
    inProcess<MeasuredHost>('host', model, kernelFile, modelAnalysisThread, sliceThread),
  );
  const clock = Math.min(...runs.map((run) => run.clock)); // the machine can only make it longer
  const processor = Math.max(...runs.map((run) => run.processor));
  const what = 'ms that the main thread was not free at a stretch, in a whole analysis';
  return [
    line('the host: statuses and pages of numbers passed on', `${runs[0]?.messages ?? 0}`),
    line('the host: longest time between two turns, by the clock', ms(clock)),
    below(MOST_MILLISECONDS, processor > 0 ? processor : clock, what),
  ];
}

/** In a process of its own. Does what the extension does: a page is told every status, and asks for the numbers behind it. */
export async function measureHost([
  model = '',
  kernelFile = '',
  modelAnalysisThread = '',
  sliceThread = '',
]: readonly string[]): Promise<MeasuredHost> {
  const analyzer = createThreadModelAnalyzer(
    modelAnalysisThread,
    { kernelFile, sliceThread, storeFolder: null },
    (sentence) => console.error(sentence),
  );
  const { signal } = new AbortController();
  const page = { since: 0, messages: 0, asked: Promise.resolve() };
  analyzer.onStatus((_path, status) => {
    page.messages += 1;
    if (status.serial <= page.since) return;
    page.messages += 1;
    page.asked = analyzer
      .statsColumns(model, page.since, signal)
      .then(({ serial }) => void (page.since = serial));
  });
  const ended = analyzer.analyze(model, signal);
  const longest = await longestTurnUntil(ended);
  const { state, why } = await ended;
  await page.asked;
  analyzer.dispose();
  if (state !== 'done') throw new Error(`The analysis ended as ${state}: ${why}`);
  return { ...longest, messages: page.messages };
}

async function longestTurnUntil(ended: Promise<unknown>): Promise<Omit<MeasuredHost, 'messages'>> {
  let [clock, processor] = [0, 0];
  let before = { clock: performance.now(), processor: processorMilliseconds() };
  const timer = setInterval(() => {
    const now = { clock: performance.now(), processor: processorMilliseconds() };
    clock = Math.max(clock, now.clock - before.clock);
    processor = Math.max(processor, now.processor - before.processor);
    before = now;
  }, 1);
  await ended;
  clearInterval(timer);
  return { clock, processor };
}

/** What Linux says of the main thread of this process. */
function processorMilliseconds(): number {
  try {
    const [nanoseconds] = readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ');
    return Number(nanoseconds) / 1e6;
  } catch {
    return NaN;
  }
}
