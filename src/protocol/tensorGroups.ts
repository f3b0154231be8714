// The groups of a packed matrix (GPTQ, AWQ, EXL2 …): their scales and zero points as maps, the order of its input channels.
import type { Histogram } from './tensorStats.ts';

/** Cells of a map in either direction, at most. */
export const MAX_MAP_CELLS = 256;
/** Numbers along a line, at most: as many as a wide panel has pixels. */
export const MAX_POINTS = 2048;

export interface GroupsView {
  readonly name: string;
  /** Set instead of all else: why there is nothing to see. */
  readonly unavailable: string | null;
  /** Largest magnitude of the scales in each cell. */
  readonly scales: GroupMap | null;
  /** Of the zero points in each cell the one furthest from the middle of the codes, of biases the one furthest from 0; null: none. */
  readonly zeros: GroupMap | null;
  /** Points are subtracted from codes, biases are added to products. */
  readonly zeroKind: 'point' | 'bias';
  /** How often each zero point occurs: bins of a whole number, or even ones where zero points are no whole numbers. */
  readonly zeroCounts: Histogram | null;
  /** Act-order and EXL2: the group of each input channel, where neighbors are not in groups together. */
  readonly order: ChannelOrder | null;
  /** EXL2: bits of the codes of each group, and how many input channels it has; in the order they are stored. */
  readonly widths: { readonly bits: readonly number[]; readonly channels: readonly number[] } | null;
  /** Scales of the scales: "nested_absmax", "q_scale_max"; the largest of `perPoint` neighbors. */
  readonly superScales: {
    readonly name: string;
    readonly count: number;
    readonly perPoint: number;
    readonly values: Float32Array;
  } | null;
}

/** Output channels (or blocks of them) downward, groups of input channels to the right. */
export interface GroupMap {
  /** Of the scales themselves: a cell holds up to rowsPerCell × groupsPerCell of them. */
  readonly rows: number;
  readonly groups: number;
  readonly rowsPerCell: number;
  readonly groupsPerCell: number;
  readonly height: number;
  readonly width: number;
  /** Row by row. NaN: there is no number. */
  readonly cells: Float32Array;
}

export interface ChannelOrder {
  readonly channels: number;
  readonly groups: number;
  /** Input channels between two points. */
  readonly perPoint: number;
  readonly groupOf: Float32Array;
}
