// Measurements in words, the same for the page, the notifications, the reports and the lists to choose from.
import { formatCount, formatDuration, formatFixed, formatPercent, plural } from '../core/base/units.ts';
import type { DeviceSettings, DeviceUse, Estimate, Score } from './engine.ts';
import type { MeasurementView, RunView } from './quality.ts';

/** "34.74 ± 0.65" */
export const scoreText = ({ perplexity, standardError }: Score): string =>
  withError({ value: perplexity, error: standardError });

/** "+0.13 ± 0.04", "−0.02 ± 0.04" */
export function differenceText({ value, error }: Estimate): string {
  const sign = value < 0 ? '−' : '+';
  return `${sign}${withError({ value: Math.abs(value), error })}`;
}

/** A value and its error with as many decimals as the error is worth, at least two. */
export function withError({ value, error }: Estimate): string {
  const decimals = decimalsOf(error ?? value / 10);
  const shown = formatFixed(value, decimals);
  return error === null ? shown : `${shown} ± ${formatFixed(error, decimals)}`;
}

/** Two, or more where the first digit of an error needs them. */
function decimalsOf(error: number): number {
  const size = Math.abs(error);
  if (!Number.isFinite(size) || size === 0) return 2;
  return Math.min(6, Math.max(2, -Math.floor(Math.log10(size))));
}

/** A divergence in nat: "0.0123". */
export const natText = (nat: number): string => formatFixed(nat, nat >= 10 ? 2 : nat >= 0.001 ? 4 : 6);

/** "16 chunks", "all of the text" */
export function chunksText(chunkLimit: number | null): string {
  return chunkLimit === null ? 'all of the text' : plural(chunkLimit, 'chunk');
}

/** "SOTU-5M Q4_K_M: perplexity 34.74 ± 0.65 (+0.13 ± 0.04 against F16)" */
export function resultText({ model, base, score, figures }: ResultParts): string {
  const difference =
    figures === null || base === null
      ? ''
      : ` (${differenceText(figures.deltaPerplexity)} against ${base.shortLabel}${figures.significant ? '' : ', not significant'})`;
  return `${model.label}: perplexity ${scoreText(score)}${difference}`;
}
export type ResultParts = Pick<MeasurementView, 'model' | 'base' | 'score' | 'figures'>;

/** "CPU, 3 threads", "Vulkan, NVIDIA GeForce RTX 4090, 33 of 33 layers" */
export function deviceText({ backend, names, gpuLayers, layers, threads }: DeviceUse): string {
  if (gpuLayers === 0) return `${backend}, ${plural(threads, 'thread')}`;
  return [backend, ...names, `${formatCount(gpuLayers)} of ${plural(layers, 'layer')}`].join(', ');
}

const CHOICES: Record<DeviceSettings['choice'], string> = {
  auto: 'Automatic',
  off: 'CPU',
  vulkan: 'Vulkan',
  cuda: 'CUDA',
  metal: 'Metal',
};

/** "Automatic", "CPU, 3 threads", "Vulkan, GPU 1, 20 layers" */
export function deviceSettingsText({ choice, gpu, gpuLayers, threads }: DeviceSettings): string {
  const isGpu = choice !== 'off';
  return [
    CHOICES[choice],
    ...(isGpu && gpu !== null ? [`GPU ${gpu}`] : []),
    ...(isGpu && gpuLayers !== null ? [plural(gpuLayers, 'layer')] : []),
    ...(threads === null ? [] : [plural(threads, 'thread')]),
  ].join(', ');
}

/** How far a measurement is, in one line: "Chunk 3 of 16 · perplexity 35.1 ± 0.9 · 5,120 tokens/s · 4.0 s left". */
export function runText(run: RunView): string {
  switch (run.state) {
    case 'waiting':
      return run.ahead === 1
        ? `Waiting for ${run.behind}`
        : `Waiting for ${run.behind} and ${formatCount(run.ahead - 1)} more`;
    case 'checking':
      return 'Checking the file…';
    case 'loading':
      return `Loading the ${run.which === 'base' ? 'base model' : 'model'} · ${formatFixed(run.share * 100, 0)} %`;
    case 'cancelling':
      return 'Cancelling…';
    case 'failed':
      return run.why;
    case 'running':
      return progressText(run);
  }
}

function progressText(run: RunView & { readonly state: 'running' }): string {
  const { pass, passes, done, chunks, score, base, meanKl, tokensPerSecond, secondsLeft } = run;
  const inPass = passes === 2 ? (pass === 'base' ? ' of the base (pass 1 of 2)' : ' (pass 2 of 2)') : '';
  const shown = score ?? (pass === 'base' ? base : null);
  return [
    `Chunk ${formatCount(done)} of ${formatCount(chunks)}${inPass}`,
    ...(shown === null ? [] : [`perplexity ${scoreText(shown)}`]),
    ...(meanKl === null ? [] : [`KL ${natText(meanKl)}`]),
    ...(tokensPerSecond > 0 ? [`${formatCount(tokensPerSecond)} tokens/s`] : []),
    ...(secondsLeft === null ? [] : [`${formatDuration(secondsLeft)} left`]),
  ].join(' · ');
}

/** How much of a run is done, 0 … 1, over both passes. */
export function runShare(run: RunView): number {
  if (run.state !== 'running') return 0;
  const { pass, passes, done, chunks } = run;
  const share = chunks === 0 ? 0 : done / chunks;
  return passes === 1 ? share : (share + (pass === 'base' ? 0 : 1)) / 2;
}

/** "94.1 %" of a share. */
export const percentText = (share: number): string => `${formatPercent(share)} %`;
