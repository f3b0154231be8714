// The panel of a tensor: how strongly each of its input channels is used, which are the strongest, and the experts beside each other.
import './panel.css';
import { formatCount, formatPercent, plural } from '../../../src/core/base/units.ts';
import type { ImatrixView, TensorImportance } from '../../../src/protocol/imatrixView.ts';
import { useAnswer } from '../../shared/answer.ts';
import { Chart, type ChartFrame } from '../../shared/charts/chart.tsx';
import type { ChartData } from '../../shared/charts/chartTable.tsx';
import { formatNumber } from '../../shared/charts/numbers.ts';
import { OUTLIER_MEDIANS, profilePlot } from '../../shared/charts/profilePlot.ts';
import { IconButton } from '../../shared/controls.tsx';
import { copyText } from '../../shared/link.ts';
import { closePanel } from '../keys.ts';
import { select, type ImatrixState } from '../state.ts';
import { columnOf } from '../table/columns.ts';
import { ExpertCharts } from './experts.tsx';
import { TopChannels } from './topChannels.tsx';

export function TensorPanel({ state, view }: { readonly state: ImatrixState; readonly view: ImatrixView }) {
  const row = state.selected.value;
  const expert = state.expert.value;
  const rows = state.rows.value;
  const name = rows.names[row] ?? '';
  const { answer, isCurrent } = useAnswer(
    (signal) => state.link.ask.tensor({ row, expert }, signal),
    [...[row, expert, view]],
  );
  const step = (by: number): void => {
    const shown = state.shown.peek();
    const next = shown[shown.indexOf(row) + by];
    if (next !== undefined) select(state, next);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const isTaken = event.target instanceof Element && event.target.closest('select, .chart-data') !== null;
    if (event.ctrlKey || event.metaKey || event.altKey || isTaken) return;
    if (event.key === 'ArrowDown') step(1);
    else if (event.key === 'ArrowUp') step(-1);
    else return;
    event.preventDefault();
  };
  const close = (): void => closePanel(state);
  return (
    <section class="tensor-panel" aria-label="Channels of a tensor" onKeyDown={onKeyDown}>
      <header class="panel-head">
        <button type="button" class="link-button back" onClick={close}>
          ← Tensors
        </button>
        <h2 class="cut" title={name}>
          {name}
        </h2>
        <span class="panel-buttons">
          <IconButton icon="arrow-up" label="Tensor before (↑)" onClick={() => step(-1)} />
          <IconButton icon="arrow-down" label="Next tensor (↓)" onClick={() => step(1)} />
          <IconButton icon="close" label="Close (Escape)" onClick={close} />
        </span>
      </header>
      <div
        class="panel-body"
        tabIndex={0}
        role="group"
        aria-label={`Channels of ${name}`}
        aria-busy={!isCurrent}
      >
        {answer.kind === 'waiting' && answer.isSlow && <p class="muted">Reading the channels…</p>}
        {answer.kind === 'failed' && <p role="alert">{answer.text}</p>}
        {answer.kind === 'here' && (
          <Contents state={state} view={view} name={name} importance={answer.value} />
        )}
      </div>
    </section>
  );
}

interface ContentsProps {
  readonly state: ImatrixState;
  readonly view: ImatrixView;
  readonly name: string;
  readonly importance: TensorImportance;
}

function Contents({ state, view, name, importance }: ContentsProps) {
  const { row, expert, profile, effective, tokens, top, experts } = importance;
  const { link } = state;
  const ofExpert = expert === null ? '' : `, expert ${formatCount(expert)}`;
  const frame: ChartFrame = {
    subject: `${name}${ofExpert}`,
    fileStem: `${view.fileName}.${name}${expert === null ? '' : `.expert-${expert}`}`,
    asTable: state.asTable.value,
    isEstimate: false,
    copy: (csv) => copyText(link, csv),
    save: (file, bytes) => void link.ask.saveFile({ name: file, bytes }).catch(() => undefined), // told by the host
  };
  const isSilent = top.length === 0;
  return (
    <>
      {experts !== null && <ExpertCharts state={state} experts={experts} frame={frame} />}
      {isSilent ? (
        <p class="silent">
          {expert !== null && tokens === 0
            ? `No token was sent to expert ${formatCount(expert)}: nothing is known of its channels. It is quantized as if there were no importance matrix.`
            : 'All activations are 0: every channel counts the same.'}
        </p>
      ) : (
        <>
          <Chart
            {...frame}
            title={expert === null ? 'Channels' : `Channels of expert ${formatCount(expert)}`}
            finding={findingOf(importance)}
            data={() => channelData(importance)}
            causes={[importance]}
            plot={(width) => profilePlot(profile, width, '√Act²')}
          />
          <dl class="figures">
            <Figure
              name="Effective channels"
              value={`${formatNumber(effective, 4)} of ${formatCount(profile.channelCount)}`}
            />
            <Figure name="Tokens" value={Number.isNaN(tokens) ? 'not known' : formatCount(tokens)} />
            <Figure name="Median √Act²" value={formatNumber(profile.median)} />
            {expert === null &&
              (
                [
                  'entropy',
                  'entropyShare',
                  'mean',
                  'std',
                  'min',
                  'max',
                  'active',
                  'zScoreShare',
                  'cosine',
                ] as const
              ).map((id) => <NumberFigure key={id} state={state} row={row} id={id} />)}
          </dl>
          <TopChannels top={top} isExpert={expert !== null} />
        </>
      )}
    </>
  );
}

function Figure({
  name,
  value,
  title,
}: {
  readonly name: string;
  readonly value: string;
  readonly title?: string;
}) {
  return (
    <div title={title}>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

const NAMES = {
  entropy: 'Entropy, bits',
  entropyShare: 'E(norm)',
  mean: 'μ of Act²',
  std: 'σ of Act²',
  min: 'Min of Act²',
  max: 'Max of Act²',
  active: 'Active',
  zScoreShare: 'ZD',
  cosine: 'CosSim',
} as const;
const PERCENTS: readonly string[] = ['entropyShare', 'active', 'zScoreShare'];

function NumberFigure({
  state,
  row,
  id,
}: {
  readonly state: ImatrixState;
  readonly row: number;
  readonly id: keyof typeof NAMES;
}) {
  const value = state.rows.value.numbers[id][row] ?? NaN;
  const text =
    PERCENTS.includes(id) && !Number.isNaN(value) ? `${formatPercent(value)} %` : formatNumber(value);
  return <Figure name={NAMES[id]} value={text} title={columnOf(id)?.meaning ?? ''} />;
}

function findingOf({ profile }: TensorImportance): string {
  const { outlierCount, channelCount } = profile;
  const above = outlierCount === 0 ? 'none' : plural(outlierCount, 'channel');
  return `√Act² of each of ${formatCount(channelCount)}; ${above} above ${OUTLIER_MEDIANS} × the median`;
}

function channelData({ profile }: TensorImportance): ChartData {
  const { maxima, perPoint, median } = profile;
  return {
    heads: [perPoint === 1 ? 'Channel' : `First of ${perPoint} channels`, '√Act²', '× median'],
    rows: Array.from(maxima, (value, at) => [
      at * perPoint,
      Number(value.toPrecision(5)),
      median > 0 ? Number((value / median).toPrecision(4)) : '–',
    ]),
  };
}
