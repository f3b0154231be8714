// Draws a map: a pixel for each cell, enlarged; a ring around the cell that is pointed at.
import type { GroupMap } from '../../../../src/protocol/tensorGroups.ts';
import { readInks } from '../../../shared/charts/inks.ts';
import type { MapLook } from './mapCells.ts';

/** Px of a cell at most, in either direction; and of the whole height, as far as cells are more than a px. */
const MAX_CELL_WIDTH = 200;
const MAX_CELL_HEIGHT = 24;
const HEIGHT = 192;

export interface MapSize {
  readonly width: number;
  readonly height: number;
}

/** @param width px there are */
export function mapSize({ width: columns, height: rows }: GroupMap, width: number): MapSize {
  return {
    width: Math.max(1, Math.min(width, columns * MAX_CELL_WIDTH)),
    height: rows * Math.max(1, Math.min(MAX_CELL_HEIGHT, Math.floor(HEIGHT / rows))),
  };
}

/** @param ratio device px for each px @param pointed cell that is pointed at */
export function drawMap(
  canvas: HTMLCanvasElement,
  map: GroupMap,
  look: MapLook,
  { width, height }: MapSize,
  ratio: number,
  pointed: number | null,
): void {
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const context = canvas.getContext('2d');
  if (context === null) return;
  context.scale(ratio, ratio);
  paint(context, map, look, { width, height });
  if (pointed === null) return;
  const [cellWidth, cellHeight] = [width / map.width, height / map.height];
  const inks = readInks();
  const [left, top] = [(pointed % map.width) * cellWidth, Math.floor(pointed / map.width) * cellHeight];
  context.lineWidth = 2;
  context.strokeStyle = inks.color('background');
  context.strokeRect(left - 2, top - 2, cellWidth + 4, cellHeight + 4);
  context.lineWidth = 1;
  context.strokeStyle = inks.color('foreground');
  context.strokeRect(left - 0.5, top - 0.5, cellWidth + 1, cellHeight + 1);
}

/** Cells without a number stay empty. */
function paint(
  context: CanvasRenderingContext2D,
  map: GroupMap,
  look: MapLook,
  { width, height }: MapSize,
): void {
  const small = document.createElement('canvas');
  small.width = map.width;
  small.height = map.height;
  const pixels = small.getContext('2d');
  if (pixels === null) return;
  const image = pixels.createImageData(map.width, map.height);
  const colors = new Map<string, readonly [number, number, number]>();
  map.cells.forEach((value, cell) => {
    const position = look.position(value);
    if (position === null) return;
    const color = look.color(position);
    const [red, green, blue] = colors.get(color) ?? channelsOf(color);
    colors.set(color, [red, green, blue]);
    image.data.set([red, green, blue, 255], 4 * cell);
  });
  pixels.putImageData(image, 0, 0);
  context.imageSmoothingEnabled = false;
  context.drawImage(small, 0, 0, width, height);
}

/** "#rrggbb". */
function channelsOf(color: string): readonly [number, number, number] {
  const number = parseInt(color.slice(1), 16);
  return [number >> 16, (number >> 8) & 255, number & 255];
}

const PNG_WIDTH = 800;
const PNG_SCALE = 2;
const MARGIN = 16;
const LINE = 18;

/** The map by itself: with its title, what it is of and its finding above it. */
export async function mapPng(
  map: GroupMap,
  look: MapLook,
  { title, subject, finding }: { readonly title: string; readonly subject: string; readonly finding: string },
): Promise<Uint8Array> {
  const size = mapSize(map, PNG_WIDTH);
  const canvas = document.createElement('canvas');
  canvas.width = (PNG_WIDTH + 2 * MARGIN) * PNG_SCALE;
  canvas.height = (size.height + 2 * MARGIN + 2 * LINE + LINE / 2) * PNG_SCALE;
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('There is no canvas to draw the picture on.');
  const inks = readInks();
  context.scale(PNG_SCALE, PNG_SCALE);
  context.fillStyle = inks.color('background');
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.textBaseline = 'top';
  context.fillStyle = inks.color('foreground');
  context.font = `600 13px ${inks.fontFamily}`;
  context.fillText(`${title} · ${subject}`, MARGIN, MARGIN);
  context.fillStyle = inks.color('muted');
  context.font = `12px ${inks.fontFamily}`;
  context.fillText(finding, MARGIN, MARGIN + LINE);
  context.translate(MARGIN, MARGIN + 2 * LINE + LINE / 2);
  paint(context, map, look, size);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
  if (blob === null) throw new Error('The picture was not made.');
  return new Uint8Array(await blob.arrayBuffer());
}
