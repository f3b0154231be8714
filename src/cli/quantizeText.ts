// A quantization as text for a terminal: its plan as a table, and the line that tells how far it is.
import type { QuantizePlan } from '../app/quantize/plan.ts';
import type { Prediction } from '../app/quantize/predict.ts';
import type { QuantizeNews } from '../app/quantize/quantizeEngine.ts';
import type { Quantized } from '../app/quantize/quantizeModel.ts';
import {
  formatBits,
  formatBytes,
  formatCount,
  formatDuration,
  formatPercent,
  plural,
} from '../core/base/units.ts';
import { visibleText } from '../core/base/visibleText.ts';
import { ERROR_HEAD, errorCells, predictionLines } from './predictionText.ts';
import { table } from './table.ts';

export function planText(
  { output, plan, seconds, engineVersion, prediction }: Quantized & { readonly prediction?: Prediction },
  isPlan: boolean,
): string {
  const rows = plan.tensors.map(({ name, from, to, bytesBefore, bytesAfter, reason }) => [
    visibleText(name),
    from.name,
    to.name,
    formatBytes(bytesBefore),
    formatBytes(bytesAfter),
    ...(prediction === undefined ? [] : errorCells(prediction.tensors.get(name))),
    reason,
  ]);
  const errors = prediction === undefined ? [] : ERROR_HEAD;
  const head = ['tensor', 'from', 'to', 'before', 'after', ...errors, 'why'];
  const facts = [
    visibleText(output),
    `${formatBytes(plan.fileBytes)}`,
    `${formatBits(plan.bitsPerWeight)} bits per weight`,
    plural(plan.tensors.length, 'tensor'),
    isPlan ? 'planned, nothing written' : formatDuration(seconds),
    engineVersion,
  ];
  const left = [true, true, true, false, false, ...errors.map(() => false), true];
  const lines = [...table([head, ...rows], left), '', facts.join(' · ')];
  if (prediction !== undefined) lines.push(...predictionLines(prediction));
  return `${lines.join('\n')}\n`;
}

/** What stands on the line of progress after each piece of news. */
export function quantizeProgress(): (news: QuantizeNews, plan: QuantizePlan) => string {
  let start: number | null = null;
  let written = 0;
  let tensor = '';
  return (news, { fileBytes }) => {
    start ??= performance.now();
    if (news.kind === 'written') written = news.bytes;
    else {
      const to = news.to === null ? '' : ` → ${news.to.toUpperCase()}`;
      tensor = `${formatCount(news.index)} of ${formatCount(news.count)} ${visibleText(news.name)}${to}`;
    }
    const seconds = (performance.now() - start) / 1000;
    const share = Math.min(1, written / Math.max(1, fileBytes));
    return [
      tensor,
      `${formatPercent(share)} % of ${formatBytes(fileBytes)}`,
      ...(written > 0 && seconds > 0.5
        ? [
            `${formatBytes(Math.round(written / seconds))}/s`,
            `${formatDuration((seconds / share) * (1 - share))} left`,
          ]
        : []),
    ].join(' · ');
  };
}
