// The numbers behind one tensor, as its panel shows them.
import type { AbortSignal } from './rpc.ts';
import type { FieldColor } from './modelView.ts';
import type { GroupsView } from './tensorGroups.ts';

/** What the panel asks; a new ask for another tensor aborts the one before. Part of InspectorHost. */
export interface TensorHost {
  /** Statistics over every weight of a tensor (full visible name). */
  tensorStats(argument: { readonly name: string }, signal: AbortSignal): Promise<TensorStatsView>;
  /** The same from a random 1/64 of its rows; null where that would save no time worth it. */
  tensorEstimate(argument: { readonly name: string }, signal: AbortSignal): Promise<TensorStatsView | null>;
  /** Scales and zero points of a packed matrix by groups; null for other tensors. */
  tensorGroups(argument: { readonly name: string }, signal: AbortSignal): Promise<GroupsView | null>;
  /** One block of it, taken apart. */
  block(
    argument: { readonly name: string; readonly index: number },
    signal: AbortSignal,
  ): Promise<BlockContents>;
}

export interface TensorStatsView {
  readonly name: string;
  readonly type: string;
  /** Set instead of numbers: why there are none ("its data is cut off", "type 139 is not decoded"). */
  readonly unavailable: string | null;
  /** 1: of all weights, exact. Less: an estimate from this share of the rows; what cannot be estimated is null. */
  readonly share: number;
  readonly summary: StatsSummary | null;
  /** The weights furthest from the mean, furthest first, at most 100; null: not looked for (an estimate, or no spread). */
  readonly worst: readonly WorstWeight[] | null;
  /** Each expert of a 3-D tensor of experts by itself; null for other tensors. */
  readonly experts: ExpertStats | null;
  /** Set for plain floats that lie on the grid of a quantized type: they were converted up from it. */
  readonly origin: QuantizedOrigin | null;
  /** Weights in even bins from low to high: the whole range of values. */
  readonly values: Histogram | null;
  /** Scales of the blocks (|d·sc|), one count per scale, in even bins of log2 of their magnitude; null where the type has none. */
  readonly scales: Histogram | null;
  readonly zeroScales: number;
  readonly nonFiniteScales: number;
  readonly mins: Histogram | null;
  readonly codes: CodeUse | null;
  readonly channels: ChannelProfile | null;
  /** Milliseconds it took, and bytes that were read. */
  readonly milliseconds: number;
  readonly bytes: number;
}

export interface StatsSummary {
  readonly count: number;
  /** null: not known of an estimate. */
  readonly nonFinite: number | null;
  readonly zeros: number | null;
  /** null: there is no finite weight, or not known of an estimate. */
  readonly min: number | null;
  readonly max: number | null;
  readonly absMax: number | null;
  readonly mean: number | null;
  readonly std: number | null;
  readonly skewness: number | null;
  /** 0 for a normal distribution. */
  readonly excessKurtosis: number | null;
  /** Weights further than k standard deviations from the mean. */
  readonly outliers: readonly {
    readonly sigmas: number;
    readonly count: number;
    /** false: weights of a bin that the border cuts are counted as if they were spread evenly. */
    readonly isExact: boolean;
    readonly normalShare: number;
  }[];
  /** share → value: 0.1 %, 1 %, 5 %, 25 %, 50 %, … */
  readonly quantiles: readonly { readonly share: number; readonly value: number }[];
}

export interface WorstWeight {
  /** Output (row), input channel (column); expert of a 3-D tensor, else −1. */
  readonly row: number;
  readonly column: number;
  readonly expert: number;
  readonly value: number;
  /** Distance from the mean in standard deviations, with its sign. */
  readonly sigmas: number;
}

/** One number per expert. NaN: not known. */
export interface ExpertStats {
  readonly mean: Float64Array;
  readonly std: Float64Array;
  readonly absMax: Float64Array;
  readonly kurtosis: Float64Array;
  /** Share of its weights beyond 3 σ of its own mean. */
  readonly beyond3: Float64Array;
}

export interface QuantizedOrigin {
  /** The type that fits: "Q4_0"; where several do, the narrowest. */
  readonly type: string;
  /** Other types that fit as well. */
  readonly alternatives: readonly string[];
  /** Blocks that were looked at, and those that lie on the grid. */
  readonly blocks: number;
  readonly fitting: number;
  /** Most distinct values found in a block, of `blockWeights` weights. */
  readonly distinct: number;
  readonly blockWeights: number;
}

export interface Histogram {
  readonly low: number;
  readonly high: number;
  readonly counts: Float64Array;
}

export interface CodeUse {
  /** What a code stands for, ascending, and how many weights have it. */
  readonly levels: readonly number[];
  readonly counts: Float64Array;
  /** Entropy of the levels in bits, against the nominal width of a code. */
  readonly entropyBits: number;
  readonly nominalBits: number | null;
}

export interface ChannelProfile {
  readonly channelCount: number;
  /** Largest |w| of each group of `perPoint` neighboring input channels. */
  readonly maxima: Float32Array;
  readonly perPoint: number;
  /** Median over channels of their largest |w|. */
  readonly median: number;
  /** Channels above three times the median, the largest first, at most 20; `outlierCount` counts all. */
  readonly outliers: readonly { readonly channel: number; readonly absMax: number }[];
  readonly outlierCount: number;
}

/** A block: bytes, and for every weight which bits made it. */
export interface BlockContents {
  readonly index: number;
  readonly blockCount: number;
  /** Weights from first to last of the tensor in this block: row and column of the first. */
  readonly row: number;
  readonly column: number;
  readonly byteOffset: number;
  readonly bytes: Uint8Array;
  /** Color of every byte; two where families share it. */
  readonly byteColors: readonly (readonly FieldColor[])[];
  readonly weights: readonly BlockWeight[];
}

export interface BlockWeight {
  readonly value: number;
  /** The formula with this weight's numbers: [{text:'0.00021',color:'superScale'},{text:' · '},…]. */
  readonly formula: readonly { readonly text: string; readonly color?: FieldColor }[];
  /** Bytes of the block that take part, with the color of what they give. */
  readonly bytes: readonly { readonly byte: number; readonly color: FieldColor }[];
}
