// What the page offers and says at every state of an analysis.
import { expect, test } from 'vitest';
import type { AnalysisStatus } from '../../src/protocol/analysis.ts';
import {
  analysisAction,
  announcement,
  restBriefly,
  restText,
} from '../../webview/inspector/analysis/progressText.ts';

const of = (
  state: AnalysisStatus['state'],
  tensorsDone: number,
  bytesDone = tensorsDone,
): AnalysisStatus => ({
  ...{ state, why: '', tensorCount: 40, tensorsDone, bytes: 40, bytesDone },
  ...{ bytesPerSecond: 0, secondsLeft: null, threads: 1, serial: 0 },
});

test.each<[string, AnalysisStatus | null, ReturnType<typeof analysisAction>]>([
  ['nothing before the host has said anything', null, null],
  ['nothing where nothing can be analyzed', { ...of('none', 0), tensorCount: 0 }, null],
  ['to analyze', of('none', 0), 'analyze'],
  ['to cancel an estimate', of('estimating', 0), 'cancel'],
  ['to cancel', of('running', 39), 'cancel'],
  ['to go on after a cancel', of('cancelled', 7), 'continue'],
  ['to go on with what another window began', of('none', 7), 'continue'],
  ['to begin anew after a cancel before the first result', of('cancelled', 0), 'analyze'],
  ['to try again', of('failed', 0), 'analyze'],
  ['nothing when all is done', of('done', 40), null],
])('offers %s', (_name, status, action) => {
  expect(analysisAction(status)).toBe(action);
});

test.each<[AnalysisStatus, number, string, string]>([
  [of('none', 0), 0, '', '0 of 40'],
  [of('cancelled', 7), 0, '7 of 40 tensors analyzed', '7 of 40'],
  [of('done', 40), 0, '', ''],
  [of('done', 40), 1, '1 tensor has no numbers: data cut off, missing or not readable', ''],
  [of('done', 40), 3, '3 tensors have no numbers: data cut off, missing or not readable', ''],
])('says of an analysis that rests how much is there and what is not: %#', (status, count, text, briefly) => {
  expect(restText(status, count)).toBe(text);
  expect(restBriefly(status)).toBe(briefly);
});

test('tells aloud the beginning, the quarters and the end, and nothing between', () => {
  const told = Array.from({ length: 41 }, (_, done) => announcement(of('running', done)));
  expect([...new Set(told)]).toEqual([
    'Analyzing all tensors.',
    'Analysis 25 % done.',
    'Analysis 50 % done.',
    'Analysis 75 % done.',
  ]);
  expect(announcement(of('done', 40))).toBe('Analysis done: 40 of 40 tensors analyzed.');
  expect(announcement(of('cancelled', 7))).toBe('Analysis cancelled; 7 of 40 tensors analyzed.');
  expect(announcement(of('failed', 0))).toBe(''); // the banner says it
});
