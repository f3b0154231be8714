// Tokens and probabilities as people read them.
import { formatCount, formatFixed } from '../../../src/core/base/units.ts';
import type { TopChoice } from '../../../src/protocol/engine.ts';
import type { WorstToken } from '../../../src/protocol/quality.ts';
import { natText } from '../../../src/protocol/qualityWords.ts';

/** Spaces at both ends and ends of lines are seen: they are parts of tokens. */
export function tokenText(text: string): string {
  if (text === '') return '(nothing)';
  const seen = text.replaceAll('\n', '↵').replaceAll('\t', '⇥');
  return seen.replace(/^ +| +$/g, (spaces) => '␣'.repeat(spaces.length));
}

/** "12.3 %", "0.042 %", "<0.001 %" */
export function probabilityText(probability: number): string {
  if (!Number.isFinite(probability)) return '–';
  const percent = probability * 100;
  if (percent > 0 && percent < 0.001) return '<0.001 %';
  return `${formatFixed(percent, percent >= 1 ? 1 : 3)} %`;
}

/** "+1.2345", "−0.5000" */
export function signedNat(nat: number): string {
  if (!Number.isFinite(nat)) return '–';
  return `${nat < 0 ? '−' : '+'}${natText(Math.abs(nat))}`;
}

export interface ToldToken {
  readonly text: string;
  readonly kl: number;
  readonly nll: number;
  readonly baseNll: number;
  readonly told: WorstToken | undefined;
  /** Among the worst, from 0; −1: not one of them. */
  readonly rank: number;
}

/** The card of a token as one sentence, for those who do not see it. */
export function tokenSentence({ text, kl, nll, baseNll, told, rank }: ToldToken): string {
  const name = `“${text.trim() === '' ? tokenText(text) : text.trim()}”`;
  if (Number.isNaN(kl)) return `${name}: not scored, only context.`;
  const likely = `${probabilityText(Math.exp(-nll))} by the model, ${probabilityText(Math.exp(-baseNll))} by its base`;
  const place = rank < 0 ? '' : `, number ${formatCount(rank + 1)} of the worst`;
  return [`${name}: KL ${natText(kl)}${place}. Likely: ${likely}.`, ...expectations(told)].join(' ');
}

function expectations(told: WorstToken | undefined): string[] {
  const first = (choices: readonly TopChoice[] | undefined): string =>
    choices?.[0] === undefined
      ? 'nothing known'
      : `“${choices[0].text.trim()}”, ${probabilityText(choices[0].probability)}`;
  return told === undefined
    ? []
    : [`The model expected ${first(told.choices)}; its base ${first(told.baseChoices)}.`];
}
