// How far an importance matrix is, in one line, the same for the terminal and the editor.
import { formatCount, formatDuration, formatFixed } from '../../core/base/units.ts';
import { deviceText } from '../../protocol/qualityWords.ts';
import type { ImatrixNews } from './quantizeEngine.ts';

export interface ImatrixProgress {
  readonly text: string;
  /** Of all chunks, 0 … 1. */
  readonly share: number;
}

/** @param now in milliseconds */
export function followImatrix(
  contextTokens: number,
  now: () => number,
): (news: ImatrixNews) => ImatrixProgress {
  let [start, from] = [0, 0];
  return (news) => {
    if (news.kind === 'loading')
      return { text: `loading the model · ${formatFixed(news.share * 100, 0)} %`, share: 0 };
    const { chunks } = news;
    if (news.kind === 'reading') {
      [start, from] = [now(), news.from];
      const goesOn = from > 0 ? ` · goes on after chunk ${formatCount(from)}` : '';
      return {
        text: `${deviceText(news.device)} · ${formatCount(chunks)} chunks${goesOn}`,
        share: from / chunks,
      };
    }
    const { done } = news;
    const seconds = (now() - start) / 1000 / (done - from);
    const speed = seconds > 0 ? ` · ${formatCount(Math.round(contextTokens / seconds))} tokens/s` : '';
    const left = ` · ${formatDuration(seconds * (chunks - done))} left`;
    return {
      text: `${formatCount(done)} of ${formatCount(chunks)} chunks${speed}${left}`,
      share: done / chunks,
    };
  };
}
