// The types that a model, and single tensors of it, can become, as the plan page lists them.
import { bitsPerWeight } from '../../core/quant/scheme.ts';
import type { TargetView, TensorTypeView } from '../../protocol/requantize.ts';
import { NEEDY } from '../quantize/importance.ts';
import { QUANTIZE_TARGETS, TENSOR_SCHEMES } from '../quantize/targets.ts';

export const targetViews = (parameterCount: number): TargetView[] =>
  QUANTIZE_TARGETS.map(({ name, bitsPerWeight: bits, imatrix, about, scheme }) => ({
    ...{ name, bitsPerWeight: bits, imatrix, about },
    tensorType: scheme.name,
    isFloat: scheme.kind === 'float',
    approximateBytes: (parameterCount * bits) / 8,
  }));

export const tensorTypeViews = (): TensorTypeView[] =>
  TENSOR_SCHEMES.map((scheme) => ({
    name: scheme.name,
    bitsPerWeight: bitsPerWeight(scheme) ?? 0,
    blockWeights: scheme.blockWeights,
    needsImatrix: NEEDY.includes(scheme.name),
  })).sort((a, b) => b.bitsPerWeight - a.bitsPerWeight || (a.name < b.name ? -1 : 1));
