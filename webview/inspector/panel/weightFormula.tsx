// How one weight comes about: the formula of its type with this weight's numbers in it.
import { formatCount } from '../../../src/core/base/units.ts';
import type { BlockWeight, StatsSummary } from '../../../src/protocol/tensorStats.ts';
import { formatNumber } from '../../shared/charts/numbers.ts';
import { fieldTextColor } from '../../shared/colors.ts';
import { theme } from '../../shared/theme.ts';
import { isOutlier, sigmasOf } from './weightGrid.tsx';

interface Props {
  readonly weight: BlockWeight;
  /** In its block. */
  readonly index: number;
  readonly row: number;
  readonly column: number;
  readonly summary: StatsSummary | null;
}

export function WeightFormula({ weight: { value, formula }, index, row, column, summary }: Props) {
  const sigmas = sigmasOf(value, summary);
  return (
    <section class="weight-formula" aria-label="Weight">
      <div class="chart-title">
        <h3>Weight {index}</h3>
        <span class="finding">
          row {formatCount(row)}, column {formatCount(column)}
        </span>
      </div>
      <p class="mono formula">
        {formula.map(({ text, color }, at) => {
          const ink = color === undefined ? null : fieldTextColor(theme.value, color);
          return (
            <span key={at} style={{ color: ink ?? undefined }}>
              {text}
            </span>
          );
        })}
      </p>
      {sigmas !== null && (
        <p class={isOutlier(value, summary) ? 'outlier' : 'muted'}>
          {formatNumber(sigmas, 3)}σ from the mean
        </p>
      )}
    </section>
  );
}
