// What the use-cases need from the outside world, in their own words.
import type { ArrayPage, ArrayPageQuery } from '../protocol/inspector.ts';
import type { ModelSnapshot, TensorColumns } from '../protocol/modelView.ts';
import type { AbortSignal } from '../protocol/rpc.ts';

export type ReportFormat = 'markdown' | 'json' | 'csv';

/**
 * Reads models off the main thread. A path is an absolute file path; any shard or index of a model opens the whole model.
 * Every method re-reads the header when the file changed since it was last read.
 */
export interface ModelReader {
  /** The model and its first rows. `savedState` of the view is null. */
  open(path: string, signal: AbortSignal): Promise<ModelSnapshot>;
  tensors(path: string, first: number, signal: AbortSignal): Promise<TensorColumns>;
  arrayPage(path: string, query: ArrayPageQuery, signal: AbortSignal): Promise<ArrayPage>;
  metadataText(path: string, key: string, signal: AbortSignal): Promise<string>;
  report(path: string, format: ReportFormat, signal: AbortSignal): Promise<string>;
}
