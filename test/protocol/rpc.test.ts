import { describe, expect, it } from 'vitest';
import { Failure, notFound } from '../../src/core/base/failure.ts';
import { createClient, createServer, type AbortSignal, type Message } from '../../src/protocol/rpc.ts';

interface Sums {
  double(argument: number, signal: AbortSignal): Promise<number>;
  missing(argument: string, signal: AbortSignal): Promise<never>;
  broken(argument: null, signal: AbortSignal): Promise<never>;
  /** Settles when it is aborted. */
  wait(argument: null, signal: AbortSignal): Promise<string>;
  [name: string]: (argument: never, signal: AbortSignal) => Promise<unknown>;
}
interface Told {
  tick: number;
  [name: string]: unknown;
}

/** Both ends joined by structured clones, as a real channel does; `log` is what went over. */
function pair() {
  const log: Message[] = [];
  const aborted: string[] = [];
  const service: Sums = {
    double: async (argument) => argument * 2,
    missing: async (path) => Promise.reject(notFound(path)),
    broken: async () => Promise.reject(new TypeError('a bug')),
    wait: (_argument, signal) =>
      new Promise((resolve) =>
        signal.addEventListener('abort', () => {
          aborted.push('wait');
          resolve('late');
        }),
      ),
  };
  const over = (end: { receive(message: unknown): void }) => (message: Message) => {
    log.push(message);
    const copy = structuredClone(message);
    queueMicrotask(() => end.receive(copy));
  };
  const client = createClient<Sums, Told>((message) => over(server)(message));
  const server = createServer<Sums, Told>(
    service,
    (message) => over(client)(message),
    () => new AbortController(),
  );
  return { client, server, log, aborted };
}

const failureOf = async (promise: Promise<unknown>): Promise<string> => {
  try {
    return `value ${String(await promise)}`;
  } catch (error) {
    return error instanceof Failure ? `${error.code}: ${error.message}` : `not a Failure: ${String(error)}`;
  }
};

describe('the request channel', () => {
  it('answers requests by name, also many at once', async () => {
    const { client } = pair();
    expect(await Promise.all([1, 2, 3].map((value) => client.ask.double(value)))).toEqual([2, 4, 6]);
  });

  it('carries failures with their code, and bugs as internal ones', async () => {
    const { client } = pair();
    expect(await failureOf(client.ask.missing('a.gguf'))).toBe(
      'not-found: a.gguf does not exist; check the path.',
    );
    expect(await failureOf(client.ask.broken(null))).toBe('internal: a bug');
  });

  it('rejects a request that the other side does not have, even if every object has that name', async () => {
    const { client } = pair();
    for (const name of ['nothing', 'toString', '__proto__', 'constructor'])
      expect(await failureOf(client.ask[name]!(null as never))).toBe(
        `internal: There is no request named ${name}.`,
      );
  });

  it('settles a cancelled request at once, tells the other side, and drops the late answer', async () => {
    const { client, aborted, log } = pair();
    const abort = new AbortController();
    const answer = failureOf(client.ask.wait(null, abort.signal));
    await Promise.resolve();
    abort.abort();
    expect(await answer).toBe('cancelled: Cancelled.');
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(aborted).toEqual(['wait']);
    expect(log.map(({ kind }) => kind)).toEqual(['ask', 'cancel']);
  });

  it('does not send a request whose signal is aborted already', async () => {
    const { client, log } = pair();
    expect(await failureOf(client.ask.double(1, AbortSignal.abort()))).toBe('cancelled: Cancelled.');
    expect(log).toEqual([]);
  });

  it('settles everything when it is closed, and refuses what comes later', async () => {
    const { client } = pair();
    const open = failureOf(client.ask.wait(null));
    client.close(new Failure('gone', 'The reader is no longer open.'));
    expect(await open).toBe('gone: The reader is no longer open.');
    expect(await failureOf(client.ask.double(1))).toBe('gone: The reader is no longer open.');
  });

  it('aborts what runs and sends nothing more when the answering end is closed', async () => {
    const { client, server, aborted, log } = pair();
    void client.ask.wait(null).catch(() => undefined);
    await Promise.resolve();
    server.close();
    server.push('tick', 1);
    expect(aborted).toEqual(['wait']);
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(log.map(({ kind }) => kind)).toEqual(['ask']);
  });

  it('delivers pushes to every listener and ignores messages of another shape', async () => {
    const { client, server } = pair();
    const heard: number[] = [];
    client.onPush('tick', (value) => heard.push(value));
    client.onPush('tick', (value) => heard.push(-value));
    server.push('tick', 7);
    for (const message of [null, 'text', 42, {}, { kind: 'other' }, { kind: 'answer', id: 99, value: 1 }]) {
      client.receive(message);
      server.receive(message);
    }
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(heard).toEqual([7, -7]);
  });
});
