// A cell of a column of the analysis: its number, pale and marked where it is an estimate, or what stands for none.
import { outlierColor, type ThemeKind } from '../../shared/colors.ts';
import { outlierPosition } from '../map/mapMeasures.ts';
import { statsKnown } from '../stats.ts';
import { PENDING, statText, statValue, UNKNOWN, type Analyzed, type StatColumn } from './statColumns.ts';
import type { StatSum } from './statSums.ts';
import { formatPercent } from '../../../src/core/base/units.ts';

interface Props {
  readonly analyzed: Analyzed;
  readonly row: number;
  readonly column: StatColumn;
  readonly theme: ThemeKind;
}

export function StatCell({ analyzed, row, column, theme }: Props) {
  const text = statText(analyzed, row, column);
  if (text === PENDING) return <Pending />;
  if (text === UNKNOWN) return <span class="muted">{text}</span>;
  const isEstimate = statsKnown(analyzed.stats, row) === 'estimate';
  const value = analyzed.stats === null ? NaN : statValue(analyzed.stats, row, column);
  return (
    <span class={isEstimate ? 'estimate' : undefined}>
      {column === 'beyond3' ? <OutlierBar share={value} text={text} theme={theme} /> : numberParts(text)}
    </span>
  );
}

/** Of a group: all its tensors together; an estimate as long as some of them are missing. */
export function ShareSum({ share, theme }: { readonly share: StatSum; readonly theme: ThemeKind }) {
  if (Number.isNaN(share.value)) return null;
  const isEstimate = share.known === 'estimate';
  const text = `${isEstimate ? '≈' : ''}${formatPercent(share.value)}`;
  return (
    <span class={isEstimate ? 'estimate' : undefined}>
      <OutlierBar share={share.value} text={text} theme={theme} />
    </span>
  );
}

const Pending = () => (
  <>
    <span class="muted" aria-hidden="true">
      {PENDING}
    </span>
    <span class="unseen">pending</span>
  </>
);

/** Length and color by the scale of the map, so that they mean the same in every row of every model. */
function OutlierBar({ share, text, theme }: { share: number; text: string; theme: ThemeKind }) {
  const position = outlierPosition(share);
  return (
    <>
      <span class="bar">
        <i
          style={{
            width: `${Math.max(0.02, position) * 100}%`,
            background: outlierColor(theme, position),
          }}
        />
      </span>
      <span class="beside-bar">{text}</span>
    </>
  );
}

/** The nominal width beside an entropy is quieter. */
function numberParts(text: string) {
  const at = text.indexOf(' of ');
  return at < 0 ? (
    text
  ) : (
    <>
      {text.slice(0, at)}
      <span class="muted">{text.slice(at)}</span>
    </>
  );
}
