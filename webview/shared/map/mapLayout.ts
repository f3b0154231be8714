// Where everything of the map stands, in px: columns are layers, rows are roles, edges are what has no layer. Pure geometry.
import type { EdgeCell, MapCell, MapContent, MapStack } from './mapCells.ts';

export interface Box {
  readonly kind: 'cell' | 'thin' | 'edge' | 'sum';
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly cell: MapCell;
  /** Its type is not the one that most of its stack has: it gets a number. */
  readonly isOther: boolean;
  /** A norm or another vector. */
  readonly isThin: boolean;
}

export interface Label {
  readonly text: string;
  readonly y: number;
  /** A role's name, the word before thin rows or the bottom row. */
  readonly kind: 'role' | 'thin' | 'sum';
}

/** The numbers right of a row: of a role over all layers, or of the whole stack. */
export interface Margin {
  readonly kind: 'role' | 'stack';
  readonly y: number;
  readonly cell: MapCell;
}

export interface MapLayout {
  /** Distance between the left sides of two columns, and how much of it stays empty. */
  readonly pitch: number;
  readonly gap: number;
  /** Where labels end and the first cells begin. */
  readonly labelWidth: number;
  /** Where columns begin, and how wide all of them are. */
  readonly plotLeft: number;
  readonly plotWidth: number;
  /** Right end of the edge cells at the right; the margins begin here. */
  readonly marginLeft: number;
  readonly hasShares: boolean;
  readonly width: number;
  /** Without the axis under it. */
  readonly height: number;
  readonly boxes: readonly Box[];
  readonly labels: readonly Label[];
  readonly margins: readonly Margin[];
  /** Texts under the columns, with the middle of each. */
  readonly ticks: readonly { readonly x: number; readonly text: string }[];
}

const MATRIX_HEIGHT = 17;
const THIN_HEIGHT = 6;
const SUM_HEIGHT = 7;
/** Over the first row, for the captions of the margins. */
export const CAPTION_HEIGHT = 10;
export const AXIS_HEIGHT = 20;
const ROW_GAP = 1;
const SECTION_GAP = 5;
const STACK_GAP = 12;
const EDGE_WIDTH = 25;
const EDGE_GAP = 10;
/** A piece of an edge is at least this high; more pieces than fit stand under the map. */
const MIN_EDGE_HEIGHT = 8;
const MARGIN_WIDTH = 190;
const NARROW_MARGIN_WIDTH = 56;
/** Below this width the shares of the file are dropped. */
const SHARES_FROM = 900;
const MAX_PITCH = 32;
const MAX_PITCH_OF_FEW = 64;
const FEW_LAYERS = 8;
/** From here up cells are parted by a gap. */
const GAP_FROM_PITCH = 4;
/** Thinner columns cannot be told apart: the map scrolls instead. */
const MIN_PITCH = 2;

/** @param labelWidth px that the longest label takes, with the space behind it. */
export function layOutMap(content: MapContent, width: number, labelWidth: number): MapLayout {
  const { layers, stacks } = content;
  const hasInput = stacks.some(({ input }) => input.length > 0);
  const hasOutput = stacks.some(({ output }) => output.length > 0);
  const edge = EDGE_WIDTH + EDGE_GAP;
  const hasShares = width >= SHARES_FROM;
  const plotLeft = labelWidth + (hasInput ? edge : 0);
  const taken = plotLeft + (hasOutput ? edge : 0) + (hasShares ? MARGIN_WIDTH : NARROW_MARGIN_WIDTH);
  const most = layers.length < FEW_LAYERS ? MAX_PITCH_OF_FEW : MAX_PITCH;
  const pitch = Math.max(MIN_PITCH, Math.min(most, Math.floor((width - taken) / Math.max(1, layers.length))));
  const gap = pitch >= GAP_FROM_PITCH ? 1 : 0;
  const plotWidth = Math.max(0, layers.length * pitch - gap);
  const column = new Map(layers.map((layer, index) => [layer, plotLeft + index * pitch]));
  const boxes: Box[] = [];
  const labels: Label[] = [];
  const margins: Margin[] = [];
  const tooMany: EdgeCell[] = [];

  const addStack = (stack: MapStack, top: number): number => {
    let y = top;
    stack.rows.forEach(({ role, cells, sum }, index) => {
      if (index > 0 && role.section !== stack.rows[index - 1]?.role.section) y += SECTION_GAP;
      const height = role.thin ? THIN_HEIGHT : MATRIX_HEIGHT;
      const kind = role.thin ? 'thin' : 'cell';
      for (const [layer, cell] of cells)
        boxes.push({
          kind,
          x: column.get(layer) ?? plotLeft,
          y,
          width: pitch - gap,
          height,
          cell,
          isOther: cell.type !== stack.sum.type,
          isThin: role.thin,
        });
      if (!role.thin) {
        labels.push({ text: role.label, y: y + height / 2, kind: 'role' });
        margins.push({ kind: 'role', y: y + height / 2, cell: sum });
      }
      y += height + ROW_GAP;
    });
    labels.push(...thinLabels(stack, top));
    const height = y - ROW_GAP - top;
    for (const [x, edges] of [
      [labelWidth, stack.input],
      [plotLeft + plotWidth + EDGE_GAP, stack.output],
    ] as const) {
      const fitting = edges.slice(0, Math.max(1, Math.floor(height / MIN_EDGE_HEIGHT)));
      tooMany.push(...edges.slice(fitting.length));
      boxes.push(...edgeBoxes(fitting, x, top, height));
    }
    y += 4 - ROW_GAP;
    for (const [layer, cell] of stack.sums)
      boxes.push({
        kind: 'sum',
        x: column.get(layer) ?? plotLeft,
        y,
        width: pitch - gap,
        height: SUM_HEIGHT,
        cell,
        isOther: false,
        isThin: false,
      });
    labels.push({ text: 'all', y: y + SUM_HEIGHT / 2, kind: 'sum' });
    margins.push({ kind: 'stack', y: y + SUM_HEIGHT / 2, cell: stack.sum });
    return y + SUM_HEIGHT;
  };

  let y = CAPTION_HEIGHT;
  stacks.forEach((stack, index) => (y = addStack(stack, index === 0 ? y : y + STACK_GAP)));

  const others = [...content.others, ...tooMany];
  if (others.length > 0) {
    if (stacks.length > 0) y += STACK_GAP - 4;
    labels.push({ text: 'other', y: y + MATRIX_HEIGHT / 2, kind: 'role' });
    // Squares, in as many lines as they need.
    const size = MATRIX_HEIGHT + ROW_GAP;
    const perLine = Math.max(1, Math.floor(Math.max(plotWidth, width - taken) / size));
    others.forEach(({ role, cell }, index) => {
      const x = plotLeft + (index % perLine) * size;
      const top = y + Math.floor(index / perLine) * size;
      boxes.push({
        kind: 'edge',
        x,
        y: top,
        width: MATRIX_HEIGHT,
        height: MATRIX_HEIGHT,
        cell,
        isOther: true,
        isThin: role.thin,
      });
    });
    y += Math.ceil(others.length / perLine) * size - ROW_GAP;
  }

  const marginLeft = plotLeft + plotWidth + (hasOutput ? edge : 0);
  const ticks = layerTicks(layers, pitch, plotLeft, pitch - gap);
  if (hasInput) ticks.push({ x: labelWidth + EDGE_WIDTH / 2, text: 'embd' });
  if (hasOutput) ticks.push({ x: plotLeft + plotWidth + EDGE_GAP + EDGE_WIDTH / 2, text: 'out' });
  return {
    pitch,
    gap,
    labelWidth,
    plotLeft,
    plotWidth,
    marginLeft,
    hasShares,
    width: marginLeft + (hasShares ? MARGIN_WIDTH : NARROW_MARGIN_WIDTH),
    height: y,
    boxes,
    labels,
    margins,
    ticks,
  };
}

