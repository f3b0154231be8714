// The tab of a packed matrix: its scales and zero points as maps, the order of its input channels, its bits along them.
import './groups.css';
import type { ModelView } from '../../../../src/protocol/modelView.ts';
import type { GroupsView } from '../../../../src/protocol/tensorGroups.ts';
import { useAnswer } from '../../../shared/answer.ts';
import { Chart, type ChartFrame } from '../../../shared/charts/chart.tsx';
import { fieldColor } from '../../../shared/colors.ts';
import { copyText } from '../../../shared/link.ts';
import { theme } from '../../../shared/theme.ts';
import type { InspectorState } from '../../state.ts';
import { Notice } from '../notices.tsx';
import { Answered } from '../answered.tsx';
import { GroupMapChart } from './groupMap.tsx';
import {
  orderFinding,
  scaleMapFinding,
  superScaleFinding,
  zeroFinding,
  zeroMapFinding,
} from './groupFindings.ts';
import { orderMap, superScalePlot, widthFinding, widthPlot, zeroPlot } from './groupPlots.ts';
import { countLook, scaleLook, zeroLook } from './mapCells.ts';

interface Props {
  readonly state: InspectorState;
  readonly model: ModelView;
  readonly name: string;
  /** "GPTQ 4-bit g128". */
  readonly type: string;
  /** Of all experts. */
  readonly outputs: number;
  readonly asTables: boolean;
}

export function Groups({ state, model, name, type, outputs, asTables }: Props) {
  const { answer } = useAnswer((signal) => state.link.ask.tensorGroups({ name }, signal), [name, model]);
  const frame: ChartFrame = {
    subject: `${name} · ${type}`,
    fileStem: name,
    asTable: asTables,
    isEstimate: false,
    copy: (csv) => copyText(state.link, csv),
    save: (file, bytes) => void state.link.ask.saveFile({ name: file, bytes }).catch(() => undefined), // told by the host
  };
  return (
    <Answered answer={answer} waiting="Reading the scales…">
      {(groups) =>
        groups === null ? (
          <p class="muted">Its weights are stored one by one: there are no groups.</p>
        ) : groups.unavailable !== null ? (
          <Notice icon="warning" text={groups.unavailable} />
        ) : (
          <GroupCharts groups={groups} outputs={outputs} frame={frame} />
        )
      }
    </Answered>
  );
}

function GroupCharts({
  groups,
  outputs,
  frame,
}: {
  readonly groups: GroupsView;
  readonly outputs: number;
  readonly frame: ChartFrame;
}) {
  const { scales, zeros, zeroKind, zeroCounts, order, widths, superScales } = groups;
  const kind = theme.value;
  const isByOutput = scales?.rows === outputs;
  const words = {
    across: scales?.groups === 1 ? 'group' : 'groups of input channels',
    down: isByOutput ? 'output channels' : 'blocks of output channels',
    column: 'group',
    row: isByOutput ? 'Output channel' : 'Block of outputs',
  };
  // All the same: what there is to say says the chart below.
  const isFlat = zeros?.cells.every((value) => value === zeros.cells[0]) === true;
  return (
    <>
      {scales && (
        <GroupMapChart
          {...frame}
          title="Scales by group"
          finding={scaleMapFinding(scales)}
          map={scales}
          look={scaleLook(scales, words, kind)}
        />
      )}
      {zeros && !isFlat && (
        <GroupMapChart
          {...frame}
          title={zeroKind === 'point' ? 'Zero points by group' : 'Biases by group'}
          finding={zeroMapFinding(zeros)}
          map={zeros}
          look={zeroLook(zeros, words, zeroKind === 'point' ? 'zero point' : 'bias', kind)}
        />
      )}
      {zeroCounts && (
        <Chart
          {...frame}
          title="Zero points"
          finding={zeroFinding(zeroCounts)}
          data={() => ({
            heads: ['From', 'To', 'Groups'],
            rows: Array.from(zeroCounts.counts, (count, bin) => {
              const step = (zeroCounts.high - zeroCounts.low) / zeroCounts.counts.length;
              return [zeroCounts.low + bin * step, zeroCounts.low + (bin + 1) * step, count];
            }),
          })}
          causes={[zeroCounts, kind]}
          plot={(width) => zeroPlot(zeroCounts, fieldColor(kind, 'min'), width)}
        />
      )}
      {order && <Order order={order} frame={frame} />}
      {widths && (
        <Chart
          {...frame}
          title="Bits along the input channels"
          finding={widthFinding(widths)}
          data={() => ({
            heads: ['Group', 'Bits', 'Input channels'],
            rows: widths.bits.map((bits, group) => [group, bits, widths.channels[group] ?? 0]),
          })}
          causes={[widths, kind]}
          plot={(width) => widthPlot(widths, kind, width)}
        />
      )}
      {superScales && (
        <Chart
          {...frame}
          title={`Scales of the scales`}
          finding={`${superScales.name}: ${superScaleFinding(superScales)}`}
          data={() => ({
            heads: ['From', superScales.name],
            rows: Array.from(superScales.values, (value, point) => [point * superScales.perPoint, value]),
          })}
          causes={[superScales, kind]}
          plot={(width) => superScalePlot(superScales, fieldColor(kind, 'superScale'), width)}
        />
      )}
    </>
  );
}

function Order({
  order,
  frame,
}: {
  readonly order: NonNullable<GroupsView['order']>;
  readonly frame: ChartFrame;
}) {
  const map = orderMap(order);
  const words = { across: 'input channels', down: 'groups', column: 'input channel', row: 'Group' };
  return (
    <GroupMapChart
      {...frame}
      title="Order of the input channels"
      finding={orderFinding(order)}
      map={map}
      look={countLook(map, words, 'input channels', theme.value)}
    />
  );
}
