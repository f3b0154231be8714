// A measurement as its figures, each with what it means in one line, and with everything a stranger needs to repeat it.
import { formatCount, formatDuration, plural } from '../../src/core/base/units.ts';
import type { Estimate, Score } from '../../src/protocol/engine.ts';
import type { MeasurementView, RunView } from '../../src/protocol/quality.ts';
import {
  deviceText,
  differenceText,
  natText,
  percentText,
  scoreText,
  withError,
} from '../../src/protocol/qualityWords.ts';

export interface Figure {
  readonly name: string;
  readonly value: string;
  /** Belongs to the value: "not significant". */
  readonly note: string;
  readonly meaning: string;
  readonly isMain: boolean;
}

const PERPLEXITY = 'Tokens it hesitates between. Less is better.';

export function figuresOf({
  model,
  score,
  base,
  figures,
}: Pick<MeasurementView, 'model' | 'score' | 'base' | 'figures'>): Figure[] {
  const main = figure('Perplexity', perplexityText(score), PERPLEXITY, { isMain: true });
  if (figures === null || base === null) return [main];
  const names = pairLabels(model.shortLabel, base.shortLabel);
  const { deltaPerplexity, meanKl, medianKl, p99Kl, maxKl, sameTop, rmsDeltaP, significant } = figures;
  return [
    main,
    figure(
      `Of ${names.base === 'base' ? 'the base' : names.base}`,
      perplexityText(figures.base),
      'The base model on the same text.',
    ),
    figure('Difference', differenceShown(deltaPerplexity), 'Above the base’s; the error is of the pairs.', {
      isMain: true,
      note: significanceText(deltaPerplexity, significant),
    }),
    figure('Mean KL', withErrorOrWords(meanKl), 'Distance from the base’s expectation, in nat.', {
      isMain: true,
    }),
    figure('Median KL', nat(medianKl), 'Half of the tokens differ by less than this.'),
    figure('99 % KL', nat(p99Kl), 'One token in a hundred differs by more.'),
    figure('Maximum KL', nat(maxKl), 'The token that suffered most.'),
    figure('Same top token', shareText(sameTop), 'Where both expect the same token most.', {
      isMain: true,
    }),
    figure('RMS Δp', shareText(rmsDeltaP), 'Typical change of the probability of a token.'),
  ];
}

const figure = (
  name: string,
  value: string,
  meaning: string,
  { note = '', isMain = false }: { readonly note?: string; readonly isMain?: boolean } = {},
): Figure => ({ name, value, note, meaning, isMain });

/** "34.74 ± 0.65"; a perplexity that is no number is said in words. */
export const perplexityText = (score: Score): string => inWords(score.perplexity) ?? scoreText(score);

/** null for a number. */
function inWords(value: number): string | null {
  return Number.isNaN(value) ? 'not a number' : Number.isFinite(value) ? null : 'infinite';
}

const differenceShown = (estimate: Estimate): string => inWords(estimate.value) ?? differenceText(estimate);
const withErrorOrWords = (estimate: Estimate): string => inWords(estimate.value) ?? withError(estimate);
const nat = (value: number): string => inWords(value) ?? natText(value);

/** "94.12 ± 0.31 %" */
export function shareText({ value, error }: Estimate): string {
  return (
    inWords(value) ?? `${withError({ value: value * 100, error: error === null ? null : error * 100 })} %`
  );
}

export function significanceText({ value }: Estimate, isSignificant: boolean): string {
  if (!Number.isFinite(value)) return '';
  return isSignificant ? (value > 0 ? 'worse' : 'better') : 'not significant';
}

export interface Condition {
  readonly name: string;
  readonly value: string;
  /** What is copied and told in full, where the value is shortened. */
  readonly full: string | null;
}

/** What the numbers depend on. */
export function conditionsOf(measurement: MeasurementView): Condition[] {
  const {
    base,
    text,
    contextTokens,
    chunks,
    availableChunks,
    score,
    device,
    engineVersion,
    seconds,
    tokensPerSecond,
    date,
    twoPasses,
  } = measurement;
  const condition = (name: string, value: string, full: string | null = null): Condition => ({
    name,
    value,
    full,
  });
  return [
    condition('Text', text.name),
    condition('SHA-256', `${text.sha256.slice(0, 16)}…`, text.sha256),
    condition('Context', plural(contextTokens, 'token')),
    condition(
      'Read',
      `${chunksRead(chunks, availableChunks)}, ${plural(score.tokensScored, 'token')} scored`,
    ),
    ...(base === null ? [] : [condition('Against', base.label, base.path)]),
    condition('Device', deviceText(device)),
    condition('Engine', engineVersion),
    condition(
      'Took',
      `${formatDuration(seconds)}, ${formatCount(tokensPerSecond)} tokens/s${twoPasses ? ', one model after the other' : ''}`,
    ),
    condition('Measured', dateText(date)),
  ];
}

/** "16 of 105 chunks", "all 105 chunks" */
const chunksRead = (chunks: number, available: number): string =>
  chunks >= available
    ? `all ${plural(chunks, 'chunk')}`
    : `${formatCount(chunks)} of ${plural(available, 'chunk')}`;

/** "2026-11-21 12:46", in the time of the user: it sorts, and reads the same everywhere. */
export function dateText(milliseconds: number): string {
  const date = new Date(milliseconds);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-');
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** The large number of the page, and what it is. */
export function heroOf(run: RunView & { readonly state: 'running' }): Hero {
  const score = run.score ?? (run.pass === 'base' ? run.base : null);
  const whose = run.pass === 'base' ? 'perplexity of the base so far' : 'perplexity so far';
  return { number: score === null ? '–' : perplexityText(score), caption: whose };
}

export interface Hero {
  readonly number: string;
  readonly caption: string;
}

/** Short names of both models; where they have the same one, what they are. */
export function pairLabels(model: string, base: string): { readonly model: string; readonly base: string } {
  return model === base ? { model: 'model', base: 'base' } : { model, base };
}

/** One sentence on what a comparison says. */
export function verdictOf({ base, figures }: Pick<MeasurementView, 'base' | 'figures'>): string | null {
  if (figures === null || base === null || !Number.isFinite(figures.deltaPerplexity.value)) return null;
  const top = `both expect the same token at ${percentText(figures.sameTop.value)} of the places`;
  return figures.significant
    ? `${figures.deltaPerplexity.value > 0 ? 'Worse' : 'Better'} than ${base.shortLabel} by more than chance; ${top}.`
    : `No significant difference from ${base.shortLabel} on this text; ${top}.`;
}
