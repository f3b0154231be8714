// One matrix of 64 output and 256 input channels in every packing, as its tools store it. The bits are worked out by hand: bytes of all
// parts × 8 / 16,384 weights.
import type { Stored } from './checkpoints.ts';

export interface System {
  readonly title: string;
  readonly tensors: readonly Stored[];
  readonly beside: Readonly<Record<string, object>>;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly type: string;
  readonly bits: number;
  /** What of the packing must be so. */
  readonly packing: Readonly<Record<string, unknown>>;
}

export const MODULE = 'model.layers.0.mlp.up_proj';
export const ROWS = 64;
export const COLUMNS = 256;
const WEIGHTS = ROWS * COLUMNS;
export const bitsOf = (...bytes: readonly number[]): number =>
  (bytes.reduce((sum, each) => sum + each, 0) * 8) / WEIGHTS;
