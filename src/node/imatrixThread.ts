// Entry of the worker thread that reads importance matrices: those of large mixtures have a gigabyte of numbers, and the opening
// of models shall not wait for them.
import { parentPort } from 'node:worker_threads';
import { createImatrixReader } from '../app/imatrix/imatrixReader.ts';
import { createServer } from '../protocol/rpc.ts';
import { diskAccess } from './fileSource.ts';
import { partialHead } from './partialFiles.ts';
import type { ImatrixThreadService } from './threadImatrix.ts';

const port = parentPort;
if (port !== null) {
  const reader = createImatrixReader(diskAccess);
  const service: ImatrixThreadService = {
    open: ({ path }, signal) => reader.open(path, signal),
    rows: ({ path, first }, signal) => reader.rows(path, first, signal),
    tensor: ({ path, row, expert }, signal) => reader.tensor(path, row, expert, signal),
    partial: async ({ path }) => partialHead(path),
  };
  const server = createServer(
    service,
    (message) => port.postMessage(message),
    () => new AbortController(),
  );
  port.on('message', (message: unknown) => server.receive(message));
}
