// What is to be measured for a plan: a question for every tensor that ggml can read, by a key that stays the same as long as its
// answer does.
import { formatCount } from '../../core/base/units.ts';
import { visibleText } from '../../core/base/visibleText.ts';
import type { ImportanceRange } from '../../protocol/quantize.ts';
import { SAMPLE_WEIGHTS } from './errorSample.ts';
import { needsImportance } from './importance.ts';
import type { PlannedTensor } from './plan.ts';
import type { PredictRequest } from './predict.ts';
import { TENSOR_SCHEMES } from './targets.ts';

/** Tensors that stay as they are are measured too: their weights count in sums. */
export interface ErrorQuestion {
  readonly tensor: PlannedTensor;
  readonly importance: ImportanceRange | null;
  /** Of file, tensor, type, importance matrix and size of the sample. */
  readonly key: string;
}

export function questionsOf(request: PredictRequest): ErrorQuestion[] {
  const { tensors, identity, importance, sampleWeights } = request;
  const rangeOf = importanceFinder(request);
  return tensors.flatMap((tensor) => {
    const range = tensor.from === tensor.to ? null : rangeOf(tensor);
    if (!TENSOR_SCHEMES.includes(tensor.from) || refusal(request, tensor, range) !== null) return [];
    const source = range === null ? '' : (importance?.identity ?? '');
    const limit = sampleWeights ?? SAMPLE_WEIGHTS;
    return [
      {
        tensor,
        importance: range,
        key: [identity, tensor.source.name, tensor.to.name, source, limit].join('\n'),
      },
    ];
  });
}

/** Tensors that cannot be tried, with a sentence each. */
export function refusalsOf(request: PredictRequest): (readonly [tensor: PlannedTensor, why: string])[] {
  const rangeOf = importanceFinder(request);
  return request.tensors.flatMap((tensor) => {
    const why = refusal(request, tensor, rangeOf(tensor));
    return why === null ? [] : [[tensor, why] as const];
  });
}

/** As llama.cpp finds it: by the name in the source, and only where it has a value for every column. */
function importanceFinder({ importance }: PredictRequest): (tensor: PlannedTensor) => ImportanceRange | null {
  const ranges = new Map(importance?.source.ranges.map((range) => [range.name, range]));
  return ({ source }) => {
    const range = ranges.get(source.name);
    const [rowLength = 1, , matrices = 1] = source.shape;
    return range?.rowLength === rowLength && range.counts.length === matrices ? range : null;
  };
}

/** ggml ends its process when it is to make them without (ggml_quantize_requires_imatrix), whatever llama.cpp thinks. */
const IMPOSSIBLE: readonly string[] = ['IQ2_XXS', 'IQ2_XS', 'IQ1_S'];
/** A row is worked on as a whole: with this many weights it takes 200 MB. */
const MAX_ROW_WEIGHTS = 2 ** 24;

function refusal(
  { target, importance }: PredictRequest,
  tensor: PlannedTensor,
  range: ImportanceRange | null,
): string | null {
  const { from, to, name, source } = tensor;
  if ((source.shape[0] ?? 1) > MAX_ROW_WEIGHTS)
    return `The rows of ${visibleText(name)} have ${formatCount(source.shape[0] ?? 1)} weights: too many to try one.`;
  if (from === to || range !== null) return null;
  if (!IMPOSSIBLE.includes(to.name) && !needsImportance(tensor, target)) return null;
  return importance === null
    ? `${to.name} needs an importance matrix: what it makes of ${visibleText(name)} cannot be told without.`
    : `${to.name} needs an importance matrix, and this one knows nothing of ${visibleText(source.name)}.`;
}
