// What the use-cases need from the outside world, in their own words.
import type { ByteSource, ModelFolder } from '../core/formats/byteSource.ts';
import type { Device } from '../core/plan/devices.ts';
import type { NoShape } from '../core/plan/shape.ts';
import type { AnalysisStatus, ChannelUse, StatsColumns } from '../protocol/analysis.ts';
import type { ArrayPage, ArrayPageQuery } from '../protocol/inspector.ts';
import type { MemoryVerdict, ModelSnapshot, PartView, TensorColumns } from '../protocol/modelView.ts';
import type { PlanBasis } from '../protocol/planner.ts';
import type { AbortSignal } from '../protocol/rpc.ts';
import type { GroupsView } from '../protocol/tensorGroups.ts';
import type { BlockContents, TensorStatsView } from '../protocol/tensorStats.ts';
import type { LayerView } from './present/layerView.ts';
import type { TensorNumbers } from './present/statsColumns.ts';
import type { MeasurableModel } from './quality/measurableModel.ts';

export type ReportFormat = 'markdown' | 'json' | 'csv';

/**
 * Reads models off the main thread. A path is an absolute file path; any shard or index of a model opens the whole model.
 * Every method reads the header again when a file of the model changed since it was last read.
 */
export interface ModelReader {
  /** The model and its first rows. `savedState` and `preferences` of the view are null. */
  open(path: string, signal: AbortSignal): Promise<ModelSnapshot>;
  /** Rows from `first` on, as many as fit a message. */
  tensors(path: string, first: number, signal: AbortSignal): Promise<TensorColumns>;
  /** The stored tensors of a packed matrix, which goes by its full visible name. */
  parts(path: string, name: string, signal: AbortSignal): Promise<readonly PartView[]>;
  /** The layer that a tensor is stored for, by its name in the file; null: there is none of that name. */
  layer(path: string, storedName: string, signal: AbortSignal): Promise<LayerView | null>;
  arrayPage(path: string, query: ArrayPageQuery, signal: AbortSignal): Promise<ArrayPage>;
  metadataText(path: string, key: string, signal: AbortSignal): Promise<string>;
  report(path: string, format: ReportFormat, signal: AbortSignal): Promise<string>;
  /** What a plan of its memory is computed from, or why there is none. */
  planBasis(path: string, signal: AbortSignal): Promise<PlanBasis | NoShape>;
  /** What the header says of its memory. @param device null: the smallest that is enough */
  memoryVerdict(path: string, device: Device | null, signal: AbortSignal): Promise<MemoryVerdict | null>;
  /** What llama.cpp would be told of it, or why it must not open it. */
  measurable(path: string, signal: AbortSignal): Promise<MeasurableModel>;
}

/** Computes from the data of tensors, off the main thread. Tensors go by their full visible names. */
export interface TensorAnalyzer {
  /** One tensor at a time: an ask waits for the one before, which is why a page aborts what it no longer needs. */
  tensorStats(path: string, name: string, signal: AbortSignal): Promise<TensorStatsView>;
  tensorEstimate(path: string, name: string, signal: AbortSignal): Promise<TensorStatsView | null>;
  tensorGroups(path: string, name: string, signal: AbortSignal): Promise<GroupsView | null>;
  block(path: string, name: string, index: number, signal: AbortSignal): Promise<BlockContents>;
}

/** Analyzes all tensors of models, off the main thread, on several cores. One analysis of a model at a time; its results last. */
export interface ModelAnalyzer {
  analysis(path: string, signal: AbortSignal): Promise<AnalysisStatus>;
  /**
   * Starts it or goes on with it, or joins the one that runs; answers how it ended, also when it was cancelled. An abort
   * stops it, whoever else waits for it.
   */
  analyze(path: string, signal: AbortSignal): Promise<AnalysisStatus>;
  /** Stops it, whoever started it; answers when nothing is computed any more. */
  cancel(path: string): Promise<void>;
  /** Every change of the status of every model. Answers what stops the telling. */
  onStatus(tell: (path: string, status: AnalysisStatus) => void): () => void;
  statsColumns(path: string, since: number, signal: AbortSignal): Promise<StatsColumns>;
  channelUse(path: string, signal: AbortSignal): Promise<ChannelUse>;
  /** What the panel of a tensor (full visible name) shows, where it is kept of the file as it is now. */
  keptStats(path: string, name: string, signal: AbortSignal): Promise<TensorStatsView | null>;
  /** Keeps it in place of what the analysis has kept of the same tensor; of others nothing. */
  keepStats(path: string, view: TensorStatsView): Promise<void>;
}

/** Results of analyses that outlast the program. It never throws: what cannot be kept is computed again another day. */
export interface StatsStore {
  /** What is kept of a model whose files (names beside `path`) are as they are now. */
  resultsOf(path: string, names: readonly string[]): KeptResults;
}

/** Tensors go by a key that their model and this program give them. */
export interface KeptResults {
  read(): ReadonlyMap<string, TensorNumbers>;
  readView(key: string): TensorStatsView | null;
  /** Answers whether it is kept now. A view may be left out for want of room. */
  keep(key: string, numbers: TensorNumbers, view: TensorStatsView): boolean;
}

export interface OpenFile extends ByteSource {
  close(): void;
}

/** The disk, as the header reader sees it. */
export interface FileAccess {
  /** Opens the folder of `path` for as long as `use` runs; every file opened in it is closed afterwards. */
  withFolder<T>(path: string, use: (folder: ModelFolder, fileName: string) => T): T;
  /** Opens one file of that folder until it is closed; null where there is none. @throws Failure where it cannot be read */
  openFile(path: string, name: string): OpenFile | null;
  /** Changes whenever one of the files (names beside `path`) changes, appears or vanishes. */
  stamp(path: string, names: readonly string[]): string;
}
