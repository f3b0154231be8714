import { describe, expect, it } from 'vitest';
import { createModelResults } from '../../src/app/analysis/modelAnalysisResults.ts';
import { createProgress } from '../../src/app/analysis/modelAnalysisProgress.ts';
import type { TensorNumbers } from '../../src/app/present/statsColumns.ts';
import { QUANTILE_LEVELS, STATS_NUMBERS } from '../../src/protocol/analysis.ts';

const numbers = (
  known: TensorNumbers['known'],
  mean = 0,
  channels: TensorNumbers['channels'] = null,
): TensorNumbers => ({
  known,
  numbers: Float64Array.from(STATS_NUMBERS, (name) => (name === 'mean' ? mean : NaN)),
  quantiles: new Float32Array(QUANTILE_LEVELS.length),
  channels,
});
const channels = (width: number, ...outliers: readonly (readonly [channel: number, ratio: number])[]) => ({
  width,
  channel: Uint32Array.from(outliers, ([channel]) => channel),
  ratio: Float32Array.from(outliers, ([, ratio]) => ratio),
});

describe('results by row', () => {
  it('come in the order in which they came, the newest of a row alone', () => {
    const results = createModelResults();
    results.set(2, numbers('estimate', 1));
    results.set(0, numbers('estimate', 2));
    results.set(2, numbers('exact', 3));
    const all = results.columns(0);
    expect([...all.row]).toEqual([0, 2]);
    expect([...all.known]).toEqual([1, 2]);
    expect([...all.mean]).toEqual([2, 3]);
    expect([all.serial, all.more, results.serial, results.exactCount]).toEqual([3, false, 3, 1]);
    expect([...results.columns(2).row]).toEqual([2]);
    expect(results.columns(3)).toMatchObject({ count: 0, serial: 3 });
  });

  it('come in pages below 1 MiB, and all of them once', () => {
    const results = createModelResults();
    for (let row = 0; row < 10_000; row++) results.set(row, numbers('exact', row));
    const rows: number[] = [];
    for (let since = 0, more = true; more;) {
      const page = results.columns(since);
      const arrays = [page.row, page.known, page.quantiles, ...STATS_NUMBERS.map((name) => page[name])];
      expect(arrays.reduce((bytes, { byteLength }) => bytes + byteLength, 0)).toBeLessThan(2 ** 20);
      rows.push(...page.row);
      ({ serial: since, more } = page);
    }
    expect(rows).toEqual(Array.from({ length: 10_000 }, (_item, row) => row));
  });
});

describe('channels that are outliers in several tensors', () => {
  it('are counted over tensors of one width, those of most tensors first', () => {
    const results = createModelResults();
    results.set(5, numbers('exact', 0, channels(4096, [7, 10], [9, 4])));
    results.set(1, numbers('exact', 0, channels(4096, [7, 20], [8, 5])));
    results.set(2, numbers('exact', 0, channels(4096, [9, 50], [7, 3.5])));
    results.set(3, numbers('exact', 0, channels(14_336, [7, 99])));
    results.set(4, numbers('exact', 0, channels(4096)));
    results.set(6, numbers('exact'));
    results.set(7, numbers('estimate'));
    expect(results.channelUse()).toEqual({
      tensorCount: 5,
      channels: [
        { channel: 7, width: 4096, rows: [1, 2, 5], strongest: 20 },
        { channel: 9, width: 4096, rows: [2, 5], strongest: 50 },
      ],
    });
  });

  it('are at most 200', () => {
    const results = createModelResults();
    for (let row = 0; row < 20; row++) {
      const outliers = Array.from({ length: 64 }, (_item, index) => [64 * (row >> 1) + index, 4] as const);
      results.set(row, numbers('exact', 0, channels(4096, ...outliers)));
    }
    expect(results.channelUse().channels.length).toBe(200);
  });
});

describe('progress', () => {
  it('counts bytes of jobs that run and that have ended, and the rate of the last three seconds', () => {
    let time = 0;
    const progress = createProgress(1000, () => time);
    const [one, two] = [{}, {}];
    expect([progress.bytesDone, progress.bytesPerSecond]).toEqual([1000, 0]);
    time = 100;
    progress.runs(one, 100);
    expect([progress.bytesDone, progress.bytesPerSecond]).toEqual([1100, 0]); // too early
    time = 1000;
    progress.runs(two, 400);
    expect([progress.bytesDone, progress.bytesPerSecond]).toEqual([1500, 500]);
    progress.ended(one, 500);
    expect(progress.bytesDone).toBe(1900);
    for (time = 1100; time <= 10_000; time += 100) progress.runs(two, 400 + time); // 1,000 a second
    expect(progress.bytesPerSecond).toBeGreaterThan(950);
    expect(progress.bytesPerSecond).toBeLessThan(1050);
  });
});
