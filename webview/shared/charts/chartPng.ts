// A chart as a PNG that can stand by itself: with its title and finding above it, on the background of the theme.
import { createChart } from './chartJs.ts';
import type { Inks } from './inks.ts';
import type { Plot } from './plot.ts';

export interface Picture {
  readonly plot: Plot;
  /** Of the plot in px. */
  readonly width: number;
  readonly title: string;
  /** Beside the title: what the chart is of. */
  readonly subject: string;
  readonly finding: string;
}

/** Device px for each px: sharp on paper and on dense screens. */
const PNG_SCALE = 2;
const MARGIN = 16;
const LINE = 18;
/** From the last line to the plot. */
const BELOW_TEXT = 6;

/** Size of the picture in px, before it is scaled. */
const pngSize = ({ plot, width }: Pick<Picture, 'plot' | 'width'>) => ({
  width: width + 2 * MARGIN,
  height: plot.height + 2 * MARGIN + 2 * LINE + BELOW_TEXT,
});

export async function chartPng(picture: Picture, inks: Inks): Promise<Uint8Array> {
  const { plot, width, title, subject, finding } = picture;
  const size = pngSize(picture);
  const canvas = document.createElement('canvas');
  canvas.width = size.width * PNG_SCALE;
  canvas.height = size.height * PNG_SCALE;
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('There is no canvas to draw the picture on.');
  context.scale(PNG_SCALE, PNG_SCALE);
  context.fillStyle = inks.color('background');
  context.fillRect(0, 0, size.width, size.height);

  const write = (
    text: string,
    font: string,
    ink: 'foreground' | 'muted',
    x: number,
    line: number,
  ): number => {
    context.font = `${font} ${inks.fontFamily}`;
    context.fillStyle = inks.color(ink);
    const cut = cutText(text, MARGIN + width - x, (part) => context.measureText(part).width);
    context.fillText(cut, x, MARGIN + line * LINE - 5);
    return x + context.measureText(cut).width;
  };
  const end = write(title, '600 13px', 'foreground', MARGIN, 1);
  write(subject, '12px', 'muted', end + 10, 1);
  write(finding, '12px', 'muted', MARGIN, 2);

  const drawn = document.createElement('canvas');
  const chart = createChart(drawn, plot, width, inks, PNG_SCALE);
  context.drawImage(drawn, MARGIN, MARGIN + 2 * LINE + BELOW_TEXT, width, plot.height);
  chart.destroy();
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
  if (blob === null) throw new Error('The picture is too large to be written.');
  return new Uint8Array(await blob.arrayBuffer());
}

function cutText(text: string, room: number, measure: (text: string) => number): string {
  if (measure(text) <= room) return text;
  let end = text.length;
  while (end > 0 && measure(`${text.slice(0, end)}…`) > room) end--;
  return `${text.slice(0, end)}…`;
}
