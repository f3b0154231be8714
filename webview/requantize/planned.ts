// The model as it is planned: the source's rows with other types and bytes, so that map, filter and table read it like any model.
import type { ModelView, TypeView } from '../../src/protocol/modelView.ts';
import {
  NOT_WRITTEN,
  type PlanColumns,
  type PlanView,
  type TensorTypeView,
} from '../../src/protocol/requantize.ts';
import { inOutDims } from '../shared/tensors/shape.ts';
import type { Rows } from '../shared/tensors/rows.ts';
import { BY_RULE, type Overrides } from './overrides.ts';

/** A plan with all of its rows. */
export interface WholePlan {
  readonly view: PlanView;
  readonly columns: PlanColumns;
  /** What it was made of. */
  readonly overrides: Overrides;
}

export interface Planned {
  readonly model: ModelView;
  readonly rows: Rows;
  /** By row: 1 where what is shown was not decided by llama.cpp yet. */
  readonly waiting: Uint8Array;
  readonly isWaiting: boolean;
}

/** Index of 'missing' in TENSOR_STATES: a tensor that is left out is drawn as one that is not there. */
const LEFT_OUT = 2;

/**
 * @param overrides as they are now: a type that was chosen is shown before llama.cpp has answered
 */
export function plannedOf(
  model: ModelView,
  rows: Rows,
  plan: WholePlan,
  overrides: Overrides,
  tensorTypes: readonly TensorTypeView[],
): Planned {
  const { view, columns } = plan;
  const types = [...view.types, LEFT_OUT_TYPE];
  const type = new Uint16Array(rows.count);
  const bytes = new Float64Array(rows.count);
  const state = new Uint8Array(rows.count);
  const waiting = new Uint8Array(rows.count);
  const weights = rows.weights.slice();
  let isWaiting = false;
  for (let row = 0; row < rows.count; row++) {
    const to = columns.to[row] ?? NOT_WRITTEN;
    if (to === NOT_WRITTEN) {
      type[row] = view.types.length;
      state[row] = LEFT_OUT;
      weights[row] = 0;
      continue;
    }
    type[row] = to;
    bytes[row] = columns.bytesAfter[row] ?? NaN;
    const wanted = overrides[row] ?? BY_RULE;
    if (wanted === (plan.overrides[row] ?? BY_RULE)) continue;
    waiting[row] = 1;
    isWaiting = true;
    const chosen = tensorTypes[wanted - 1];
    if (chosen === undefined || !fits(model, rows, row, chosen)) continue;
    type[row] = indexOf(types, chosen);
    bytes[row] = ((rows.weights[row] ?? NaN) * chosen.bitsPerWeight) / 8;
  }
  return {
    model: {
      ...model,
      types,
      fileBytes: view.after.fileBytes,
      expectedBytes: null,
      tensorBytes: view.after.tensorBytes,
      bitsPerWeight: view.after.bitsPerWeight,
    },
    rows: { ...rows, type, bytes, state, weights },
    waiting,
    isWaiting,
  };
}

const fits = (model: ModelView, rows: Rows, row: number, { blockWeights }: TensorTypeView): boolean =>
  (inOutDims(model, rows, row)[0] ?? 1) % blockWeights === 0;

function indexOf(types: TypeView[], { name, bitsPerWeight }: TensorTypeView): number {
  const known = types.findIndex((type) => type.name === name);
  return known >= 0 ? known : types.push({ ...LEFT_OUT_TYPE, name, bitsPerWeight }) - 1;
}

const LEFT_OUT_TYPE: TypeView = {
  ...{ name: 'left out', bitsPerWeight: 0, tensorCount: 0, bytes: 0, weights: 0 },
  ...{ block: null, formula: [], costs: [], isPacked: false, summary: '', cost: '', source: '' },
};

/** All pages of a plan as one. */
export function joinColumns(pages: readonly PlanColumns[]): PlanColumns {
  const [only] = pages;
  if (only !== undefined && pages.length === 1) return only;
  const count = pages.reduce((sum, page) => sum + page.count, 0);
  const joined = {
    first: 0,
    count,
    to: new Uint16Array(count),
    reason: new Uint16Array(count),
    bytesAfter: new Float64Array(count),
    turn: new Uint32Array(count),
  };
  for (const page of pages) {
    joined.to.set(page.to, page.first);
    joined.reason.set(page.reason, page.first);
    joined.bytesAfter.set(page.bytesAfter, page.first);
    joined.turn.set(page.turn, page.first);
  }
  return joined;
}
