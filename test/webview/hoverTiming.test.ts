import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createHoverTiming } from '../../webview/shared/hover/hoverTiming.ts';
import type { HoverTarget } from '../../webview/inspector/hover.ts';

const target = (row: number, now = false): HoverTarget => ({
  topic: { kind: 'tensor', row },
  anchor: { left: 0, top: 0, right: 10, bottom: 10 },
  now,
});

let shown: (HoverTarget | null)[];
const timing = () => createHoverTiming<HoverTarget>(500, (next) => shown.push(next));
const rowsShown = (): (number | null)[] =>
  shown.map((next) => (next?.topic.kind === 'tensor' ? next.topic.row : null));

beforeEach(() => {
  vi.useFakeTimers();
  shown = [];
});
afterEach(() => void vi.useRealTimers());

test('a card opens after the delay, not before', () => {
  timing().pointed(target(1));
  vi.advanceTimersByTime(499);
  expect(rowsShown()).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(rowsShown()).toEqual([1]);
});

test('nothing opens when the pointer only passed', () => {
  const hover = timing();
  hover.pointed(target(1));
  vi.advanceTimersByTime(400);
  hover.pointed(null);
  vi.advanceTimersByTime(1000);
  expect(rowsShown()).toEqual([]);
});

test('the next card opens at once while one is open', () => {
  const hover = timing();
  hover.pointed(target(1));
  vi.advanceTimersByTime(500);
  hover.pointed(null);
  hover.pointed(target(2));
  expect(rowsShown()).toEqual([1, 2]);
});

test('the keyboard does not wait', () => {
  timing().pointed(target(3, true));
  expect(rowsShown()).toEqual([3]);
});

test('it closes 200 ms after the pointer left', () => {
  const hover = timing();
  hover.pointed(target(1, true));
  hover.pointed(null);
  vi.advanceTimersByTime(199);
  expect(rowsShown()).toEqual([1]);
  vi.advanceTimersByTime(1);
  expect(rowsShown()).toEqual([1, null]);
});

test('it stays while the pointer is in it', () => {
  const hover = timing();
  hover.pointed(target(1, true));
  hover.pointed(null);
  hover.entered();
  vi.advanceTimersByTime(1000);
  expect(rowsShown()).toEqual([1]);
  hover.left();
  vi.advanceTimersByTime(200);
  expect(rowsShown()).toEqual([1, null]);
});
