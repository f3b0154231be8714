// What a plan of a model is computed from, as the planner page gets it: once, and small.
import { visibleText } from '../../core/base/visibleText.ts';
import type { Model } from '../../core/formats/model.ts';
import { fineTuning } from '../../core/plan/fineTuning.ts';
import { mixesOf, weightBytes } from '../../core/plan/modelWeights.ts';
import { memoryShape, type NoShape } from '../../core/plan/shape.ts';
import type { ReadNumbers } from '../../core/plan/shapeKeys.ts';
import type { PlanBasis } from '../../protocol/planner.ts';
import { fileTypeName } from '../present/facts.ts';
import { totalsOf } from '../present/totals.ts';
import { isPacked } from './planModel.ts';

export function planBasis(model: Model, readNumbers: ReadNumbers): PlanBasis | NoShape {
  const shape = memoryShape(model, readNumbers);
  if ('unavailable' in shape) return { unavailable: visibleText(shape.unavailable) };
  const packed = isPacked(model);
  return {
    shape: {
      ...shape,
      architecture: visibleText(shape.architecture),
      notes: shape.notes.map((note) => visibleText(note)),
    },
    weights: weightBytes(model, shape),
    mixes: packed ? null : mixesOf(model, shape),
    fineTuning: packed ? null : fineTuning(model),
    bitsPerWeight: totalsOf(model).bitsPerWeight,
    typeName: visibleText(fileTypeName(model) ?? ''),
  };
}
