// Entry of the worker thread that reads headers: the extension host's main thread never waits for a disk.
import { parentPort } from 'node:worker_threads';
import { createHeaderReader } from '../app/headerReader.ts';
import type { ModelReader } from '../app/ports.ts';
import { createServer } from '../protocol/rpc.ts';
import { diskAccess } from './fileSource.ts';
import type { HeaderThreadService } from './threadReader.ts';

const port = parentPort;
if (port !== null) {
  const reader: ModelReader = createHeaderReader(diskAccess);
  const service: HeaderThreadService = {
    open: ({ path }, signal) => reader.open(path, signal),
    tensors: ({ path, first }, signal) => reader.tensors(path, first, signal),
    parts: ({ path, name }, signal) => reader.parts(path, name, signal),
    layer: ({ path, storedName }, signal) => reader.layer(path, storedName, signal),
    arrayPage: ({ path, query }, signal) => reader.arrayPage(path, query, signal),
    metadataText: ({ path, key }, signal) => reader.metadataText(path, key, signal),
    report: ({ path, format }, signal) => reader.report(path, format, signal),
    planBasis: ({ path }, signal) => reader.planBasis(path, signal),
    memoryVerdict: ({ path, device }, signal) => reader.memoryVerdict(path, device, signal),
    measurable: ({ path }, signal) => reader.measurable(path, signal),
  };
  const server = createServer(
    service,
    (message) => port.postMessage(message),
    () => new AbortController(),
  );
  port.on('message', (message: unknown) => server.receive(message));
}
