// Numbers as people read them.
import { describe, expect, it } from 'vitest';
import {
  formatBits,
  formatBytes,
  formatCount,
  formatDuration,
  formatFixed,
  formatPercent,
  formatShape,
  plural,
} from '../../../src/core/base/units.ts';

describe('numbers are written', () => {
  it.each<[string, string]>([
    [formatCount(8030261248), '8,030,261,248'],
    [formatCount(2n ** 64n - 1n), '18,446,744,073,709,551,615'],
    [formatBytes(0), '0 bytes'],
    [formatBytes(1), '1 byte'],
    [formatBytes(999), '999 bytes'],
    [formatBytes(1000), '1.00 kB'],
    [formatBytes(4920718624), '4.92 GB'],
    [formatBytes(2.5e12), '2.50 TB'],
    [formatFixed(1234.5, 2), '1,234.50'],
    [formatDuration(0.04), '0.0 s'],
    [formatDuration(9.94), '9.9 s'],
    [formatDuration(9.96), '10 s'],
    [formatDuration(59.6), '1 min 0 s'],
    [formatDuration(125), '2 min 5 s'],
    [formatDuration(3599.9), '1 h 0 min'],
    [formatDuration(7500), '2 h 5 min'],
    [formatBits(4.5), '4.50'],
    [formatBits(null), '–'],
    [formatBits(NaN), '–'],
    [formatPercent(0), '0.00'],
    [formatPercent(0.00001), '<0.01'],
    [formatPercent(0.0601), '6.01'],
    [formatShape([4096, 1024]), '4,096 × 1,024'],
    [formatShape([]), '1'],
    [plural(1, 'tensor'), '1 tensor'],
    [plural(9000, 'tensor'), '9,000 tensors'],
    [plural(2, 'more tensor is', 'more tensors are'), '2 more tensors are'],
  ])('%s', (written, expected) => {
    expect(written).toBe(expected);
  });
});
