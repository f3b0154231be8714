// What the maps and plots of the groups of a packed matrix say in words.
import { describe, expect, it } from 'vitest';
import { orderFinding, zeroFinding } from '../../webview/inspector/panel/groups/groupFindings.ts';

/** Of codes of 4 bits. */
function zeros(counts: Readonly<Record<number, number>>): string {
  const all = Float64Array.from({ length: 16 }, (_item, value) => counts[value] ?? 0);
  return zeroFinding({ low: -0.5, high: 15.5, counts: all });
}

describe('zero points', () => {
  it('are symmetric only where all are in the middle', () => {
    expect(zeros({ 8: 6144 })).toBe('all 6,144 are 8: symmetric');
    expect(zeros({ 9: 6144 })).toBe('all 6,144 are 9');
    expect(zeros({ 0: 6144 })).toBe('all 6,144 are 0');
  });

  it('that differ are counted', () => {
    expect(zeros({ 7: 1, 8: 3 })).toBe('2 of 16 values used, most often 8 (75.00 %)');
  });
});

it('the order of input channels is compared with that of their numbers', () => {
  const groupOf = Float32Array.from([0, 0, 1, 0, 1, 1, 0, 1]);
  expect(orderFinding({ groupOf, perPoint: 1, channels: 8, groups: 2 })).toBe(
    '28.57 % of neighbors share groups (in order 75.00 %)',
  );
});
