// How far an analysis is, in words.
import { describe, expect, it } from 'vitest';
import type { AnalysisStatus } from '../../src/protocol/analysis.ts';
import { isRunning, progressLine, progressParts, shareDone } from '../../src/protocol/analysisProgress.ts';

const status: AnalysisStatus = {
  state: 'running',
  why: '',
  tensorCount: 291,
  tensorsDone: 192,
  bytes: 4_920_000_000,
  bytesDone: 3_070_000_000,
  bytesPerSecond: 1_840_000_000,
  secondsLeft: 1.005,
  threads: 15,
  serial: 192,
};

describe('the line of a running analysis', () => {
  it.each<[string, Partial<AnalysisStatus>, string]>([
    [
      'has tensors, bytes in one unit, speed and what is left',
      {},
      'Analyzing 192 of 291 tensors · 3.07 of 4.92 GB · 1.84 GB/s on 15 threads · 1.0 s left',
    ],
    [
      'leaves out what is not known yet',
      { tensorsDone: 0, bytesDone: 0, bytesPerSecond: 0, secondsLeft: null },
      'Analyzing 0 of 291 tensors · 0.00 of 4.92 GB',
    ],
    [
      'says what an estimate is made from',
      { state: 'estimating', bytesPerSecond: 0, secondsLeft: null },
      'Estimating from 1/64 of the rows…',
    ],
    [
      'counts one of each',
      { tensorCount: 1, tensorsDone: 0, bytes: 900, bytesDone: 450, threads: 1, secondsLeft: 64 },
      'Analyzing 0 of 1 tensor · 450 of 900 B · 1.84 GB/s on 1 thread · 1 min 4 s left',
    ],
  ])('%s', (_name, change, expected) => {
    expect(progressLine(progressParts({ ...status, ...change }))).toBe(expected);
  });
});

describe('the share that is done', () => {
  it.each<[number, number, number]>([
    [0, 100, 0],
    [25, 100, 0.25],
    [100, 100, 1],
    [120, 100, 1],
    [0, 0, 0],
  ])('of %i of %i bytes is %f', (bytesDone, bytes, share) => {
    expect(shareDone({ ...status, bytesDone, bytes })).toBe(share);
  });
});

it('runs while it estimates and while it counts, and at no other time', () => {
  const states = ['none', 'estimating', 'running', 'done', 'cancelled', 'failed'] as const;
  expect(states.filter((state) => isRunning({ ...status, state }))).toEqual(['estimating', 'running']);
});
