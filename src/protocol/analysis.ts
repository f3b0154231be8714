// The analysis of a whole model: how far it is, and its numbers as columns, tensor by tensor.
import type { AbortSignal } from './rpc.ts';

/** What the pages of a model ask about its analysis. Part of InspectorHost. */
export interface AnalysisHost {
  /** Where the analysis of this model stands; results of an earlier window are found in the cache. */
  analysis(argument: null, signal: AbortSignal): Promise<AnalysisStatus>;
  /** Starts the analysis of all tensors, or goes on with it; answers when it has begun. Does nothing while it runs. */
  analyze(argument: null, signal: AbortSignal): Promise<null>;
  /** Stops it; what was computed stays. */
  cancelAnalysis(argument: null, signal: AbortSignal): Promise<null>;
  /** The numbers that came after `since` (0: all of them), as many as fit a message. */
  statsColumns(argument: { readonly since: number }, signal: AbortSignal): Promise<StatsColumns>;
  /** Input channels that are outliers in several tensors. */
  channelUse(argument: null, signal: AbortSignal): Promise<ChannelUse>;
}

/** Pushed to every page of the model: when its state changes, and up to ten times a second while it runs. */
export interface AnalysisStatus {
  /** cancelled: it ended before all tensors were done, now or in an earlier window; `analyze` goes on with the others. */
  readonly state: 'none' | 'estimating' | 'running' | 'done' | 'cancelled' | 'failed';
  /** For 'failed', a sentence: "The file changed …; reload it and analyze again." Else ''. */
  readonly why: string;
  /** Tensors that can be analyzed, and those whose exact numbers are there. */
  readonly tensorCount: number;
  readonly tensorsDone: number;
  readonly bytes: number;
  readonly bytesDone: number;
  /** 0 while nothing can be said. */
  readonly bytesPerSecond: number;
  /** null while nothing can be said. */
  readonly secondsLeft: number | null;
  readonly threads: number;
  /** Grows with every result: a page whose own number is lower asks `statsColumns`. Starts anew (lower) with another model. */
  readonly serial: number;
}

/** How far the numbers of a tensor are. Codes in `StatsColumns.known`. */
export const STATS_KNOWN = ['none', 'estimate', 'exact', 'unavailable'] as const;

/** The columns of `StatsColumns` with one number for each row. */
export const STATS_NUMBERS = [
  'mean',
  'std',
  'min',
  'max',
  'absMax',
  'skewness',
  'kurtosis',
  'beyond3',
  'beyond6',
  'beyond20',
  'zeros',
  'nonFinite',
  'scaleRange',
  'zeroScales',
  'nonFiniteScales',
  'entropy',
  'codeBits',
  'outlierChannels',
] as const satisfies readonly (keyof StatsColumns)[];
export type StatsNumber = (typeof STATS_NUMBERS)[number];

/** Numbers of some tensors, each of them whole; a later page replaces what an earlier one said of the same row. NaN: not known. */
export interface StatsColumns {
  /** What to ask with next. */
  readonly serial: number;
  /** There are more: ask again. */
  readonly more: boolean;
  readonly count: number;
  /** Row in table order. */
  readonly row: Uint32Array;
  /** Index into STATS_KNOWN. Of an estimate the extremes, zeros and far outliers are NaN: they are pending. */
  readonly known: Uint8Array;
  readonly mean: Float64Array;
  readonly std: Float64Array;
  readonly min: Float64Array;
  readonly max: Float64Array;
  readonly absMax: Float64Array;
  readonly skewness: Float64Array;
  /** Excess kurtosis: 0 for a normal distribution. */
  readonly kurtosis: Float64Array;
  /** Weights further than 3, 6 and 20 σ from the mean, as shares of all (0 … 1). */
  readonly beyond3: Float64Array;
  readonly beyond6: Float64Array;
  readonly beyond20: Float64Array;
  readonly zeros: Float64Array;
  readonly nonFinite: Float64Array;
  /** log2 of the largest over the smallest scale that is not zero; NaN for types without scales. */
  readonly scaleRange: Float64Array;
  /** Scales that are zero, or not finite. */
  readonly zeroScales: Float64Array;
  readonly nonFiniteScales: Float64Array;
  /** Entropy of the codes in bits, and their nominal width. */
  readonly entropy: Float64Array;
  readonly codeBits: Float64Array;
  /** Input channels above 3 × the median channel; NaN for tensors without, as vectors. */
  readonly outlierChannels: Float64Array;
  /** QUANTILE_COUNT values for each row: at QUANTILE_LEVELS. */
  readonly quantiles: Float32Array;
}

export const QUANTILE_LEVELS = [0.001, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.999] as const;

export interface ChannelUse {
  /** Tensors that were looked at: exact ones with input channels. */
  readonly tensorCount: number;
  /** The channels that are outliers in most tensors first; at most 200. Only those of more than one tensor. */
  readonly channels: readonly {
    readonly channel: number;
    /** How many input channels the tensors have in which it counts. */
    readonly width: number;
    /** Rows in table order of the tensors in which it is an outlier. */
    readonly rows: readonly number[];
    /** Largest |w| of the channel over the median channel of its tensor, at most. */
    readonly strongest: number;
  }[];
}
