// A dry run as the page sees it: sums, and its rows as columns in the order of the source's table.
import { visibleText } from '../../core/base/visibleText.ts';
import { NOT_WRITTEN, type PlanColumns, type PlanView, type ReasonView } from '../../protocol/requantize.ts';
import { typeViews } from '../present/typeViews.ts';
import type { PlannedTensor, QuantizePlan } from '../quantize/plan.ts';
import type { SourceModel } from './sourceModels.ts';

/** Everything of the plan but what is asked anew each time: output, estimate, warnings. */
export type PlanFigures = Pick<
  PlanView,
  'types' | 'reasons' | 'before' | 'after' | 'tensorCount' | 'overrideCount' | 'roles'
>;

export interface PresentedPlan {
  readonly figures: PlanFigures;
  /** All rows. */
  readonly columns: PlanColumns;
}

/** Rows of one message: below 1 MiB by far. */
const PAGE_ROWS = 16_384;
/** More than any mix has; what a recipe of thousands of rules has beyond them shares the last. */
const MAX_REASONS = 4096;

/** @param chosen type by the name in the output: what was chosen tensor by tensor */
export function presentPlan(
  { order, totals }: Pick<SourceModel, 'order' | 'totals'>,
  plan: QuantizePlan,
  chosen: ReadonlyMap<string, string>,
): PresentedPlan {
  const count = order.rows.length;
  const columns = {
    first: 0,
    count,
    to: new Uint16Array(count).fill(NOT_WRITTEN),
    reason: new Uint16Array(count).fill(NOT_WRITTEN),
    bytesAfter: new Float64Array(count),
    turn: new Uint32Array(count),
  };
  const types = typeViews(
    plan.tensors.map(({ source, to, bytesAfter }) => ({ ...source, scheme: to, byteLength: bytesAfter })),
  );
  const typeIndex = new Map(types.map(({ name }, index) => [name, index]));
  const turnOf = new Map(plan.tensors.map(({ source }, index) => [source.name, index]));
  const reasons = new Map<string, { readonly index: number; readonly view: ReasonView }>();
  const roles = new Map<number, { role: number; weights: number; bytesBefore: number; bytesAfter: number }>();
  let overrideCount = 0;
  order.rows.forEach(({ tensor, role }, row) => {
    const turn = turnOf.get(tensor.name);
    const planned = plan.tensors[turn ?? -1];
    if (turn === undefined || planned === undefined) return; // of a layer that is left out
    const reason = reasonView(planned, chosen.has(planned.name));
    if (reason.kind === 'override' || reason.kind === 'rule') overrideCount += 1;
    const key = `${reason.kind}\n${reason.text}`;
    if (!reasons.has(key) && reasons.size < MAX_REASONS)
      reasons.set(key, { index: reasons.size, view: reason });
    columns.to[row] = typeIndex.get(planned.to.name) ?? NOT_WRITTEN;
    columns.reason[row] = reasons.get(key)?.index ?? reasons.size - 1;
    columns.bytesAfter[row] = planned.bytesAfter;
    columns.turn[row] = turn + 1;
    const sum = roles.get(role) ?? { role, weights: 0, bytesBefore: 0, bytesAfter: 0 };
    sum.weights += tensor.elementCount;
    sum.bytesBefore += planned.bytesBefore;
    sum.bytesAfter += planned.bytesAfter;
    roles.set(role, sum);
  });
  return {
    columns,
    figures: {
      types,
      reasons: [...reasons.values()].map(({ view }) => view),
      before: {
        fileBytes: totals.fileBytes,
        tensorBytes: totals.tensorBytes,
        weights: totals.parameterCount,
        bitsPerWeight: totals.bitsPerWeight ?? 0,
      },
      after: {
        fileBytes: plan.fileBytes,
        tensorBytes: plan.tensorBytes,
        weights: plan.tensors.reduce((sum, { source }) => sum + source.elementCount, 0),
        bitsPerWeight: plan.bitsPerWeight,
      },
      tensorCount: plan.tensors.length,
      overrideCount,
      roles: [...roles.values()].sort((a, b) => a.role - b.role),
    },
  };
}

export function planPage(columns: PlanColumns, first: number, maxRows = PAGE_ROWS): PlanColumns {
  const end = Math.min(columns.count, first + maxRows);
  return {
    first,
    count: Math.max(0, end - first),
    to: columns.to.slice(first, end),
    reason: columns.reason.slice(first, end),
    bytesAfter: columns.bytesAfter.slice(first, end),
    turn: columns.turn.slice(first, end),
  };
}

function reasonView({ why }: PlannedTensor, isChosen: boolean): ReasonView {
  const isOverride = isChosen && why.kind === 'asked';
  const text = isOverride ? 'Your override' : capital(why.text);
  if (why.but !== null) return { kind: 'fallback', text: `${text}, but ${visibleText(why.but)}` };
  if (isOverride) return { kind: 'override', text };
  return { kind: why.kind === 'asked' ? 'rule' : why.kind, text };
}

const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);
