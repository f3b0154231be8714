// What the filter of the plan can ask besides what stands in every header. `type`, `bpw` and `size` are those that are planned.
import type { ModelView } from '../../../src/protocol/modelView.ts';
import { ERROR_KINDS, NOT_WRITTEN } from '../../../src/protocol/requantize.ts';
import { oneDecimal, TENSOR_KEYS, type FilterKeys } from '../../shared/filter/filterLanguage.ts';
import type { OwnColumns } from '../../shared/filter/filterRows.ts';
import type { Rows } from '../../shared/tensors/rows.ts';
import type { Errors } from '../errors.ts';
import { BY_RULE, type Overrides } from '../overrides.ts';
import type { WholePlan } from '../planned.ts';

export const PLAN_KEYS = {
  from: { kind: 'text', example: 'from:f16', help: 'type in the source' },
  reason: { kind: 'text', example: 'reason:norms', help: 'part of the reason' },
  why: { kind: 'text', example: 'why:override', help: 'override, rule, mix, fallback or kept' },
  before: {
    kind: 'number',
    units: TENSOR_KEYS.size.units,
    example: 'before>10MB',
    help: 'bytes in the source, with a unit',
  },
  sqnr: {
    kind: 'number',
    units: { db: 1 },
    tolerance: oneDecimal,
    example: 'sqnr<20',
    help: 'predicted SQNR in dB',
  },
  error: {
    kind: 'number',
    units: { '%': 1 },
    example: 'error>5',
    help: 'predicted relative error in percent',
  },
} as const satisfies FilterKeys;

export const ALL_KEYS: FilterKeys = { ...TENSOR_KEYS, ...PLAN_KEYS };

export interface PlanFilterSource {
  readonly model: ModelView;
  readonly rows: Rows;
  readonly plan: WholePlan;
  readonly overrides: Overrides;
  readonly errors: Errors | null;
}

/** A new object for everything that changed: what terms found is remembered with it. */
export function planColumnsOf({ model, rows, plan, overrides, errors }: PlanFilterSource): OwnColumns {
  const { columns, view } = plan;
  const lower = (texts: readonly string[]): string[] => texts.map((text) => text.toLowerCase());
  return {
    numbers(key) {
      switch (key as keyof typeof PLAN_KEYS) {
        case 'before':
          return rows.bytes;
        case 'sqnr':
          return known(errors, errors?.sqnr);
        case 'error':
          return known(errors, errors?.relativeRmse).map((share) => share * 100);
        default:
          return new Float64Array(0);
      }
    },
    texts(key) {
      if (key === 'from')
        return { column: rows.type, texts: lower(model.types.map(({ name }) => name)), byPrefix: true };
      if (key === 'reason')
        return {
          column: columns.reason,
          texts: lower(view.reasons.map(({ text }) => text)),
          byPrefix: false,
        };
      const kinds = [...view.reasons.map(({ kind }): string => kind), 'override', 'left out'];
      const column = columns.reason.map((reason, row) => {
        if ((overrides[row] ?? BY_RULE) !== BY_RULE && view.reasons[reason]?.kind !== 'fallback')
          return kinds.length - 2;
        return reason === NOT_WRITTEN ? kinds.length - 1 : reason;
      });
      return { column, texts: kinds, byPrefix: true };
    },
  };
}

/** Infinity of what stays as it is stands for no number to compare with; it is above all. */
function known(errors: Errors | null, values: Float64Array | undefined): Float64Array {
  if (errors === null || values === undefined) return new Float64Array(0);
  return values.map((value, row) =>
    ERROR_KINDS[(errors.kind[row] ?? 0) - 1] === 'unavailable' ? NaN : value,
  );
}
