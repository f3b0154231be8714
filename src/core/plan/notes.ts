// What should be said of a plan besides its numbers.
import { formatCount, formatMemory } from '../base/units.ts';
import type { MemoryRequest } from './memoryPlan.ts';
import type { MemoryShape } from './shape.ts';
import type { WeightBytes } from './weights.ts';

/** Sentences. They may quote the model: a stranger's text. */
export function notesOf(
  shape: MemoryShape,
  weights: WeightBytes,
  { contextTokens }: Pick<MemoryRequest, 'contextTokens'>,
): string[] {
  const notes = [...shape.notes];
  if (weights.drafting > 0)
    notes.push(
      `${formatMemory(weights.drafting)} of layers that only draft tokens (MTP) are not loaded unless a run drafts with them; they are not counted.`,
    );
  if (weights.unknownTensors > 0)
    notes.push(
      `The size of ${formatCount(weights.unknownTensors)} of the tensors is not known; they are not counted.`,
    );
  if (shape.contextTrained !== null && contextTokens > shape.contextTrained)
    notes.push(
      `The model was trained for ${formatCount(shape.contextTrained)} tokens, fewer than this context.`,
    );
  return notes;
}
