// A prediction from what is known: of every tensor, of roles, of the model, of time and memory.
import { formatCount, plural } from '../../core/base/units.ts';
import { visibleText } from '../../core/base/visibleText.ts';
import type { ErrorSums } from './errorEngine.ts';
import type { ErrorMemory } from './errorMemory.ts';
import { type ErrorQuestion, questionsOf, refusalsOf } from './errorQuestions.ts';
import type { PlannedTensor } from './plan.ts';
import type { Prediction, PredictRequest, TensorPrediction } from './predict.ts';
import { predictedError, roleSums, sumOf } from './predictedError.ts';
import { predictedCost } from './quantizeCost.ts';

export function predictionOf(request: PredictRequest, memory: ErrorMemory): Prediction {
  const questions = questionsOf(request);
  const tensors = new Map<string, TensorPrediction>();
  for (const { name, from, to } of request.tensors) if (from === to) tensors.set(name, { kind: 'kept' });
  for (const [{ name }, why] of refusalsOf(request)) tensors.set(name, { kind: 'refused', why });
  const measured = questions.map((question) => {
    const { key, tensor } = question;
    const sums = memory.sums(key);
    if (sums !== undefined) tensors.set(tensor.name, predictionOfTensor(question, sums));
    return { tensor, sums: sums ?? null };
  });
  return {
    tensors,
    isComplete: questions.every(({ key }) => memory.sums(key) !== undefined),
    whole: sumOf(measured),
    roles: roleSums(measured),
    cost: predictedCost(request, questions, memory),
    notes: notesOf(request.tensors),
  };
}

/** @param sums null: a weight is no finite number */
export function predictionOfTensor({ tensor }: ErrorQuestion, sums: ErrorSums | null): TensorPrediction {
  const { name, from, to, source } = tensor;
  if (sums === null)
    return {
      kind: 'refused',
      why: `${visibleText(name)} has a weight that is no finite number${from === to ? '' : `, as ${from.name} or as ${to.name}`}: llama.cpp will refuse it.`,
    };
  return from === to
    ? { kind: 'kept' }
    : { kind: 'changed', error: predictedError(sums, source.elementCount) };
}

/** What re-quantizing costs cannot be seen in these errors alone. */
function notesOf(tensors: readonly PlannedTensor[]): string[] {
  const again = tensors.filter(({ from, to }) => from !== to && from.kind !== 'float');
  const types = [...new Set(again.map(({ from }) => from.name))];
  if (again.length === 0) return [];
  return [
    `${formatCount(again.length)} of ${plural(tensors.length, 'tensor')} ${again.length === 1 ? 'is' : 'are'} quantized already ` +
      `(${types.join(', ')}): these errors are relative to the weights as they are stored now, and come on top of those that are in them.`,
  ];
}
