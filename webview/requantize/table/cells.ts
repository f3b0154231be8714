// What stands in the cells of the plan's table, as text: for the screen, for copies, for the hover card.
import { NO_WHY, type ReasonView } from '../../../src/protocol/requantize.ts';
import { columnUnit, formatInUnit } from '../../shared/tensors/measures.ts';
import { kindOf, relativeText, sqnrText } from '../errors.ts';
import { BY_RULE } from '../overrides.ts';
import type { PlanColumnId, RequantizeState } from '../state.ts';

/** While something is not known yet. */
const PENDING = '…';

export function cellText(state: RequantizeState, row: number, column: PlanColumnId): string {
  const model = state.model.value;
  const rows = state.rows.value;
  const errors = state.errors.value;
  const unit = columnUnit(Math.max(model?.fileBytes ?? 0, model?.expectedBytes ?? 0));
  switch (column) {
    case 'name':
      return rows.names[row] ?? '';
    case 'from':
      return model?.types[rows.type[row] ?? 0]?.name ?? '';
    case 'to': {
      const planned = state.planned.value;
      return planned === null
        ? waitingText(state)
        : (planned.model.types[planned.rows.type[row] ?? 0]?.name ?? '');
    }
    case 'reason':
      return reasonText(state, row);
    case 'sqnr':
      if (isLeftOut(state, row)) return '';
      return sqnrText(kindOf(errors, row), errors?.sqnr[row] ?? NaN, pendingText(state));
    case 'error':
      if (isLeftOut(state, row)) return '';
      return relativeText(kindOf(errors, row), errors?.relativeRmse[row] ?? NaN, pendingText(state));
    case 'before':
      return formatInUnit(rows.bytes[row] ?? NaN, unit);
    case 'after': {
      const bytes = state.planned.value?.rows.bytes[row];
      if (isLeftOut(state, row)) return '–';
      return bytes === undefined ? waitingText(state) : formatInUnit(bytes, unit);
    }
    case 'state':
      return stateText(state, row);
  }
}

const waitingText = ({ isPlanning }: RequantizeState): string => (isPlanning.value ? PENDING : '–');

/** What is not known when the prediction is over never will be. */
function pendingText({ errors, isPlanning, plan }: RequantizeState): string {
  if (plan.value === null) return isPlanning.value ? PENDING : '–';
  return errors.value === null || errors.value.state === 'running' ? PENDING : '–';
}

export const isLeftOut = ({ plan }: RequantizeState, row: number): boolean =>
  plan.value !== null && plan.value.columns.turn[row] === 0;

export const isWaiting = ({ planned }: RequantizeState, row: number): boolean =>
  planned.value?.waiting[row] === 1;

export function reasonOf({ plan }: RequantizeState, row: number): ReasonView | null {
  return plan.value?.view.reasons[plan.value.columns.reason[row] ?? -1] ?? null;
}

export function reasonText(state: RequantizeState, row: number): string {
  if (isLeftOut(state, row)) return 'Its layer is left out';
  if (isWaiting(state, row))
    return (state.draft.value.overrides[row] ?? BY_RULE) === BY_RULE ? 'By rule …' : 'Your override';
  return reasonOf(state, row)?.text ?? (state.isPlanning.value ? PENDING : '');
}

/** Why nothing is predicted of a row; '' where something is. */
export function whyText({ errors }: RequantizeState, row: number): string {
  const why = errors.value?.why[row] ?? NO_WHY;
  return errors.value?.whys[why] ?? '';
}

function stateText(state: RequantizeState, row: number): '' | 'written' | 'writing…' | 'waiting' {
  const turn = state.turn.value;
  const own = state.plan.value?.columns.turn[row] ?? 0;
  if (turn === null || own === 0) return '';
  return own < turn ? 'written' : own === turn ? 'writing…' : 'waiting';
}

/** Spreadsheets run a cell that begins like a formula, and names are a stranger's. */
const notFormula = (text: string): string => (/^[=+\-@]/.test(text) ? `'${text}` : text);
const plain = (value: number | undefined): string =>
  value === undefined || !Number.isFinite(value) ? '' : String(Number(value.toPrecision(6)));

/** Numbers are plain: bytes exact, no units, no separators. */
export function rowAsTsv(state: RequantizeState, row: number): string {
  const errors = state.errors.peek();
  const texts = (['name', 'from', 'to', 'reason'] as const).map((column) =>
    notFormula(cellText(state, row, column)),
  );
  const bytes = [state.rows.peek().bytes[row], state.planned.peek()?.rows.bytes[row]];
  return [
    ...texts,
    plain(errors?.sqnr[row]),
    plain(errors?.relativeRmse[row]),
    ...bytes.map((value) => (value === undefined || Number.isNaN(value) ? '' : String(Math.round(value)))),
  ].join('\t');
}
