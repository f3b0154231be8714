// The statistics of a tensor as a list in three columns, each explained on hover.
import { formatCount, plural } from '../../../src/core/base/units.ts';
import type { StatsSummary } from '../../../src/protocol/tensorStats.ts';
import { formatNumber } from '../../shared/charts/numbers.ts';
import { estimateText } from './findings.ts';

interface Statistic {
  readonly name: string;
  readonly text: string;
  readonly help: string;
}

export function Statistics({ summary, share }: { readonly summary: StatsSummary; readonly share: number }) {
  return (
    <section class="chart" aria-label="Statistics">
      <div class="chart-title">
        <h3>Statistics</h3>
        <span class="finding">
          {[plural(summary.count, 'weight'), estimateText({ share }) || 'exact'].join(', ')}
        </span>
      </div>
      <div class="statistics">
        {statisticsOf(summary, share < 1).map((column) => (
          <dl key={column[0]?.name}>
            {column.map(({ name, text, help }) => (
              <div key={name} title={help}>
                <dt>
                  {name}
                  <span class="unseen">: {help}</span>
                </dt>
                <dd class={text === PENDING ? 'muted' : undefined}>{text}</dd>
              </div>
            ))}
          </dl>
        ))}
      </div>
    </section>
  );
}

/** What an estimate cannot say. */
const PENDING = 'pending';

/** Column by column. @param isEstimate what is not known yet is pending; in exact numbers it does not exist: "–" */
export function statisticsOf(summary: StatsSummary, isEstimate: boolean): readonly (readonly Statistic[])[] {
  const quantile = (share: number): number | null =>
    summary.quantiles.find((quantile) => quantile.share === share)?.value ?? null;
  const missing = isEstimate ? PENDING : '–';
  const number = (name: string, value: number | null, help: string): Statistic => ({
    name,
    text: value === null || Number.isNaN(value) ? missing : formatNumber(value),
    help,
  });
  const count = (name: string, value: number | null, help: string, isExact = true): Statistic => ({
    name,
    text:
      value === null || Number.isNaN(value)
        ? missing
        : `${isExact && !isEstimate ? '' : '≈ '}${formatCount(value)}`,
    help,
  });
  const beyond = (sigmas: number): Statistic => {
    const found = summary.outliers.find((outliers) => outliers.sigmas === sigmas);
    const help = `Weights further than ${sigmas} standard deviations from the mean: ${BEYOND_HELP[sigmas] ?? ''}`;
    return count(`Beyond ${sigmas}σ`, found?.count ?? null, help, found?.isExact);
  };
  return [
    [
      number('Mean', summary.mean, 'The average weight; near 0 in a healthy matrix.'),
      number('Std', summary.std, 'Standard deviation σ: the usual distance of a weight from the mean.'),
      number(
        'Skewness',
        summary.skewness,
        '0 when both sides of the mean are alike; above 0 the right tail is the longer one.',
      ),
      number(
        'Excess kurtosis',
        summary.excessKurtosis,
        '0 for a normal distribution; more means heavier tails, which are harder to quantize.',
      ),
      number('Median', quantile(0.5), 'Half of the weights lie below.'),
    ],
    [
      number('Min', summary.min, 'The smallest weight.'),
      number('Max', summary.max, 'The largest weight.'),
      number('Largest |w|', summary.absMax, 'The weight furthest from zero; it sets the scale of its block.'),
      number('0.1 %', quantile(0.001), 'One weight in a thousand lies below.'),
      number('99.9 %', quantile(0.999), 'One weight in a thousand lies above.'),
    ],
    [
      ...[3, 6, 20].map(beyond),
      count(
        'Zeros',
        summary.zeros,
        'Weights that are exactly zero; many of them mean pruning, or scales that are zero.',
      ),
      count(
        'NaN or Inf',
        summary.nonFinite,
        'Weights that are no numbers; a model with any of them computes nonsense.',
      ),
    ],
  ];
}

const BEYOND_HELP: Readonly<Record<number, string>> = {
  3: 'a normal distribution has 0.27 % of them.',
  6: 'a normal distribution has 2 in a billion.',
  20: 'in a normal distribution there is none; each of them costs its block most of its levels.',
};
