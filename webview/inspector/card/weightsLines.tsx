// What the analysis found in the weights of a tensor, in two lines; nothing before it has looked at them.
import { statsKnown } from '../stats.ts';
import {
  PENDING,
  statText,
  statValue,
  UNKNOWN,
  type Analyzed,
  type StatColumn,
} from '../table/statColumns.ts';

interface Props {
  readonly analyzed: Analyzed;
  readonly row: number;
}

export function WeightsLines({ analyzed, row }: Props) {
  const { stats } = analyzed;
  const known = statsKnown(stats, row);
  if (stats === null || known === 'none' || known === 'unavailable') return null;
  const text = (column: StatColumn): string => statText(analyzed, row, column);
  const isKnown = (column: StatColumn): boolean => text(column) !== UNKNOWN && text(column) !== PENDING;
  const codes = [
    isKnown('entropy') ? `entropy ${text('entropy')} bits` : '',
    isKnown('scaleRange') ? `scales within a factor of ${factorOf(statValue(stats, row, 'scaleRange'))}` : '',
  ].filter((part) => part !== '');
  return (
    <dl class={known === 'estimate' ? 'pairs weights-lines estimate' : 'pairs weights-lines'}>
      <dt>Spread</dt>
      <dd>
        std {text('std')}, absmax {orPending(text('absMax'))}
        {isKnown('absMaxStd') && ` (${text('absMaxStd')} × std)`}, kurtosis {text('kurtosis')}
      </dd>
      <dt>Beyond 3σ</dt>
      <dd>
        {text('beyond3')} % <span class="muted">(normal distribution: 0.27 %)</span>
      </dd>
      {codes.length > 0 && (
        <>
          <dt>Codes</dt>
          <dd>{codes.join('; ')}</dd>
        </>
      )}
    </dl>
  );
}

const orPending = (text: string): string => (text === PENDING ? 'pending' : text);

/** 2 to the power of the range, to two digits: 4.2 → "18". */
const factorOf = (range: number): string => {
  const factor = Number((2 ** range).toPrecision(2));
  return Number.isFinite(factor) && factor < 1e6 ? factor.toLocaleString('en-US') : `2^${range.toFixed(1)}`;
};
