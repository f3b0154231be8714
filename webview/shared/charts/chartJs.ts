// The one file that knows Chart.js: a plot becomes a chart on a canvas. No animation, no legend, no tooltip of its own.
import {
  BarController,
  BarElement,
  Chart,
  type ChartConfiguration,
  type ChartDataset,
  Filler,
  LinearScale,
  LineController,
  LineElement,
  LogarithmicScale,
  type Plugin,
  PointElement,
} from 'chart.js';
import type { Inks } from './inks.ts';
import { drawChosen, drawMarks, drawPointed, drawPoints, type Brush, type Frame } from './marks.ts';
import { partMiddle, type Axis, type Ink, type Plot, type Point, type Series } from './plot.ts';

Chart.register(
  BarController,
  BarElement,
  LineController,
  LineElement,
  PointElement,
  LinearScale,
  LogarithmicScale,
  Filler,
);

export interface DrawnChart {
  /** Draws another plot, in another size or in other colors: at once, in one frame. */
  show(plot: Plot, width: number, inks: Inks): void;
  /** A part of the plot that is pointed at, and a range of px that is being chosen; null for none. */
  point(part: number | null, chosen: readonly [from: number, to: number] | null): void;
  /** The value of the x axis at a px of the canvas, and the px of a value. */
  valueAt(px: number): number;
  pxOf(value: number): number;
  destroy(): void;
}

type Kind = 'bar' | 'line';
/** A scale whose room is decided by the plot, not by its labels. */
type Fitted = object;
const FONT_SIZE = 11;
const TICK_SPACE = 6;

/** @param ratio device px for each CSS px; that of the screen where it is left out */
export function createChart(
  canvas: HTMLCanvasElement,
  first: Plot,
  width: number,
  firstInks: Inks,
  ratio?: number,
): DrawnChart {
  let [plot, inks] = [first, firstInks];
  let pointed: number | null = null;
  let chosen: readonly [number, number] | null = null;
  const brushOf = ({ ctx }: { readonly ctx: CanvasRenderingContext2D }): Brush => ({
    context: ctx,
    color: inks.color,
    font: `${FONT_SIZE}px ${inks.fontFamily}`,
  });
  const overlay: Plugin<Kind> = {
    id: 'overlay',
    afterUpdate: (chart) => snapBars(chart, plot),
    beforeDatasetsDraw(chart) {
      if (pointed === null) return;
      const { width: partWidth } = plot.parts;
      const from = partMiddle(plot.parts, pointed) - partWidth / 2;
      drawPointed(brushOf(chart), frameOf(chart), from, from + partWidth);
    },
    afterDatasetsDraw(chart) {
      for (const series of plot.series)
        if (series.kind === 'points') drawPoints(brushOf(chart), frameOf(chart), series.points);
      drawMarks(brushOf(chart), frameOf(chart), plot.marks);
      if (chosen !== null) drawChosen(brushOf(chart), frameOf(chart), ...chosen);
    },
  };
  canvas.width = width;
  canvas.height = plot.height;
  const chart = new Chart<Kind>(canvas, {
    ...chartConfiguration(plot, inks, ratio),
    plugins: [overlay],
  });
  return {
    show(nextPlot, nextWidth, nextInks) {
      [plot, inks] = [nextPlot, nextInks];
      const { data, options = {} } = chartConfiguration(plot, inks, ratio);
      chart.data = data;
      chart.options = options;
      const isSameSize = chart.width === nextWidth && chart.height === plot.height;
      const isSameRatio = ratio !== undefined || chart.currentDevicePixelRatio === window.devicePixelRatio;
      if (isSameSize && isSameRatio) chart.update('none');
      else chart.resize(nextWidth, plot.height);
    },
    point(part, range) {
      if (part === pointed && range === chosen) return;
      [pointed, chosen] = [part, range];
      chart.draw();
    },
    valueAt: (px) => chart.scales['x']?.getValueForPixel(px) ?? NaN,
    pxOf: (value) => chart.scales['x']?.getPixelForValue(value) ?? NaN,
    destroy: () => chart.destroy(),
  };
}

