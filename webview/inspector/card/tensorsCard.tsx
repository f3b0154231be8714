// The card of several tensors, of a layer or of one cell of the map: how many of which type, and their sums.
import { formatBits, formatBytes, formatCount, formatPercent, plural } from '../../../src/core/base/units.ts';
import type { ModelView } from '../../../src/protocol/modelView.ts';
import type { Rows } from '../../shared/tensors/rows.ts';
import type { Stats } from '../stats.ts';
import { measuresOf } from '../../shared/tensors/measures.ts';
import { shareBeyond3, type StatSum } from '../table/statSums.ts';
import { TypeSwatch } from '../../shared/tensors/typeMark.tsx';
import { Keys, TitleLine } from './cardParts.tsx';

interface Props {
  readonly model: ModelView;
  readonly rows: Rows;
  readonly stats: Stats | null;
  readonly title: string;
  readonly members: readonly number[];
}

interface Sum {
  readonly type: number;
  count: number;
  bytes: number;
  weights: number;
}

export function TensorsCard({ model, rows, stats, title, members }: Props) {
  const { wholeBytes } = measuresOf(model, rows);
  const sums = sumsByType(rows, members);
  const all = sums.reduce(
    (total, { bytes, weights }) => ({ bytes: total.bytes + bytes, weights: total.weights + weights }),
    { bytes: 0, weights: 0 },
  );
  const known = sums.every(({ type }) => model.types[type]?.bitsPerWeight !== null);
  return (
    <>
      <TitleLine left={title} right={plural(members.length, 'tensor')} />
      <table class="sums">
        <thead>
          <tr>
            <th>Type</th>
            <th>Tensors</th>
            <th>Weights</th>
            <th>Size</th>
            <th>% of file</th>
            <th>Bits/weight</th>
          </tr>
        </thead>
        <tbody>
          {sums.map(({ type, count, bytes, weights }) => {
            const view = model.types[type];
            return (
              <tr key={type}>
                <th scope="row">
                  {view !== undefined && <TypeSwatch type={view} />}
                  {view?.name}
                </th>
                <td>{formatCount(count)}</td>
                <td>{formatCount(weights)}</td>
                <td>{Number.isNaN(bytes) ? '–' : formatBytes(bytes)}</td>
                <td>{Number.isNaN(bytes) ? '–' : formatPercent(bytes / wholeBytes)}</td>
                <td>
                  {formatBits(
                    view === undefined || view.bitsPerWeight === null ? null : (bytes * 8) / weights,
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
        {sums.length > 1 && (
          <tfoot>
            <tr>
              <th scope="row">all</th>
              <td>{formatCount(members.length)}</td>
              <td>{formatCount(all.weights)}</td>
              <td>{Number.isNaN(all.bytes) ? '–' : formatBytes(all.bytes)}</td>
              <td>{Number.isNaN(all.bytes) ? '–' : formatPercent(all.bytes / wholeBytes)}</td>
              <td>{formatBits(known ? (all.bytes * 8) / all.weights : null)}</td>
            </tr>
          </tfoot>
        )}
      </table>
      {stats !== null && <OutlierLine sum={shareBeyond3(rows, stats, members)} />}
      <Keys />
    </>
  );
}

function OutlierLine({ sum }: { readonly sum: StatSum }) {
  if (Number.isNaN(sum.value)) return null;
  return (
    <p class="outlier-line">
      {sum.known === 'estimate' && '≈'}
      {formatPercent(sum.value)} % of the weights beyond 3σ of their tensor{' '}
      <span class="muted">(normal distribution: 0.27 %)</span>
    </p>
  );
}

/** By type, most bytes first. */
function sumsByType(rows: Rows, members: readonly number[]): Sum[] {
  const sums = new Map<number, Sum>();
  for (const row of members) {
    const type = rows.type[row] ?? 0;
    const sum = sums.get(type) ?? { type, count: 0, bytes: 0, weights: 0 };
    sum.count += 1;
    sum.bytes += rows.bytes[row] ?? NaN;
    sum.weights += rows.weights[row] ?? 0;
    sums.set(type, sum);
  }
  return [...sums.values()].sort((a, b) => b.bytes - a.bytes);
}
