// The columns of the plan's table: what they are called, how much room they need, and which of them fit.
import type { ModelView } from '../../../src/protocol/modelView.ts';
import { columnUnit } from '../../shared/tensors/measures.ts';
import type { PlanColumnId } from '../state.ts';

export interface PlanColumn {
  readonly id: PlanColumnId;
  readonly title: string;
  /** What it holds, in words, for the tooltip of its head. */
  readonly help: string;
  readonly align: 'left' | 'right';
  /** Px that it needs. */
  readonly least: number;
  /** Its share of what is left over; 0: it needs no more. */
  readonly share: number;
}

export interface ColumnChoice {
  /** Px of the table. */
  readonly width: number;
  /** There is a plan, or one is on its way. */
  readonly hasPlan: boolean;
  /** The plan is being carried out: how far it is takes the place of what is predicted of it. */
  readonly isWriting: boolean;
  /** Names of the types that are planned. */
  readonly plannedTypes: readonly string[];
}

/** "As most tensors of Q4_K_M": the reason of most. */
const REASON_PX = 208;
/** What gives way to the reason, first to last: what another column tells as well, and what most tensors have in common. */
const GIVING_WAY: readonly PlanColumnId[] = ['before', 'error', 'from'];

export function planColumns(
  model: ModelView,
  { width, hasPlan, isWriting, plannedTypes }: ColumnChoice,
): readonly PlanColumn[] {
  const { unit } = columnUnit(Math.max(model.fileBytes, model.expectedBytes ?? 0));
  const bytes = unit === 'B' ? 'Bytes' : unit;
  const column = (
    id: PlanColumnId, title: string, help: string, align: PlanColumn['align'], least: number, share = 0,
  ): PlanColumn => ({ id, title, help, align, least, share }); // prettier-ignore
  if (!hasPlan)
    return [
      column('name', 'Tensor', NAME, 'left', 180, 2),
      column('from', 'Type', FROM, 'left', 72, 1),
      column('before', bytes, BEFORE, 'right', 92, 0.6),
    ];
  const fromPx = Math.max(60, typePx(model.types.map(({ name }) => name)));
  const toPx = Math.max(84, SWATCH_PX + typePx(plannedTypes)); // of a group it says "16.01 bpw"
  let columns = [
    column('name', 'Tensor', NAME, 'left', 166, 0.8),
    column('from', 'From', FROM, 'left', fromPx),
    column('to', 'To', 'How its weights would be encoded', 'left', toPx),
    column('reason', 'Reason', 'Why it would get this type', 'left', REASON_PX, 1.4),
    ...(isWriting
      ? [column('state', 'State', 'Whether it is written', 'left', 104)]
      : [
          column('sqnr', 'Est. SQNR, dB', SQNR, 'right', 104),
          column('error', 'Est. error, %', ERROR, 'right', 102),
        ]),
    column('before', `${bytes} before`, BEFORE, 'right', 96),
    column('after', `${bytes} after`, 'Size in the new file', 'right', 96),
  ];
  for (const given of GIVING_WAY) {
    if (columns.reduce((sum, { least }) => sum + least, 0) <= width) break;
    columns = columns.filter(({ id }) => id !== given);
  }
  return columns;
}

/** Columns as tracks of a grid. Where the room is not enough for all, the reason is cut: its whole is said on hover. */
export const tracksOf = (columns: readonly PlanColumn[]): string =>
  columns
    .map(({ id, least, share }) =>
      share === 0 ? `${least}px` : `minmax(${id === 'reason' ? 70 : least}px, ${share}fr)`,
    )
    .join(' ');

/** A sign of a widest usual font, the room around a text, and the swatch before it. */
const [SIGN_PX, PADDING_PX, SWATCH_PX] = [9, 16, 14];
/** Types that nobody knows have names as long as their file likes. */
const MAX_SIGNS = 8;
const typePx = (names: readonly string[]): number =>
  PADDING_PX + SIGN_PX * Math.min(MAX_SIGNS, Math.max(0, ...names.map(({ length }) => length)));

const NAME = 'Name of the tensor';
const FROM = 'How its weights are encoded in the source';
const BEFORE = 'Size in the source';
const SQNR =
  'Signal to quantization noise, predicted by quantizing a sample of its rows: more is better, 6 dB halve the error';
const ERROR = 'Predicted error relative to the weights, √(Σe² / Σw²)';
