// What must be known before the numbers of a tensor are read: one sentence each.
import { formatCount, plural } from '../../../src/core/base/units.ts';
import type { QuantizedOrigin, TensorStatsView } from '../../../src/protocol/tensorStats.ts';
import { Icon, type IconName } from '../../shared/icon.tsx';

export interface NoticeText {
  readonly icon: IconName;
  readonly text: string;
}

export function Notices({ notices }: { readonly notices: readonly NoticeText[] }) {
  return (
    <>
      {notices.map((notice) => (
        <Notice key={notice.text} {...notice} />
      ))}
    </>
  );
}

export function Notice({ icon, text }: NoticeText) {
  return (
    <p class="notice">
      <Icon name={icon} />
      <span>{text}</span>
    </p>
  );
}

export function noticesOf(
  stats: Pick<TensorStatsView, 'type' | 'nonFiniteScales' | 'summary' | 'origin'>,
  fileState: 'same' | 'changed' | 'gone',
): NoticeText[] {
  const { type, nonFiniteScales, summary, origin } = stats;
  const nonFinite = summary?.nonFinite ?? 0;
  return [
    ...(fileState === 'same' ? [] : [{ icon: 'warning' as const, text: FILE_TEXTS[fileState] }]),
    ...(nonFiniteScales > 0
      ? [{ icon: 'error' as const, text: scaleNotice(nonFiniteScales, nonFinite) }]
      : nonFinite > 0
        ? [{ icon: 'error' as const, text: weightNotice(nonFinite) }]
        : []),
    ...(origin === null ? [] : [{ icon: 'info' as const, text: originNotice(type, origin) }]),
  ];
}

const FILE_TEXTS = {
  changed:
    'The file has changed since this page was loaded; reload it, or these numbers may be those of another file.',
  gone: 'The file is no longer there; these numbers are those it had.',
} as const;

const scaleNotice = (scales: number, weights: number): string =>
  `${plural(scales, 'scale')} ${scales === 1 ? 'is' : 'are'} NaN or infinite, and with ${scales === 1 ? 'it' : 'them'} ` +
  `${plural(weights, 'weight')}: the model computes nonsense here. They are left out of the charts.`;

const weightNotice = (weights: number): string =>
  `${plural(weights, 'weight')} ${weights === 1 ? 'is' : 'are'} NaN or infinite: the model computes nonsense here. ` +
  'They are left out of the charts.';

export function originNotice(type: string, origin: QuantizedOrigin): string {
  const { alternatives, blocks, fitting, distinct, blockWeights } = origin;
  const others = alternatives.length === 0 ? '' : ` ${listOf(alternatives)} would fit as well.`;
  const share =
    fitting === blocks ? `all ${formatCount(blocks)}` : `${formatCount(fitting)} of ${formatCount(blocks)}`;
  return (
    `These ${type} weights lie on the grid of ${origin.type}: they were probably converted up from it. ` +
    `Of the blocks of ${formatCount(blockWeights)} that were looked at, ${share} fit, with at most ` +
    `${plural(distinct, 'distinct value')} in each.${others}`
  );
}

/** "Q4_1", "Q4_1 and Q5_0", "Q4_1, Q5_0 and Q5_1". */
const listOf = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;
