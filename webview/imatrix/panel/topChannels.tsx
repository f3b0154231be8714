// The strongest channels of a tensor as a table.
import { formatCount, formatPercent } from '../../../src/core/base/units.ts';
import type { TopChannel } from '../../../src/protocol/imatrixView.ts';
import { formatNumber } from '../../shared/charts/numbers.ts';
import { OUTLIER_MEDIANS } from '../../shared/charts/profilePlot.ts';

interface Props {
  readonly top: readonly TopChannel[];
  readonly isExpert: boolean;
}

export function TopChannels({ top, isExpert }: Props) {
  const together = top.reduce((sum, { share }) => sum + share, 0);
  return (
    <section class="chart" aria-label="Strongest channels">
      <div class="chart-title">
        <h3>Strongest channels</h3>
        <span class="finding">
          {formatCount(top.length)} with {formatPercent(together)} % of Σ(Act²)
          {isExpert ? ' of this expert' : ''}
        </span>
      </div>
      <table class="top-channels" aria-label="Strongest channels">
        <thead>
          <tr>
            <th scope="col">Channel</th>
            <th scope="col" title="Mean squared activation">
              Act²
            </th>
            <th scope="col" title="Share of the sum over all channels">
              % of Σ(Act²)
            </th>
            <th scope="col" title="√Act² over that of the median channel">
              × median
            </th>
          </tr>
        </thead>
        <tbody>
          {top.map(({ channel, meanSquare, share, times }) => (
            <tr key={channel}>
              <th scope="row">{formatCount(channel)}</th>
              <td>{formatNumber(meanSquare)}</td>
              <td>{formatPercent(share)}</td>
              <td class={times !== null && times > OUTLIER_MEDIANS ? 'outlying' : undefined}>
                {times === null ? '–' : formatNumber(times, 3)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