/** One word for each run of thin rows, in the middle of the run. */
function thinLabels({ rows }: MapStack, top: number): Label[] {
  const labels: Label[] = [];
  let y = top;
  let run: string[] = [];
  rows.forEach(({ role }, index) => {
    if (index > 0 && role.section !== rows[index - 1]?.role.section) y += SECTION_GAP;
    y += (role.thin ? THIN_HEIGHT : MATRIX_HEIGHT) + ROW_GAP;
    if (!role.thin) return;
    run.push(role.label);
    const next = rows[index + 1]?.role;
    if (next?.thin === true && next.section === role.section) return;
    const word = run.every((label) => label.includes('norm')) ? 'norm' : 'vector';
    const height = run.length * (THIN_HEIGHT + ROW_GAP) - ROW_GAP;
    labels.push({ text: run.length === 1 ? word : `${word}s`, y: y - ROW_GAP - height / 2, kind: 'thin' });
    run = [];
  });
  return labels;
}

/** Thin pieces at the top, the others share the height that is left. */
function edgeBoxes(edges: readonly EdgeCell[], x: number, top: number, height: number): Box[] {
  const space = 2;
  const thinCount = edges.filter(({ role }) => role.thin).length;
  const tallCount = edges.length - thinCount;
  const left = height - thinCount * (THIN_HEIGHT + space) - (tallCount - 1) * space;
  let y = top;
  return edges.map(({ role, cell }, index) => {
    const last = index === edges.length - 1 && !role.thin;
    const own = role.thin ? THIN_HEIGHT : last ? top + height - y : Math.floor(left / tallCount);
    const box: Box = {
      kind: 'edge',
      x,
      y,
      width: EDGE_WIDTH,
      height: own,
      cell,
      isOther: true,
      isThin: role.thin,
    };
    y += own + space;
    return box;
  });
}

/** Px that two layer numbers need between their middles. */
const TICK_DISTANCE = 44;

/** Round layer numbers, and the last one where it does not touch the one before. */
function layerTicks(
  layers: readonly number[],
  pitch: number,
  left: number,
  cellWidth: number,
): { x: number; text: string }[] {
  const every = layers.length <= FEW_LAYERS ? 1 : roundStep(TICK_DISTANCE / pitch);
  const last = layers.length - 1;
  const at = (index: number) => ({ x: left + index * pitch + cellWidth / 2, text: String(layers[index]) });
  const shown = layers.flatMap((_, index) => (index % every === 0 ? [index] : []));
  const before = shown.at(-1) ?? 0;
  if (last > before) {
    if ((last - before) * pitch < TICK_DISTANCE * 0.6) shown.pop();
    shown.push(last);
  }
  return shown.map(at);
}

/** The smallest of 1, 4, 8, 10, 20, 40, 50, 100, 200, … that is not below `step`. */
function roundStep(step: number): number {
  for (const round of [1, 4, 8]) if (round >= step) return round;
  for (let power = 10; ; power *= 10)
    for (const digit of [1, 2, 4, 5]) if (digit * power >= step) return digit * power;
}
