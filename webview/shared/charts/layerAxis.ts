// What charts over depth share: an axis of layers, a part for each, and numbers at the left.
import { roundTicks } from './numbers.ts';
import { ticksThatFit, type Axis, type Plot, type Point } from './plot.ts';

const ROOM = { left: 52, right: 8, above: 8, below: 20 };
const PLOT_HEIGHT = 84;
/** Px between two numbers of the axis of layers. */
const TICK_ROOM = 44;
/** Numbers at the left that have room. */
export const HEIGHT_TICKS = 5;

export function layerFrame(layerCount: number, width: number): Pick<Plot, 'height' | 'room' | 'x'> {
  const axis = { low: 0, high: Math.max(1, layerCount) };
  const plotWidth = Math.max(1, width - ROOM.left - ROOM.right);
  const ticks: Axis['ticks'] = roundTicks(0, layerCount - 1, Math.floor(plotWidth / TICK_ROOM))
    .filter((layer) => Number.isInteger(layer))
    .map((layer) => ({ at: layer + 0.5, text: String(layer) }));
  const all = layerCount === 1 ? [{ at: 0.5, text: '0' }] : ticks;
  return {
    height: ROOM.above + PLOT_HEIGHT + ROOM.below,
    room: ROOM,
    x: { ...axis, ticks: ticksThatFit(all, axis, plotWidth, ROOM) },
  };
}

/** In the middle of each layer. */
export const layerPoints = (values: Float64Array): Point[] =>
  Array.from(values, (y, layer) => ({ x: layer + 0.5, y }));

export const layerHead = (layer: number): string => `Layer ${layer}`;
