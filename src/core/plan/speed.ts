// The most tokens a second that memory lets through: for each token all weights in use and the cache are read once.
import { formatCount } from '../base/units.ts';
import { product, type PlanFormula } from './formula.ts';
import type { MemoryPlan } from './memoryPlan.ts';
import type { MemoryShape } from './shape.ts';
import type { WeightBytes } from './weights.ts';

export interface SpeedBound {
  /** Bytes read for one token, with the whole context filled. */
  readonly bytesPerToken: number;
  /** An upper bound: computing, and waiting between steps, come on top. */
  readonly tokensPerSecond: number;
  readonly formula: PlanFormula;
}

/**
 * Null where a part of the model is not on the GPU: then RAM decides, and its speed is not known.
 * @param bandwidth 10^9 bytes a second; null: not known
 */
export function speedBound(
  shape: MemoryShape,
  weights: WeightBytes,
  plan: MemoryPlan,
  sequences: number,
  bandwidth: number | null,
): SpeedBound | null {
  if (!plan.split.onGpu.every((isOnGpu) => isOnGpu) || bandwidth === null || bandwidth <= 0) return null;
  const bytesPerToken = bytesRead(shape, weights, plan, sequences);
  if (bytesPerToken === 0) return null;
  return {
    bytesPerToken,
    tokensPerSecond: (bandwidth * 1e9) / bytesPerToken,
    formula: [
      { text: `${formatCount(bandwidth)} × 10⁹`, meaning: 'bytes a second' },
      { text: ' / ', meaning: '' },
      ...product([
        Math.round(bytesPerToken),
        'bytes read for a token: weights in use, and the whole cache of one sequence',
      ]),
    ],
  };
}

/** Of the embedding one row is read, which is nothing; of the experts those in use. */
function bytesRead(shape: MemoryShape, weights: WeightBytes, plan: MemoryPlan, sequences: number): number {
  const { experts } = shape;
  const share = experts === null ? 1 : experts.used / experts.count;
  const layers = weights.layers.reduce((bytes, layer) => bytes + layer.dense + layer.experts * share, 0);
  const output = weights.isTied ? weights.output + weights.input : weights.output;
  const kept = plan.parts
    .filter(({ id }) => id === 'cache' || id === 'states')
    .reduce((bytes, part) => bytes + part.gpuBytes + part.cpuBytes, 0);
  return layers + output + kept / Math.max(1, sequences);
}
