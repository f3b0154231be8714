// One reader on one file in this process: time of the first call and of the best, and the memory at its peak.
import { memoryUsage, resourceUsage } from 'node:process';
import { diskAccess } from '../src/node/fileSource.ts';

export type Reader = 'quantscope' | 'huggingface';

export interface Measured {
  /** Milliseconds of the first call in the process. */
  readonly first: number;
  /** Milliseconds of the fastest call. */
  readonly best: number;
  readonly calls: number;
  /** Bytes the process had at most beyond what it had before the first call. */
  readonly peakBytes: number;
}

/** Slow readers are not asked as often. */
const CALLS: Readonly<Record<Reader, number>> = { quantscope: 5, huggingface: 2 };

export async function measure(reader: Reader, path: string): Promise<Measured> {
  const read = await readerOf(reader);
  const calls = CALLS[reader];
  globalThis.gc?.();
  const before = memoryUsage.rss();
  const times: number[] = [];
  let peakBytes = 0;
  for (let call = 0; call < calls; call += 1) {
    const start = performance.now();
    await read(path);
    times.push(performance.now() - start);
    if (call === 0) peakBytes = Math.max(0, resourceUsage().maxRSS * 1024 - before);
  }
  return { first: times[0] ?? 0, best: Math.min(...times), calls, peakBytes };
}

/** Loading the program itself is not part of the time. */
async function readerOf(reader: Reader): Promise<(path: string) => Promise<void>> {
  if (reader === 'huggingface') {
    const { gguf } = await import('@huggingface/gguf');
    return async (path) => {
      await gguf(path, { allowLocalFile: true });
    };
  }
  const { openModel } = await import('../src/core/formats/openModel.ts');
  return (path) => {
    const { model, problems } = diskAccess.withFolder(path, openModel);
    if (model === null || problems.length > 0)
      throw new Error(`${path} should be without problems: ${problems[0]?.text}`);
    return Promise.resolve();
  };
}
