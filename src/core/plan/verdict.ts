// Whether a plan fits, in one line.
import { formatCount, formatMemory } from '../base/units.ts';
import { type Budget, excessOf, type Excess } from './budget.ts';
import type { MemoryPlan, MemoryRequest } from './memoryPlan.ts';

export interface Verdict {
  readonly fits: boolean;
  /** "fits 24 GB with 32k context, q8_0 KV"; what is too much where it does not. */
  readonly text: string;
}

/** @param memoryGiB of the device, as its maker counts it: of a shared memory only a part may be the GPU's */
export function verdictOf(
  plan: MemoryPlan,
  request: MemoryRequest,
  memoryGiB: number,
  budget: Budget,
): Verdict {
  const place = `${memoryGiB} GB with ${settingsWords(request)}`;
  const excess = excessOf(plan, budget);
  if (excess !== null) return { fits: false, text: `does not fit ${place}: ${excessWords(excess)}` };
  const partly = plan.split.onGpu.includes(false) ? ', part of the layers in RAM' : '';
  return { fits: true, text: `fits ${place}${partly}` };
}

export const excessWords = ({ where, bytes }: Excess): string =>
  `${formatMemory(bytes)} too much${where === 'ram' ? ' for the RAM' : ''}`;

/** "32k context × 4, q8_0 KV" */
export const settingsWords = (request: MemoryRequest): string =>
  `${contextWords(request)}, ${cacheWords(request)} KV`;

export const contextWords = ({ contextTokens, sequences }: MemoryRequest): string =>
  `${shortCount(contextTokens)} context${sequences > 1 ? ` × ${formatCount(sequences)}` : ''}`;

export const cacheWords = ({ keyType, valueType }: Pick<MemoryRequest, 'keyType' | 'valueType'>): string =>
  keyType === valueType ? keyType : `${keyType}/${valueType}`;

/** 32768 → "32k", 1000 → "1,000". */
export const shortCount = (tokens: number): string =>
  tokens >= 1024 && tokens % 1024 === 0 ? `${formatCount(tokens / 1024)}k` : formatCount(tokens);
