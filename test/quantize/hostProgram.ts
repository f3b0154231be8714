// What the extension host is to a quantization, as a program of its own: a queue, and the thread that plans and runs. Started with
// the path of the thread, what it is started with, and an order; tells every change of its jobs to whoever started it.
import { createRequantizeJobs, type JobOrder } from '../../src/app/requantize/requantizeJobs.ts';
import { FIRST_RECIPE } from '../../src/app/requantize/recipeViews.ts';
import { createThreadRequantizer, type RequantizeThreadData } from '../../src/node/requantizeClient.ts';

export interface HostOrder {
  readonly thread: string;
  readonly data: RequantizeThreadData;
  readonly source: string;
  readonly output: string;
  readonly type: string;
}

const { thread, data, source, output, type } = JSON.parse(process.argv[2] ?? '') as HostOrder;
const requantizer = createThreadRequantizer(thread, data);
const jobs = createRequantizeJobs({
  requantizer,
  now: Date.now,
  newId: () => 'job',
  later(milliseconds, call) {
    const timer = setTimeout(call, milliseconds);
    return () => clearTimeout(timer);
  },
});
jobs.onChange(([job]) => process.send?.(job));
process.on('message', (what) => {
  if (what === 'cancel') jobs.cancel('job');
  // As when the window is closed: the extension is disposed of, and its process goes on for others.
  if (what === 'dispose') {
    jobs.dispose();
    requantizer.dispose();
  }
  if (what === 'end') process.exit(0);
});

const reading = await requantizer.source(source, new AbortController().signal);
const order: JobOrder = {
  source: { path: source, fileName: reading.source.fileName },
  output: { path: output, fileName: output },
  recipe: { ...FIRST_RECIPE, type },
  ...{ plannedBytes: 1, stamp: reading.source.stamp, force: false },
};
jobs.start(order);
