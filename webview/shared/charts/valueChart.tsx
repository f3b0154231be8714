// The weights of a tensor by value: bars, what lies beyond 3σ in its own color, and the normal curve of the same mean and width.
import type { Histogram, StatsSummary } from '../../../src/protocol/tensorStats.ts';
import { mergeBins, normalCount } from './bins.ts';
import { countScale, formatNumber, formatTick, roundTicks } from './numbers.ts';

const PLOT_HEIGHT = 128;
/** Room for the names of the σ lines above, for the ticks below and at the left. */
const ABOVE = 18;
const BELOW = 20;
const LEFT = 36;
/** A bar and the gap to the next. */
const LEAST_BAR = 4;
const SIGMAS = [-6, -3, -1, 1, 3, 6];
/** Half the width of "−6σ". */
const SIGMA_ROOM = 12;
const CURVE_STEPS = 200;

interface Props {
  readonly width: number;
  readonly label: string;
  readonly values: Histogram;
  readonly summary: Pick<StatsSummary, 'count' | 'mean' | 'std'>;
  readonly counts: 'linear' | 'log';
}

export function ValueChart({ width, label, values, summary, counts: kind }: Props) {
  const plotWidth = width - LEFT;
  const { low, high, counts } = mergeBins(values, plotWidth / LEAST_BAR);
  const { mean, std } = summary;
  const scale = countScale(Math.max(...counts), kind);
  const base = ABOVE + PLOT_HEIGHT;
  const x = (value: number): number => LEFT + ((value - low) / (high - low)) * plotWidth;
  const y = (count: number): number => base - scale.height(count) * PLOT_HEIGHT;
  const barWidth = plotWidth / counts.length;
  const valueWidth = (high - low) / counts.length;
  const isOutlier = (bin: number): boolean =>
    mean !== null && std !== null && Math.abs(low + (bin + 0.5) * valueWidth - mean) > 3 * std;
  return (
    <svg role="img" aria-label={label} width={width} height={base + BELOW}>
      {scale.ticks.map((tick) => (
        <g key={tick}>
          <path class="grid" d={`M${LEFT},${crisp(y(tick))}H${width}`} />
          <text class="end" x={LEFT - 6} y={y(tick) + 4}>
            {formatTick(tick)}
          </text>
        </g>
      ))}
      {Array.from(counts, (count, bin) =>
        count <= 0 ? null : (
          <rect
            key={bin}
            class={isOutlier(bin) ? 'outlier' : undefined}
            x={LEFT + bin * barWidth}
            y={y(count)}
            width={Math.max(1, barWidth - 0.8)}
            height={base - y(count)}
          />
        ),
      )}
      {mean !== null && std !== null && std > 0 && (
        <>
          <path class="reference" d={curve(mean, std)} />
          {sigmaLines(mean, std)}
        </>
      )}
      <path class="base" d={`M${LEFT},${base + 0.5}H${width}`} />
      {roundTicks(low, high, Math.floor(plotWidth / 80)).map((tick) => (
        <text key={tick} class="middle" x={x(tick)} y={base + 15}>
          {formatNumber(tick)}
        </text>
      ))}
    </svg>
  );

  /** As far as the curve would be seen at all. */
  function curve(center: number, deviation: number): string {
    const points: string[] = [];
    for (let step = 0; step <= CURVE_STEPS; step++) {
      const value = low + ((high - low) * step) / CURVE_STEPS;
      const expected = normalCount(value, valueWidth, summary.count, center, deviation);
      if (scale.height(expected) > 0) points.push(`${x(value).toFixed(1)},${y(expected).toFixed(1)}`);
    }
    return points.length === 0 ? '' : `M${points.join('L')}`;
  }

  function sigmaLines(center: number, deviation: number) {
    const shown = SIGMAS.filter((sigma) => {
      const at = x(center + sigma * deviation);
      return at >= LEFT && at <= width;
    });
    // Where the tails are long, ±1σ is too close to the middle to be named.
    const apart = x(center + deviation) - x(center);
    return shown.map((sigma) => {
      const at = x(center + sigma * deviation);
      const isNamed = (Math.abs(sigma) === 1 ? apart : 2 * apart) >= SIGMA_ROOM && at + SIGMA_ROOM <= width;
      return (
        <g key={sigma}>
          <path class="sigma" d={`M${crisp(at)},${ABOVE - 4}V${base}`} />
          {isNamed && (
            <text class="middle" x={at} y={11}>
              {`${sigma < 0 ? '−' : '+'}${Math.abs(sigma)}σ`}
            </text>
          )}
        </g>
      );
    });
  }
}

/** In the middle of a px, so that a line of 1 px is one. */
const crisp = (at: number): number => Math.round(at) + 0.5;
