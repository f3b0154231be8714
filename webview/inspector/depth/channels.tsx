// Input channels that stand out in several tensors: which, how far, and in which layers.
import { formatCount, plural } from '../../../src/core/base/units.ts';
import type { ChannelUse } from '../../../src/protocol/analysis.ts';
import type { ModelView } from '../../../src/protocol/modelView.ts';
import { formatNumber } from '../../shared/charts/numbers.ts';
import { useAnswer } from '../../shared/answer.ts';
import type { Rows } from '../../shared/tensors/rows.ts';
import { revealRow, type InspectorState } from '../state.ts';
import { channelLines, type ChannelLine } from './channelLines.ts';

interface Props {
  readonly state: InspectorState;
  readonly model: ModelView;
}

export function ChannelsInManyLayers({ state, model }: Props) {
  const status = state.analysis.value;
  const rows = state.rows.value;
  // While the analysis runs they would change all the time: they are asked for when it rests.
  const isResting = status !== null && status.state !== 'running' && status.state !== 'estimating';
  const { answer } = useAnswer<ChannelUse | null>(
    (signal) => (isResting ? state.link.ask.channelUse(null, signal) : Promise.resolve(null)),
    [isResting, status?.tensorsDone, model],
  );
  const use = answer.kind === 'here' ? answer.value : null;
  return (
    <section class="chart" aria-label="Channels that stand out in many tensors">
      <div class="chart-title">
        <h3>Channels that stand out in many tensors</h3>
        <span class="finding">{answer.kind === 'failed' ? answer.text : findingOf(use, isResting)}</span>
      </div>
      {use !== null && use.channels.length > 0 && (
        <ChannelTable state={state} rows={rows} lines={channelLines(use, model, rows)} />
      )}
    </section>
  );
}

function findingOf(use: ChannelUse | null, isResting: boolean): string {
  if (!isResting) return 'told when the analysis has ended';
  if (use === null) return '';
  if (use.tensorCount === 0) return 'no tensor with input channels has been analyzed';
  if (use.channels.length === 0)
    return `none: no channel is above 3 × the median in two of ${plural(use.tensorCount, 'tensor')}`;
  return `${plural(use.channels.length, 'channel')} above 3 × the median of two or more of ${plural(use.tensorCount, 'tensor')}`;
}

function ChannelTable({
  state,
  rows,
  lines,
}: {
  readonly state: InspectorState;
  readonly rows: Rows;
  readonly lines: readonly ChannelLine[];
}) {
  const open = (row: number): void => {
    state.tab.value = 'layers';
    revealRow(state, row, true);
  };
  return (
    <div class="channel-use" role="region" tabIndex={0} aria-label="Channels as a table">
      <table>
        <thead>
          <tr>
            <th scope="col">Channel</th>
            <th scope="col" title="Input channels that the tensors have">
              of
            </th>
            <th scope="col">Tensors</th>
            <th scope="col" title="Largest |w| of the channel over that of the median channel, at most">
              × median
            </th>
            <th scope="col" class="words">
              Where
            </th>
          </tr>
        </thead>
        <tbody>
          {lines.map(({ channel, width, count, strongest, where, first }) => (
            <tr key={`${width}/${channel}`}>
              <td>{formatCount(channel)}</td>
              <td>{formatCount(width)}</td>
              <td>{formatCount(count)}</td>
              <td>{formatNumber(strongest, 3)}</td>
              <td class="words">
                <button type="button" title={`Show ${rows.names[first] ?? ''}`} onClick={() => open(first)}>
                  {where}
                </button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
