// Draws what stands around the cells of the map: role names, sums of roles, layer numbers.
import { formatBits, formatFixed } from '../../../src/core/base/units.ts';
import type { MapPicture } from './mapPicture.ts';
import { AXIS_HEIGHT, CAPTION_HEIGHT } from './mapLayout.ts';

const LABEL_FONT = 12;
const SMALL_FONT = 11;
/** Right of the margin's left end: end of the value, begin and greatest length of the bar, end of the share. */
const MARGIN = { value: 52, bar: 62, barLength: 48, share: 162 };

export function drawLabels(context: CanvasRenderingContext2D, { layout, palette }: MapPicture): void {
  const { labelWidth } = layout;
  for (const { text, y, kind } of layout.labels) {
    context.font = `${kind === 'thin' ? SMALL_FONT : LABEL_FONT}px ${palette.font}`;
    context.fillStyle = kind === 'role' ? palette.foreground : palette.muted;
    context.textAlign = kind === 'thin' ? 'right' : 'left';
    const x = kind === 'thin' ? labelWidth - LABEL_SPACE : 0;
    context.fillText(fit(context, text, labelWidth - LABEL_SPACE), x, y + 0.5);
  }
}

/** Px between the labels and the first cells. */
export const LABEL_SPACE = 8;
const MIN_LABEL_WIDTH = 64;
const MAX_LABEL_WIDTH = 150;

/** Px that the labels take, with the space behind them. */
export function measureLabels(texts: readonly string[], font: string): number {
  const context = document.createElement('canvas').getContext('2d');
  if (context === null) return MAX_LABEL_WIDTH;
  context.font = `${LABEL_FONT}px ${font}`;
  const widest = texts.reduce(
    (most, text) => Math.max(most, context.measureText(text).width),
    MIN_LABEL_WIDTH,
  );
  return Math.ceil(Math.min(MAX_LABEL_WIDTH, widest)) + LABEL_SPACE;
}

function fit(context: CanvasRenderingContext2D, text: string, width: number): string {
  if (context.measureText(text).width <= width) return text;
  let length = text.length - 1;
  while (length > 1 && context.measureText(`${text.slice(0, length)}…`).width > width) length--;
  return `${text.slice(0, length)}…`;
}

export function drawMargins(context: CanvasRenderingContext2D, picture: MapPicture): void {
  const { layout, palette, totalBits, wholeBytes, kind: shown, marginText } = picture;
  const { marginLeft: left, margins, hasShares } = layout;
  const roles = margins.filter(({ kind }) => kind === 'role');
  const stacks = margins.filter(({ kind }) => kind === 'stack');
  const most = roles.reduce((bytes, { cell }) => Math.max(bytes, cell.bytes || 0), 0);
  context.textAlign = 'right';
  context.fillStyle = palette.foreground;
  context.font = `600 ${LABEL_FONT}px ${palette.font}`;
  // One stack is the whole model: its sum is the number in the header, which leaves out unknown types.
  for (const { y, cell } of stacks) {
    const isWhole = stacks.length === 1 && shown === 'bits';
    context.fillText(isWhole ? formatBits(totalBits) : marginText(cell), left + MARGIN.value, y + 0.5);
  }
  context.font = `${LABEL_FONT}px ${palette.font}`;
  for (const { y, cell } of roles) {
    context.fillStyle = palette.foreground;
    context.fillText(marginText(cell), left + MARGIN.value, y + 0.5);
    if (!hasShares || Number.isNaN(cell.bytes)) continue;
    const length = Math.max(1, (cell.bytes / most) * MARGIN.barLength);
    context.fillStyle = palette.bar;
    context.fillRect(left + MARGIN.bar, Math.round(y - 2.5), length, 5);
    context.fillStyle = palette.muted;
    context.fillText(shareText(cell.bytes / wholeBytes), left + MARGIN.share, y + 0.5);
  }
}

/** Half the width of a layer number: none is cut at the right end of the view. */
const TICK_SPACE = 10;

/** Captions over the margins and numbers under the columns: they stay where they are when the map is scrolled down. */
export function drawAxis(context: CanvasRenderingContext2D, picture: MapPicture): void {
  const { layout, palette, view } = picture;
  context.font = `${SMALL_FONT}px ${palette.font}`;
  context.fillStyle = palette.muted;
  context.textAlign = 'center';
  const leftmost = view.left === 0 ? 0 : view.left + layout.labelWidth;
  for (const { x, text } of layout.ticks)
    if (x >= leftmost && x < view.left + view.width - TICK_SPACE)
      context.fillText(text, x - view.left, view.height - AXIS_HEIGHT / 2 + 1);
  context.textAlign = 'right';
  const left = layout.marginLeft - view.left;
  context.fillText(picture.marginCaption, left + MARGIN.value, CAPTION_HEIGHT / 2);
  if (layout.hasShares) context.fillText('of file', left + MARGIN.share, CAPTION_HEIGHT / 2);
}

/** One decimal, as there is room for; tiny but not nothing is "<0.1 %". */
const shareText = (share: number): string =>
  share > 0 && share < 0.0005 ? '<0.1 %' : `${formatFixed(share * 100, 1)} %`;
