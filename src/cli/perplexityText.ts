// A measurement as text for a terminal, and the line that tells how far it is.
import type { DeviceUse, EngineNews } from '../app/quality/engine.ts';
import type { QualityMeasurement } from '../app/quality/measureChecked.ts';
import { formatCount, formatFixed, formatPercent } from '../core/base/units.ts';
import { visibleText } from '../core/base/visibleText.ts';
import { table } from './table.ts';

export function measurementText({ model, base, text, result }: QualityMeasurement): string {
  const { score, comparison, device } = result;
  const rows = [['perplexity', withError(score.perplexity, score.standardError), visibleText(model.path)]];
  if (comparison !== null && base !== null) {
    const { deltaPerplexity, kl, sameTop, rmsDeltaP } = comparison;
    const { quantiles } = kl;
    rows.push(
      [
        'of the base',
        withError(comparison.base.perplexity, comparison.base.standardError),
        visibleText(base.path),
      ],
      [
        'difference',
        withError(deltaPerplexity.value, deltaPerplexity.error),
        comparison.significant ? '' : 'not significant',
      ],
      ['KL divergence', withError(kl.value, kl.error, 6), 'mean, nat per token'],
      ['', formatFixed(quantiles[5] ?? NaN, 6), 'median'],
      ['', formatFixed(quantiles[9] ?? NaN, 6), '99 %'],
      ['', formatFixed(kl.max, 6), 'largest'],
      ['same first choice', `${formatPercent(sameTop.value)} %`, 'of tokens'],
      ['RMS Δp', `${formatPercent(rmsDeltaP.value)} %`, 'change of the probability of the token that came'],
    );
  }
  const facts = [
    `${formatCount(score.tokensScored)} tokens scored in ${formatCount(result.chunks)} of ${formatCount(result.availableChunks)} chunks of ${formatCount(result.contextTokens)}`,
    `${formatFixed(result.seconds, 1)} s`,
    `${formatCount(Math.round(result.tokensPerSecond))} tokens/s`,
  ];
  const lines = [
    ...table(rows, [true, false, true]),
    '',
    `${facts.join(' · ')}`,
    `${deviceText(device)} · ${result.engineVersion} · ${visibleText(text.name)} (SHA-256 ${text.sha256.slice(0, 16)}…)`,
    ...device.notes.map(visibleText),
  ];
  return `${lines.join('\n')}\n`;
}

const withError = (value: number, error: number | null, decimals = 4): string =>
  `${formatFixed(value, decimals)}${error === null ? '' : ` ± ${formatFixed(error, decimals)}`}`;

export function deviceText({ backend, names, gpuLayers, layers, threads }: DeviceUse): string {
  const where = gpuLayers === 0 ? '' : `, ${gpuLayers} of ${layers} layers`;
  return `${backend} (${names.map(visibleText).join(', ')}${where}), ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
}

/** Cells of the curve of the running perplexity. */
const CURVE_WIDTH = 24;
const BARS = '▁▂▃▄▅▆▇█';

/** What stands on the line of progress after each piece of news. */
export function progressLine(): (news: EngineNews) => string {
  const running: number[] = [];
  let start = 0;
  return (news) => {
    if (news.kind === 'loading') return `loading the ${news.which} · ${formatFixed(news.share * 100, 0)} %`;
    if (news.kind === 'started') {
      start = performance.now();
      running.length = 0;
      return `${deviceText(news.device)} · ${formatCount(news.chunks)} chunks`;
    }
    const { done, chunks, score, meanKl, pass } = news;
    running.push(score.perplexity);
    const left = ((performance.now() - start) / 1000 / done) * (chunks - done);
    return [
      ...(pass === 'base' ? ['base first'] : []),
      `${formatCount(done)} of ${formatCount(chunks)} chunks`,
      `${curve(running)} ${withError(score.perplexity, score.standardError, 2)}`,
      ...(meanKl === null ? [] : [`KL ${formatFixed(meanKl, 5)}`]),
      `${formatFixed(left, 0)} s left`,
    ].join(' · ');
  };
}

/** The values so far as bars, each cell an equal share of them, between their extremes. */
function curve(values: readonly number[]): string {
  const cells = Math.min(CURVE_WIDTH, values.length);
  const shown = Array.from(
    { length: cells },
    (_cell, at) => values[Math.ceil(((at + 1) * values.length) / cells) - 1] ?? NaN,
  );
  const [low, high] = [Math.min(...shown), Math.max(...shown)];
  return shown
    .map(
      (value) => BARS[high > low ? Math.round(((value - low) / (high - low)) * (BARS.length - 1)) : 0] ?? ' ',
    )
    .join('');
}
