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

const NARROW = 700;
const MIDDLE = 860;

/** @param isWriting the plan is being carried out: how far it is takes the place of what is predicted of it */
export function planColumns(model: ModelView, width: number, isWriting: boolean): readonly PlanColumn[] {
  const { unit } = columnUnit(Math.max(model.fileBytes, model.expectedBytes ?? 0));
  const bytes = unit === 'B' ? 'Bytes' : unit;
  const column = (
    id: PlanColumnId, title: string, help: string, align: PlanColumn['align'], track: string, dropAt = 0,
  ): PlanColumn => ({ id, title, help, align, track, dropAt }); // prettier-ignore
  const isNarrow = width <= NARROW;
  const all = [
    column(
      'name',
      'Tensor',
      'Name of the tensor',
      'left',
      isNarrow ? 'minmax(130px, 1.2fr)' : 'minmax(170px, 0.8fr)',
    ),
    column('from', 'From', 'How its weights are encoded in the source', 'left', isNarrow ? '60px' : '72px'),
    column('to', 'To', 'How its weights would be encoded', 'left', isNarrow ? '86px' : '96px'),
    column('reason', 'Reason', 'Why it would get this type', 'left', 'minmax(80px, 1.4fr)'),
    ...(isWriting
      ? [column('state', 'State', 'Whether it is written', 'left', '104px')]
      : [
          column('sqnr', 'Est. SQNR, dB', SQNR, 'right', '108px'),
          column('error', 'Est. error, %', ERROR, 'right', '106px', MIDDLE),
        ]),
    column('before', `${bytes} before`, 'Size in the source', 'right', '104px', NARROW),
    column('after', `${bytes} after`, 'Size in the new file', 'right', isNarrow ? '86px' : '104px'),
  ];
  return all.filter(({ dropAt }) => width > dropAt);
}

const SQNR =
  'Signal to quantization noise, predicted by quantizing a sample of its rows: more is better, 6 dB halve the error';
const ERROR = 'Predicted error relative to the weights, √(Σe² / Σw²)';
