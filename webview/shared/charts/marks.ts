// What a chart draws over its bars: lines of reference with their labels, the part that is pointed at, a range being chosen.
import type { ErrorPoint, Ink, Mark } from './plot.ts';

/** The plot on the canvas, in CSS px. */
export interface Frame {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  x(value: number): number;
  y(value: number): number;
}

export interface Brush {
  readonly context: CanvasRenderingContext2D;
  readonly color: (ink: Ink) => string;
  /** A CSS font: "11px …". */
  readonly font: string;
}

const DOTTED = [1, 3];
const DASHED = [3, 2];
/** From the baseline of a label above the plot to the plot. */
const ABOVE_PLOT = 7;
/** From the point to the baseline of its label, in px to the right and down. */
const LABEL_OFFSETS = { above: [0, -3], below: [0, 12], left: [-9, 4], right: [9, 4] } as const;
const ALIGNMENTS = { above: 'center', below: 'center', left: 'right', right: 'left' } as const;
/** Half the width of the ends of an error, in px. */
const ERROR_CAP = 3;
const POINT_RADIUS = 4;
const CHOSEN_RADIUS = 6;
const POINTED_OPACITY = 0.16;
const CHOSEN_OPACITY = 0.2;

export function drawMarks(brush: Brush, frame: Frame, marks: readonly Mark[]): void {
  const { context, color } = brush;
  context.save();
  context.font = brush.font;
  context.textAlign = 'center';
  context.textBaseline = 'alphabetic';
  context.lineWidth = 1;
  for (const mark of marks) {
    if (mark.kind === 'vertical') {
      const at = crisp(frame.x(mark.at));
      context.strokeStyle = color('muted');
      line(context, DOTTED, at, frame.top - 4, at, frame.bottom);
      context.fillStyle = color('muted');
      context.fillText(mark.text, at, frame.top - ABOVE_PLOT);
    } else if (mark.kind === 'horizontal') {
      const at = crisp(frame.y(mark.at));
      context.strokeStyle = color('foreground');
      line(context, DASHED, frame.left, at, frame.right, at);
    } else {
      const [right, down] = LABEL_OFFSETS[mark.side ?? 'above'];
      context.fillStyle = color(mark.ink);
      context.textAlign = ALIGNMENTS[mark.side ?? 'above'];
      context.fillText(mark.text, frame.x(mark.x) + right, frame.y(mark.y) + down);
      context.textAlign = 'center';
    }
  }
  context.restore();
}

/** Points over lines from − to + their errors. */
export function drawPoints({ context, color }: Brush, frame: Frame, points: readonly ErrorPoint[]): void {
  context.save();
  context.lineWidth = 1;
  context.setLineDash([]);
  for (const { x, y, error, ink, isChosen } of points) {
    const [middle, height] = [frame.x(x), frame.y(y)];
    context.strokeStyle = color('muted');
    if (error > 0) {
      const at = crisp(middle);
      line(context, [], at, frame.y(y - error), at, frame.y(y + error));
      for (const end of [y - error, y + error]) {
        const level = crisp(frame.y(end));
        line(context, [], at - ERROR_CAP, level, at + ERROR_CAP, level);
      }
    }
    context.fillStyle = color('background'); // a line through the ring would look like a value
    disc(context, middle, height, isChosen ? CHOSEN_RADIUS + 2 : POINT_RADIUS + 1);
    context.fillStyle = color(ink);
    disc(context, middle, height, POINT_RADIUS);
    if (!isChosen) continue;
    context.strokeStyle = color('foreground');
    context.beginPath();
    context.arc(middle, height, CHOSEN_RADIUS + 0.5, 0, 2 * Math.PI);
    context.stroke();
  }
  context.restore();
}

function disc(context: CanvasRenderingContext2D, x: number, y: number, radius: number): void {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fill();
}

/** @param from, to values of the x axis */
export function drawPointed(brush: Brush, frame: Frame, from: number, to: number): void {
  const left = Math.round(frame.x(from));
  const width = Math.max(2, Math.round(frame.x(to)) - left);
  shade(brush, frame, left, width, POINTED_OPACITY);
}

/** @param from, to px */
export function drawChosen(brush: Brush, frame: Frame, from: number, to: number): void {
  const [left, right] = [Math.min(from, to), Math.max(from, to)].map((at) =>
    Math.min(frame.right, Math.max(frame.left, at)),
  ) as [number, number];
  shade(brush, frame, left, right - left, CHOSEN_OPACITY);
  const { context } = brush;
  context.save();
  context.strokeStyle = brush.color('foreground');
  context.lineWidth = 1;
  for (const at of [left, right]) line(context, [], crisp(at), frame.top, crisp(at), frame.bottom);
  context.restore();
}

function shade({ context, color }: Brush, frame: Frame, left: number, width: number, opacity: number): void {
  context.save();
  context.globalAlpha = opacity;
  context.fillStyle = color('foreground');
  context.fillRect(left, frame.top, width, frame.bottom - frame.top);
  context.restore();
}

function line(
  context: CanvasRenderingContext2D,
  dash: readonly number[],
  fromX: number,
  fromY: number,
  toX: number,
  toY: number,
): void {
  context.setLineDash([...dash]);
  context.beginPath();
  context.moveTo(fromX, fromY);
  context.lineTo(toX, toY);
  context.stroke();
}

/** In the middle of a px, so that a line of 1 px is one. */
const crisp = (at: number): number => Math.floor(at) + 0.5;
