// The model reader as a worker thread.
import type { ModelReader, ReportFormat } from '../app/ports.ts';
import type { LayerView } from '../app/present/layerView.ts';
import type { MeasurableModel } from '../app/quality/measurableModel.ts';
import type { Device } from '../core/plan/devices.ts';
import type { NoShape } from '../core/plan/shape.ts';
import type { ArrayPage, ArrayPageQuery } from '../protocol/inspector.ts';
import type { MemoryVerdict, ModelSnapshot, PartView, TensorColumns } from '../protocol/modelView.ts';
import type { PlanBasis } from '../protocol/planner.ts';
import type { AbortSignal } from '../protocol/rpc.ts';
import { createServiceThread } from './serviceThread.ts';

export interface HeaderThreadService {
  open(argument: { readonly path: string }, signal: AbortSignal): Promise<ModelSnapshot>;
  tensors(
    argument: { readonly path: string; readonly first: number },
    signal: AbortSignal,
  ): Promise<TensorColumns>;
  parts(
    argument: { readonly path: string; readonly name: string },
    signal: AbortSignal,
  ): Promise<readonly PartView[]>;
  layer(
    argument: { readonly path: string; readonly storedName: string },
    signal: AbortSignal,
  ): Promise<LayerView | null>;
  arrayPage(
    argument: { readonly path: string; readonly query: ArrayPageQuery },
    signal: AbortSignal,
  ): Promise<ArrayPage>;
  metadataText(
    argument: { readonly path: string; readonly key: string },
    signal: AbortSignal,
  ): Promise<string>;
  report(
    argument: { readonly path: string; readonly format: ReportFormat },
    signal: AbortSignal,
  ): Promise<string>;
  planBasis(argument: { readonly path: string }, signal: AbortSignal): Promise<PlanBasis | NoShape>;
  memoryVerdict(
    argument: { readonly path: string; readonly device: Device | null },
    signal: AbortSignal,
  ): Promise<MemoryVerdict | null>;
  measurable(argument: { readonly path: string }, signal: AbortSignal): Promise<MeasurableModel>;
  [name: string]: (argument: never, signal: AbortSignal) => Promise<unknown>;
}

export interface ThreadReader extends ModelReader {
  dispose(): void;
}

/** @param entry path of the bundled headerThread.js. */
export function createThreadReader(entry: string): ThreadReader {
  const { ask, dispose } = createServiceThread<HeaderThreadService>(entry, null, { name: 'The reader' });
  return {
    open: (path, signal) => ask((thread) => thread.open({ path }, signal)),
    tensors: (path, first, signal) => ask((thread) => thread.tensors({ path, first }, signal)),
    parts: (path, name, signal) => ask((thread) => thread.parts({ path, name }, signal)),
    layer: (path, storedName, signal) => ask((thread) => thread.layer({ path, storedName }, signal)),
    arrayPage: (path, query, signal) => ask((thread) => thread.arrayPage({ path, query }, signal)),
    metadataText: (path, key, signal) => ask((thread) => thread.metadataText({ path, key }, signal)),
    report: (path, format, signal) => ask((thread) => thread.report({ path, format }, signal)),
    planBasis: (path, signal) => ask((thread) => thread.planBasis({ path }, signal)),
    memoryVerdict: (path, device, signal) => ask((thread) => thread.memoryVerdict({ path, device }, signal)),
    measurable: (path, signal) => ask((thread) => thread.measurable({ path }, signal)),
    dispose,
  };
}
