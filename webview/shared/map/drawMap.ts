// Draws the map into a canvas: the part of the layout that is in view, in the colors of the theme.
import { drawBox, drawFocus, drawSelection } from './drawCells.ts';
import { drawAxis, drawLabels, drawMargins, LABEL_SPACE } from './drawEdges.ts';
import { AXIS_HEIGHT, CAPTION_HEIGHT, type Box } from './mapLayout.ts';
import { inside, type MapPicture } from './mapPicture.ts';

export function drawMap(canvas: HTMLCanvasElement, picture: MapPicture): void {
  const context = canvas.getContext('2d');
  if (context === null) return;
  const { view, layout } = picture;
  const ratio = devicePixelRatio;
  const [width, height] = [Math.round(view.width * ratio), Math.round(view.height * ratio)];
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, view.width, view.height);
  context.textBaseline = 'middle';

  // What is scrolled goes under the captions, the axis and the labels, never over them. Outlines reach a little further.
  const top = view.top > 0 ? CAPTION_HEIGHT : 0;
  const left = layout.labelWidth - LABEL_SPACE;
  const bottom = view.height - AXIS_HEIGHT;
  inside(context, { x: left, y: top, width: view.width - left, height: bottom - top }, () => {
    context.translate(-view.left, -view.top);
    for (const box of layout.boxes) if (isInView(box, view)) drawBox(context, picture, box);
    picture.over?.(context);
    if (picture.focused !== null) drawFocus(context, picture.palette, picture.focused);
    if (picture.selected !== null) drawSelection(context, picture.palette, picture.selected);
    drawMargins(context, picture);
  });
  inside(context, { x: 0, y: top, width: view.width, height: bottom - top }, () => {
    context.translate(0, -view.top);
    drawLabels(context, picture);
  });
  drawAxis(context, picture);
}

const isInView = ({ x, y, width, height }: Box, view: MapPicture['view']): boolean =>
  x < view.left + view.width && x + width > view.left && y < view.top + view.height && y + height > view.top;
