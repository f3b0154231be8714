// The life of a service thread: ended when idle, unless it holds what would be lost.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createServiceThread, type ServiceThread } from '../../src/node/serviceThread.ts';

type Counter = { count(argument: null): Promise<number>; die(argument: null): Promise<null> };
let folder = '';
let entry = '';
const threads: ServiceThread<Counter>[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'quantscope-service-'));
  entry = join(folder, 'counter.js');
  writeFileSync(
    entry,
    `const { parentPort } = require('node:worker_threads');
     let count = 0;
     parentPort.on('message', ({ kind, id, name }) => {
       if (kind !== 'ask') return;
       if (name === 'die') process.exit(7);
       parentPort.postMessage({ kind: 'push', name: 'counted', value: ++count });
       parentPort.postMessage({ kind: 'answer', id, value: count });
     });`,
  );
});
afterEach(() => {
  vi.useRealTimers();
  threads.splice(0).forEach((thread) => thread.dispose());
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function start(mayEnd?: () => boolean) {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const counted: number[] = [];
  const deaths: string[] = [];
  const thread = createServiceThread<Counter, { counted: number }>(entry, null, {
    name: 'The counter',
    listen: (onPush) => onPush('counted', (count) => counted.push(count)),
    onDeath: ({ message }) => deaths.push(message),
    ...(mayEnd && { mayEnd }),
  });
  threads.push(thread);
  return { counted, deaths, count: () => thread.ask((counter) => counter.count(null)), thread };
}

describe('a service thread', () => {
  it('is ended after two minutes without a request, and started by the next', async () => {
    const { count, deaths } = start();
    expect([await count(), await count()]).toEqual([1, 2]);
    vi.advanceTimersByTime(119_000);
    expect(await count()).toBe(3);
    vi.advanceTimersByTime(119_000);
    expect(await count()).toBe(4);
    vi.advanceTimersByTime(121_000);
    expect(await count()).toBe(1);
    expect(deaths).toEqual([]);
  });

  it('lives on while it holds what would be lost, and ends later', async () => {
    let mayEnd = false;
    const { count } = start(() => mayEnd);
    expect(await count()).toBe(1);
    vi.advanceTimersByTime(600_000);
    expect(await count()).toBe(2);
    mayEnd = true;
    vi.advanceTimersByTime(121_000);
    expect(await count()).toBe(1);
  });

  it('tells what it tells unasked, also after it was started again', async () => {
    const { count, counted } = start();
    await count();
    vi.advanceTimersByTime(121_000);
    await count();
    expect(counted).toEqual([1, 1]);
  });

  it('fails what was asked when it dies, says so once, and is started by the next request', async () => {
    const { count, deaths, thread } = start();
    await expect(thread.ask((counter) => counter.die(null))).rejects.toThrow(
      'The counter stopped (exit code 7); try again.',
    );
    expect(deaths).toEqual(['The counter stopped (exit code 7); try again.']);
    expect(await count()).toBe(1);
  });
});
