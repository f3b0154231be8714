// Memory that training takes for weights, gradients and the optimizer. Activations come on top: they depend on the length of
// the texts and on what is computed again, and are not counted.
import type { Model } from '../formats/model.ts';
import { product, sum, type PlanFormula } from './formula.ts';
import { isMatrix } from './modelWeights.ts';

export interface FineTuning {
  /** All weights with Adam in mixed precision. */
  readonly full: TrainingBytes;
  /** QLoRA: frozen weights in NF4, adapters trained. */
  readonly qlora: TrainingBytes & { readonly rank: number; readonly adapterWeights: number };
}

export interface TrainingBytes {
  readonly bytes: number;
  readonly formula: PlanFormula;
}

/** Weight and gradient in 16 bits, a master copy and Adam's two moments in 32 (ZeRO, arXiv 1910.02054, section 3.1). */
const BYTES_PER_TRAINED_WEIGHT = 16;

/** NF4: 4 bits, a scale in 8 bits for each 64 weights, a scale in 32 bits for each 256 of those (QLoRA, arXiv 2305.14314). */
export const NF4_BITS = 4 + 8 / 64 + 32 / (64 * 256);

export const DEFAULT_RANK = 16;

/** @param rank of the adapters on every matrix of the layers */
export function fineTuning(model: Model, rank = DEFAULT_RANK): FineTuning {
  let weights = 0;
  let frozen = 0;
  let adapters = 0;
  for (const tensor of model.tensors) {
    if (tensor.state === 'invalid') continue;
    weights += tensor.elementCount;
    if (!isMatrix(tensor) || tensor.place.layer === null || tensor.place.part !== 'weight') continue;
    frozen += tensor.elementCount;
    // Two narrow matrices beside each one: rank × (in + out). A stack of experts has one pair an expert.
    const [first = 1, second = 1, ...experts] = dimensionsOf(model, tensor.shape);
    adapters += rank * (first + second) * experts.reduce((count, dimension) => count * dimension, 1);
  }
  const others = weights - frozen;
  return {
    full: {
      bytes: weights * BYTES_PER_TRAINED_WEIGHT,
      formula: product(
        [weights, 'weights'],
        [
          BYTES_PER_TRAINED_WEIGHT,
          'bytes: weight and gradient in 16 bits, master copy and two moments in 32',
        ],
      ),
    },
    qlora: {
      rank,
      adapterWeights: adapters,
      bytes: (frozen * NF4_BITS) / 8 + others * 2 + adapters * BYTES_PER_TRAINED_WEIGHT,
      formula: sum([
        product(
          [frozen, 'weights of the layers'],
          [`${NF4_BITS.toFixed(3)} / 8`, 'bytes of a weight in NF4, its scales quantized too'],
        ),
        product([others, 'weights that stay in 16 bits'], [2, 'bytes']),
        product(
          [adapters, `weights of adapters of rank ${rank}`],
          [BYTES_PER_TRAINED_WEIGHT, 'bytes with Adam'],
        ),
      ]),
    },
  };
}

/** Row length and rows first, whichever way the container writes it. */
const dimensionsOf = ({ container }: Model, shape: readonly number[]): readonly number[] =>
  container === 'gguf' ? shape : [...shape].reverse();
