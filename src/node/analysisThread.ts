// Entry of the worker thread that reads the data of tensors.
import { parentPort, workerData } from 'node:worker_threads';
import { createServer } from '../protocol/rpc.ts';
import { createDiskAnalyzer } from './diskAnalyzer.ts';
import type { AnalysisThreadData, AnalysisThreadService } from './threadAnalyzer.ts';

const port = parentPort;
if (port !== null) {
  const analyzer = createDiskAnalyzer((workerData as AnalysisThreadData).kernelFile);
  const service: AnalysisThreadService = {
    tensorStats: ({ path, name }, signal) => analyzer.tensorStats(path, name, signal),
    tensorEstimate: ({ path, name }, signal) => analyzer.tensorEstimate(path, name, signal),
    tensorGroups: ({ path, name }, signal) => analyzer.tensorGroups(path, name, signal),
    block: ({ path, name, index }, signal) => analyzer.block(path, name, index, signal),
  };
  const server = createServer(
    service,
    (message) => port.postMessage(message),
    () => new AbortController(),
  );
  port.on('message', (message: unknown) => server.receive(message));
}
