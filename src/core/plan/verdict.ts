// Whether a plan fits, in one line.
import { formatCount, formatMemory, plural } from '../base/units.ts';
import { type Budget, excessOf, type Excess } from './budget.ts';
import type { Device } from './devices.ts';
import type { MemoryPlan, MemoryRequest } from './memoryPlan.ts';

export interface Verdict {
  readonly fits: boolean;
  /** "fits 24 GB with 32k context, q8_0 KV"; what is too much where it does not. */
  readonly text: string;
}

/** @param device memoryGiB as its maker counts it: of a shared memory only a part may be the GPU's */
export function verdictOf(
  plan: MemoryPlan,
  request: MemoryRequest,
  { memoryGiB, backend }: Pick<Device, 'memoryGiB' | 'backend'>,
  budget: Budget,
): Verdict {
  const isRam = backend === 'cpu';
  const place = `${memoryGiB} GB${isRam ? ' of RAM' : ''} with ${settingsWords(request, plan)}`;
  const excess = excessOf(plan, budget);
  if (excess !== null) {
    const words = isRam ? tooMuch(excess) : excessWords(excess);
    return { fits: false, text: `does not fit ${place}: ${words}` };
  }
  return { fits: true, text: `fits ${place}${isRam ? '' : inRamWords(plan, request)}` };
}

function inRamWords({ split }: MemoryPlan, { expertsOnCpu }: MemoryRequest): string {
  if (split.onGpu.includes(false)) return ', part of the layers in RAM';
  return expertsOnCpu === 0 ? '' : `, experts of ${plural(expertsOnCpu, 'layer')} in RAM`;
}

export const excessWords = (excess: Excess): string =>
  `${tooMuch(excess)}${excess.where === 'ram' ? ' for the RAM' : ''}`;

const tooMuch = ({ bytes }: Excess): string => `${formatMemory(bytes)} too much`;

/** "32k context × 4, q8_0 KV"; without a cache there is none to name. */
export const settingsWords = (request: MemoryRequest, plan: Pick<MemoryPlan, 'parts'>): string =>
  hasCache(plan) ? `${contextWords(request)}, ${cacheWords(request)} KV` : contextWords(request);

export const hasCache = ({ parts }: Pick<MemoryPlan, 'parts'>): boolean =>
  parts.some(({ id }) => id === 'cache');

const contextWords = ({ contextTokens, sequences }: MemoryRequest): string =>
  `${shortCount(contextTokens)} context${sequences > 1 ? ` × ${formatCount(sequences)}` : ''}`;

export const cacheWords = ({ keyType, valueType }: Pick<MemoryRequest, 'keyType' | 'valueType'>): string =>
  keyType === valueType ? keyType : `${keyType}/${valueType}`;

/** 32768 → "32k", 1048576 → "1M", 1000 → "1,000". */
export function shortCount(tokens: number): string {
  if (tokens >= MEBI && tokens % MEBI === 0) return `${formatCount(tokens / MEBI)}M`;
  return tokens >= KIBI && tokens % KIBI === 0 ? `${formatCount(tokens / KIBI)}k` : formatCount(tokens);
}

const KIBI = 1024;
const MEBI = 1024 * KIBI;
