// The numbers of the selected tensor: an estimate as soon as there is one, the exact ones when all rows were read.
import type { ModelView } from '../../../src/protocol/modelView.ts';
import type { TensorStatsView } from '../../../src/protocol/tensorStats.ts';
import type { InspectorState } from '../state.ts';
import { useAnswer, type Answer } from '../../shared/answer.ts';

export interface TensorNumbers {
  readonly answer: Answer<TensorStatsView | null>;
  /** Are they the last word, or is something still under way? */
  readonly isCurrent: boolean;
}

export function useTensorNumbers(state: InspectorState, name: string, model: ModelView): TensorNumbers {
  const causes = [name, model];
  // First, so that it stands before the exact numbers in the queue of the host; null for tensors that are read in no time.
  const estimate = useAnswer<TensorStatsView | null>(
    (signal) => (name === '' ? Promise.resolve(null) : state.link.ask.tensorEstimate({ name }, signal)),
    causes,
  );
  const exact = useAnswer<TensorStatsView | null>(
    (signal) => (name === '' ? Promise.resolve(null) : state.link.ask.tensorStats({ name }, signal)),
    causes,
  );
  // Without an estimate, what was shown stays until it takes too long. One that failed does not matter.
  const isUseful = estimate.isCurrent && estimate.answer.kind === 'here' && estimate.answer.value !== null;
  return exact.isCurrent || !isUseful ? exact : { answer: estimate.answer, isCurrent: false };
}