/** The plot in the words of Chart.js. */
export function chartConfiguration(plot: Plot, inks: Inks, ratio?: number): ChartConfiguration<Kind> {
  const { room, x, y } = plot;
  const axis = ({ low, high, ticks }: Axis) => ({
    min: low,
    max: high,
    ticks: {
      autoSkip: false,
      maxRotation: 0,
      color: inks.color('muted'),
      font: { size: FONT_SIZE, family: inks.fontFamily },
      padding: TICK_SPACE,
      callback: (_value: string | number, index: number): string => ticks[index]?.text ?? '',
    },
    afterBuildTicks: (scale: { ticks: { value: number }[] }): void => {
      scale.ticks = ticks.map(({ at }) => ({ value: at }));
    },
  });
  return {
    type: 'bar',
    data: { datasets: plot.series.flatMap((series, index) => datasetsOf(series, index, inks)) },
    options: {
      responsive: false, // whoever owns the canvas measures, because the bars depend on the width
      maintainAspectRatio: false,
      animation: false,
      events: [],
      parsing: false,
      normalized: true,
      ...(ratio === undefined ? {} : { devicePixelRatio: ratio }),
      layout: { autoPadding: false, padding: { top: room.above, right: room.right, bottom: 0, left: 0 } },
      scales: {
        x: {
          type: 'linear',
          offset: false,
          ...axis(x),
          grid: { display: false, drawTicks: false },
          border: { color: inks.color('muted') },
          afterFit: (scale: Fitted) =>
            void Object.assign(scale, { height: room.below, paddingLeft: 0, paddingRight: 0 }),
        },
        y: {
          type: y.kind === 'log' ? 'logarithmic' : 'linear',
          ...axis(y),
          grid: { display: y.hasGrid, drawTicks: false, color: inks.color('grid') },
          border: { display: false },
          afterFit: (scale: Fitted) =>
            void Object.assign(scale, { width: room.left, paddingTop: 0, paddingBottom: 0 }),
        },
      },
    },
  };
}

/** @param index the last series is drawn over all others */
function datasetsOf(series: Series, index: number, { color }: Inks): ChartDataset<Kind>[] {
  if (series.kind === 'points') return []; // drawn over everything, with their errors
  const dataOf = (points: readonly Point[]) => points.map(({ x, y }) => ({ x, y }));
  if (series.kind === 'band') {
    const edge = { type: 'line' as const, order: -index, borderWidth: 0, pointRadius: 0, spanGaps: false };
    const share = `${Math.round(series.opacity * 100)}%`;
    const fill = {
      target: '-1',
      above: `color-mix(in srgb, ${color(series.ink)} ${share}, transparent)`,
      below: 'transparent',
    };
    return [
      { ...edge, data: dataOf(series.low), fill: false },
      { ...edge, data: dataOf(series.high), fill },
    ];
  }
  const data = dataOf(series.points);
  if (series.kind === 'line')
    return [
      {
        type: 'line',
        data,
        order: -index,
        borderColor: color(series.ink),
        borderDash: [...series.dash],
        borderWidth: 1,
        pointRadius: 0,
        spanGaps: false,
      },
    ];
  const inks: readonly Ink[] = typeof series.ink === 'string' ? [series.ink] : series.ink;
  return [
    {
      type: 'bar',
      data,
      order: -index,
      grouped: false,
      barPercentage: 1,
      categoryPercentage: 1,
      inflateAmount: 0,
      borderWidth: 0,
      minBarLength: 1,
      backgroundColor: inks.map(color),
    },
  ];
}

/** Bars begin and end at whole device px, with their gap between them: else all edges are blurred. */
function snapBars(
  chart: Pick<Chart, 'currentDevicePixelRatio' | 'scales' | 'getDatasetMeta'>,
  { series }: Plot,
): void {
  const ratio = chart.currentDevicePixelRatio;
  const snap = (px: number): number => Math.round(px * ratio) / ratio;
  const scale = chart.scales['x'];
  let dataset = -1;
  for (const bars of series) {
    dataset += bars.kind === 'points' ? 0 : bars.kind === 'band' ? 2 : 1;
    if (bars.kind !== 'bars' || scale === undefined) continue;
    for (const [at, element] of chart.getDatasetMeta(dataset).data.entries()) {
      const middle = bars.points[at]?.x ?? NaN;
      const left = snap(scale.getPixelForValue(middle - bars.width / 2));
      const right = snap(scale.getPixelForValue(middle + bars.width / 2));
      const width = Math.max(1 / ratio, right - left - bars.gap);
      Object.assign(element, { x: left + width / 2, width });
    }
  }
}

function frameOf({ chartArea, scales: { x, y } }: Pick<Chart, 'chartArea' | 'scales'>): Frame {
  const { left, right, top, bottom } = chartArea;
  return {
    ...{ left, right, top, bottom },
    x: (value) => x?.getPixelForValue(value) ?? NaN,
    y: (value) => y?.getPixelForValue(value) ?? NaN,
  };
}
