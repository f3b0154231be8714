// The weights of a block as bars around zero, 32 in a row.
import type { BlockContents, StatsSummary } from '../../../src/protocol/tensorStats.ts';
import { formatNumber } from '../../shared/charts/numbers.ts';
import type { BlockMarks, BlockPart, MarkHandlers } from './blockMarks.ts';
import { PartGrid } from './partGrid.tsx';

/** Sub-blocks have 16 or 32 weights. */
const COLUMNS = 32;

interface Props extends MarkHandlers {
  readonly block: BlockContents;
  readonly marks: BlockMarks;
  readonly pinned: BlockPart | null;
  readonly summary: StatsSummary | null;
}

export function WeightGrid({ block: { weights }, marks, pinned, summary, point, pin }: Props) {
  const finite = weights.map(({ value }) => (Number.isFinite(value) ? value : 0));
  const most = Math.max(...finite.map(Math.abs)) || 1;
  return (
    <PartGrid
      kind="weight"
      label="Weights of the block"
      className="weights"
      columns={Math.min(COLUMNS, weights.length)}
      count={weights.length}
      lit={marks.weights}
      pinned={pinned}
      point={point}
      pin={pin}
      describe={(index) => `Weight ${index}: ${formatNumber(weights[index]?.value ?? null)}`}
    >
      {(index) => {
        const value = finite[index] ?? 0;
        const half = (Math.abs(value) / most) * 50;
        return (
          <i
            class={isOutlier(value, summary) ? 'outlier' : undefined}
            style={{ top: `${value > 0 ? 50 - half : 50}%`, height: `${half}%` }}
          />
        );
      }}
    </PartGrid>
  );
}

/** Distance from the mean in standard deviations; null where that means nothing. */
export function sigmasOf(value: number, summary: StatsSummary | null): number | null {
  if (summary === null || summary.mean === null || summary.std === null || summary.std === 0) return null;
  return (value - summary.mean) / summary.std;
}

const OUTLIER_SIGMAS = 3;

export function isOutlier(value: number, summary: StatsSummary | null): boolean {
  const sigmas = sigmasOf(value, summary);
  return sigmas !== null && Math.abs(sigmas) > OUTLIER_SIGMAS;
}
