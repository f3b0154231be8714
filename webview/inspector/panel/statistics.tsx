// The statistics of a tensor as a list in three columns, each explained on hover.
import { formatCount } from '../../../src/core/base/units.ts';
import type { StatsSummary } from '../../../src/protocol/tensorStats.ts';
import { formatNumber } from '../../shared/charts/numbers.ts';

interface Statistic {
  readonly name: string;
  readonly text: string;
  readonly help: string;
}

export function Statistics({ summary }: { readonly summary: StatsSummary }) {
  return (
    <section class="chart" aria-label="Statistics">
      <div class="chart-title">
        <h3>Statistics</h3>
        <span class="finding">{formatCount(summary.count)} weights</span>
      </div>
      <div class="statistics">
        {statisticsOf(summary).map((column) => (
          <dl key={column[0]?.name}>
            {column.map(({ name, text, help }) => (
              <div key={name} title={help}>
                <dt>{name}</dt>
                <dd>{text}</dd>
              </div>
            ))}
          </dl>
        ))}
      </div>
    </section>
  );
}

/** Column by column. */
export function statisticsOf(summary: StatsSummary): readonly (readonly Statistic[])[] {
  const quantile = (share: number): number | null =>
    summary.quantiles.find((quantile) => quantile.share === share)?.value ?? null;
  return [
    [
      number('Mean', summary.mean, 'The average weight; near 0 in a healthy matrix.'),
      number('Std', summary.std, 'Standard deviation σ: the usual distance of a weight from the mean.'),
      number('Skewness', summary.skewness, '0 when both sides of the mean are alike.'),
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
      number('Largest |w|', summary.absMax, 'The weight furthest from zero.'),
      number('0.1 %', quantile(0.001), 'One weight in a thousand lies below.'),
      number('99.9 %', quantile(0.999), 'One weight in a thousand lies above.'),
    ],
    [
      ...summary.outliers.map(({ sigmas, count, isExact }) => ({
        name: `Beyond ${sigmas}σ`,
        text: `${isExact ? '' : '≈ '}${formatCount(count)}`,
        help: `Weights further than ${sigmas} standard deviations from the mean.`,
      })),
      { name: 'Zeros', text: countOf(summary.zeros), help: 'Weights that are exactly zero.' },
      {
        name: 'NaN or Inf',
        text: countOf(summary.nonFinite),
        help: 'Weights that are no numbers; a model with any of them computes nonsense.',
      },
    ],
  ];
}

const number = (name: string, value: number | null, help: string): Statistic => ({
  name,
  text: formatNumber(value),
  help,
});

const countOf = (count: number | null): string => (count === null ? '–' : formatCount(count));
