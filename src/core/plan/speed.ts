// The most tokens a second that memory lets through: for each token all weights in use and the cache are read once.
import { formatCount } from '../base/units.ts';
import type { Device } from './devices.ts';
import { type PlanFormula, type PlanPiece, sum } from './formula.ts';
import type { MemoryPlan } from './memoryPlan.ts';
import type { MemoryShape } from './shape.ts';
import type { WeightBytes } from './weights.ts';

export interface SpeedBound {
  /** Bytes read for one token, with the whole context filled. */
  readonly bytesPerToken: number;
  /** An upper bound: computing, and waiting between steps, come on top. */
  readonly tokensPerSecond: number;
  /** What was taken for the bandwidth of the RAM, of which nothing is known; null where none of the bytes are read from there. */
  readonly assumedRamBandwidth: number | null;
  readonly formula: PlanFormula;
}

/** 10^9 bytes a second of two channels of DDR5-5600 (JESD79-5): 8 bytes wide each. */
export const COMMON_RAM_BANDWIDTH = 89.6;

/** Null where the bandwidth of the device is not known. */
export function speedBound(
  shape: MemoryShape,
  weights: WeightBytes,
  plan: MemoryPlan,
  sequences: number,
  { bandwidth, isUnified, backend }: Pick<Device, 'bandwidth' | 'isUnified' | 'backend'>,
): SpeedBound | null {
  const { gpuBytes, ramBytes } = bytesRead(shape, weights, plan, sequences);
  const bytesPerToken = gpuBytes + ramBytes;
  const isOneMemory = isUnified || backend === 'cpu';
  const isAssumed = ramBytes > 0 && (!isOneMemory || (backend === 'cpu' && bandwidth === null));
  const ramBandwidth = isAssumed ? COMMON_RAM_BANDWIDTH : bandwidth;
  const reads = [
    { bytes: gpuBytes, bandwidth },
    { bytes: ramBytes, bandwidth: ramBandwidth },
  ].filter(({ bytes }) => bytes > 0);
  const seconds = reads.reduce((time, read) => time + read.bytes / (read.bandwidth ?? 0) / 1e9, 0);
  if (bytesPerToken === 0 || !Number.isFinite(seconds)) return null;
  return {
    bytesPerToken,
    tokensPerSecond: 1 / seconds,
    assumedRamBandwidth: isAssumed ? COMMON_RAM_BANDWIDTH : null,
    formula: formulaOf(isOneMemory ? [{ bytes: bytesPerToken, bandwidth: ramBandwidth }] : reads),
  };
}

interface Read {
  readonly bytes: number;
  readonly bandwidth: number | null;
}

function formulaOf(reads: readonly Read[]): PlanFormula {
  const bytes = (read: Read): PlanPiece => ({
    text: formatCount(Math.round(read.bytes)),
    meaning: 'bytes read for a token: weights in use, and the whole cache of one sequence',
  });
  const bandwidth = (read: Read): PlanPiece => ({
    text: `${bandwidthText(read.bandwidth ?? 0)} × 10⁹`,
    meaning: 'bytes a second',
  });
  const over: PlanPiece = { text: ' / ', meaning: '' };
  const [only] = reads;
  if (only !== undefined && reads.length === 1) return [bandwidth(only), over, bytes(only)];
  return [
    { text: '1 / (', meaning: '' },
    ...sum(reads.map((read) => [bytes(read), over, bandwidth(read)])),
    { text: ')', meaning: '' },
  ];
}

const bandwidthText = (bandwidth: number): string =>
  Number.isInteger(bandwidth) ? formatCount(bandwidth) : String(bandwidth);

/** Of the embedding one row is read, which is nothing; of the experts those in use. */
function bytesRead(
  shape: MemoryShape,
  weights: WeightBytes,
  { parts, split }: MemoryPlan,
  sequences: number,
): { readonly gpuBytes: number; readonly ramBytes: number } {
  const { experts } = shape;
  const share = experts === null ? 1 : experts.used / experts.count;
  const read = { gpuBytes: 0, ramBytes: 0 };
  const add = (bytes: number, isOnGpu: boolean): void => {
    read[isOnGpu ? 'gpuBytes' : 'ramBytes'] += bytes;
  };
  weights.layers.forEach((layer, index) => {
    add(layer.dense, split.onGpu[index] === true);
    add(layer.experts * share, split.expertsOnGpu[index] === true);
  });
  add(weights.isTied ? weights.output + weights.embedding : weights.output, split.outputOnGpu);
  for (const { id, gpuBytes, cpuBytes } of parts) {
    if (id !== 'cache' && id !== 'states') continue;
    add(gpuBytes / Math.max(1, sequences), true);
    add(cpuBytes / Math.max(1, sequences), false);
  }
  return read;
}
