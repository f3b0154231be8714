// The columns of the plan's table: what they are called, how wide they are, and which of them fit.
import type { ModelView } from '../../../src/protocol/modelView.ts';
import { columnUnit } from '../../shared/tensors/measures.ts';
import type { PlanColumnId } from '../state.ts';

export interface PlanColumn {
  readonly id: PlanColumnId;
  readonly title: string;
  /** What it holds, in words, for the tooltip of its head. */
  readonly help: string;
  readonly align: 'left' | 'right';
  /** A track of the grid. */
  readonly track: string;
  /** Steps back in tables of at most this many px; 0: never. */
  readonly dropAt: number;
}

const CLOSE = 660;
const NARROW = 700;
const MIDDLE = 860;

export interface ColumnChoice {
  /** Px of the table. */
  readonly width: number;
  /** There is a plan, or one is on its way. */
  readonly hasPlan: boolean;
  /** The plan is being carried out: how far it is takes the place of what is predicted of it. */
  readonly isWriting: boolean;
}

export function planColumns(
  model: ModelView,
  { width, hasPlan, isWriting }: ColumnChoice,
): readonly PlanColumn[] {
  const { unit } = columnUnit(Math.max(model.fileBytes, model.expectedBytes ?? 0));
  const bytes = unit === 'B' ? 'Bytes' : unit;
  const column = (
    id: PlanColumnId, title: string, help: string, align: PlanColumn['align'], track: string, dropAt = 0,
  ): PlanColumn => ({ id, title, help, align, track, dropAt }); // prettier-ignore
  if (!hasPlan)
    return [
      column('name', 'Tensor', NAME, 'left', 'minmax(180px, 2fr)'),
      column('from', 'Type', FROM, 'left', 'minmax(72px, 1fr)'),
      column('before', bytes, BEFORE, 'right', 'minmax(92px, 0.6fr)'),
    ];
  const isNarrow = width <= NARROW;
  const all = [
    column('name', 'Tensor', NAME, 'left', isNarrow ? 'minmax(150px, 1.4fr)' : 'minmax(170px, 0.8fr)'),
    column('from', 'From', FROM, 'left', '72px', CLOSE),
    column('to', 'To', 'How its weights would be encoded', 'left', isNarrow ? '88px' : '96px'),
    column('reason', 'Reason', 'Why it would get this type', 'left', 'minmax(70px, 1.4fr)'),
    ...(isWriting
      ? [column('state', 'State', 'Whether it is written', 'left', '104px')]
      : [
          column('sqnr', 'Est. SQNR, dB', SQNR, 'right', isNarrow ? '102px' : '108px'),
          column('error', 'Est. error, %', ERROR, 'right', '106px', MIDDLE),
        ]),
    column('before', `${bytes} before`, BEFORE, 'right', '104px', NARROW),
    column('after', `${bytes} after`, 'Size in the new file', 'right', isNarrow ? '86px' : '104px'),
  ];
  return all.filter(({ dropAt }) => width > dropAt);
}

const NAME = 'Name of the tensor';
const FROM = 'How its weights are encoded in the source';
const BEFORE = 'Size in the source';
const SQNR =
  'Signal to quantization noise, predicted by quantizing a sample of its rows: more is better, 6 dB halve the error';
const ERROR = 'Predicted error relative to the weights, √(Σe² / Σw²)';
