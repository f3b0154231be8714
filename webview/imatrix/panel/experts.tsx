// The experts of a tensor beside each other: how many tokens each has met. A click, Enter or the list shows one alone.
import { formatCount, plural } from '../../../src/core/base/units.ts';
import type { ExpertImportance } from '../../../src/protocol/imatrixView.ts';
import { barPlot } from '../../shared/charts/barPlot.ts';
import { Chart, type ChartFrame } from '../../shared/charts/chart.tsx';
import { formatNumber, formatTick } from '../../shared/charts/numbers.ts';
import type { Plot } from '../../shared/charts/plot.ts';
import type { ImatrixState } from '../state.ts';

interface Props {
  readonly state: ImatrixState;
  readonly experts: ExpertImportance;
  readonly frame: ChartFrame;
}

export function ExpertCharts({ state, experts, frame }: Props) {
  const { tokens, total } = experts;
  const shown = state.expert.value;
  return (
    <Chart
      {...frame}
      title="Tokens by expert"
      finding={findingOf(tokens)}
      data={() => ({
        heads: ['Expert', 'Tokens', 'Σ(Act²)'],
        rows: Array.from(tokens, (count, expert) => [
          expert,
          count,
          Number.isNaN(total[expert] ?? NaN) ? '–' : Number((total[expert] ?? 0).toPrecision(6)),
        ]),
      })}
      causes={[experts]}
      plot={(width) => tokensPlot(experts, width)}
      pick={(expert) => (state.expert.value = expert === state.expert.peek() ? null : expert)}
    >
      <select
        class="expert-select"
        aria-label="Expert whose channels are shown"
        value={shown === null ? '' : String(shown)}
        onChange={({ currentTarget: { value } }) =>
          (state.expert.value = value === '' ? null : Number(value))
        }
      >
        <option value="">All experts</option>
        {Array.from(tokens, (count, expert) => (
          <option key={expert} value={String(expert)}>
            {`Expert ${formatCount(expert)}${count === 0 ? ' (no token)' : ''}`}
          </option>
        ))}
      </select>
    </Chart>
  );
}

function findingOf(tokens: Float64Array): string {
  const unseen = tokens.filter((count) => count === 0).length;
  const most = tokens.reduce((largest, count) => Math.max(largest, count), 0);
  const seen = tokens.filter((count) => count > 0);
  if (seen.length === 0) return 'none met any';
  const least = seen.reduce((fewest, count) => Math.min(fewest, count), Infinity);
  const range = `${formatCount(least)} … ${formatCount(most)}`;
  return unseen === 0 ? range : `${range}; ${plural(unseen, 'expert')} never`;
}

/** Px for the number of an expert and the space to the next. */
const EXPERT_ROOM = 28;

function tokensPlot({ tokens, total }: ExpertImportance, width: number): Plot {
  const every = Math.max(1, Math.ceil((tokens.length * EXPERT_ROOM) / width));
  const most = tokens.reduce((largest, count) => Math.max(largest, count), 0);
  const even = tokens.reduce((sum, count) => sum + count, 0) / tokens.length;
  return barPlot(
    {
      counts: tokens,
      ink: 'histogram',
      heights: most > 0 ? [{ at: most, text: formatTick(most) }] : [],
      lines: [even],
      ticks: Array.from({ length: tokens.length }, (_item, expert) => expert)
        .filter((expert) => expert % every === 0)
        .map((expert) => ({ at: expert + 0.5, text: formatCount(expert) })),
      read: (expert) => {
        const sum = total[expert] ?? NaN;
        const activity = Number.isNaN(sum) ? '' : ` · Σ(Act²) ${formatNumber(sum)}`;
        const count = tokens[expert] ?? 0;
        const times = even > 0 ? ` · ${formatNumber(count / even, 2)} × an even share` : '';
        return {
          head: `Expert ${formatCount(expert)}`,
          text: count === 0 ? 'met no token' : `${plural(count, 'token')}${times}${activity}`,
        };
      },
    },
    width,
  );
}
