// Where the fields of a block and their labels stand in its picture. A field that is wide enough has its label right below;
// from the others a line leads down to it. Labels never meet each other or the lines of others.
import type { BlockView } from '../../../src/protocol/modelView.ts';
import { bytesText } from './bytesText.ts';

export interface FieldBox {
  readonly x: number;
  readonly width: number;
  /** Where the pieces of the field are divided; empty where they would be too narrow to see. */
  readonly dividers: readonly number[];
}

export interface FieldLabel {
  readonly lines: readonly string[];
  /** Where the text starts, ends or has its middle. */
  readonly x: number;
  readonly anchor: 'start' | 'middle' | 'end';
  /** Row of the first line; rows are counted from the block downwards. */
  readonly row: number;
  /** Where the line from the field comes down; null for a label right below its field. */
  readonly leader: number | null;
}

export interface BlockLayout {
  readonly boxes: readonly FieldBox[];
  readonly labels: readonly FieldLabel[];
  readonly rows: number;
}

/** Pieces narrower than this are not divided, in px. */
const MIN_PIECE = 3;
/** From the line to its text. */
const LEAD = 14;
/** Kept free between texts, and between a text and the line of another. */
const CLEARANCE = 10;

/** @param width px of the whole block. @param widthOf px of a text in the font of the labels. */
export function layoutBlock(block: BlockView, width: number, widthOf: (text: string) => number): BlockLayout {
  const boxes = fieldBoxes(block, width);
  const labels = fieldLabels(block, boxes, width, widthOf);
  return { boxes, labels, rows: Math.max(...labels.map(({ row, lines }) => row + lines.length)) };
}

const NO_BREAK = '\u00a0';

/** "8 scales and 8 mins of 6 bits, 12 bytes". A field that is a symbol of the formula is named by it. */
export function labelText(block: BlockView, field: BlockView['fields'][number]): string {
  const isSymbol = block.formula.some(({ text }) => text === field.label);
  const bytes = bytesText(field.bytes).replace(' ', NO_BREAK);
  return `${isSymbol ? `${field.label}: ` : ''}${field.detail}, ${bytes}`;
}

function fieldBoxes({ fields, bytes }: BlockView, width: number): FieldBox[] {
  const unit = width / bytes;
  let byte = 0;
  return fields.map((field) => {
    const x = byte * unit;
    byte += field.bytes;
    const piece = (field.bytes * unit) / field.pieces;
    const count = piece < MIN_PIECE ? 0 : field.pieces - 1;
    const dividers = Array.from({ length: count }, (_, at) => x + (at + 1) * piece);
    return { x, width: field.bytes * unit, dividers };
  });
}

function fieldLabels(
  block: BlockView,
  boxes: readonly FieldBox[],
  width: number,
  widthOf: (text: string) => number,
): FieldLabel[] {
  const fields = block.fields.map((field, index) => {
    const box = boxes[index] ?? { x: 0, width: 0, dividers: [] };
    const text = labelText(block, field);
    return { text, box, leader: box.x + box.width / 2, fits: widthOf(text) <= box.width };
  });
  const inside = fields.flatMap(({ text, leader, fits }, index): FieldLabel[] =>
    fits
      ? [{ ...insidePlace(index, fields.length, leader, width), lines: [text], row: 0, leader: null }]
      : [],
  );
  const firstRow = inside.length > 0 ? 1 : 0;

  // From the left half lines lead to texts at their right, from the right half to texts at their left. Nearest to the
  // middle first: so the line of each label passes the labels above it on their free side.
  const leading = fields.filter(({ fits }) => !fits);
  const leftHalf = leading.filter(({ leader }) => leader < width / 2).reverse();
  const rightHalf = leading.filter(({ leader }) => leader >= width / 2);
  const leftEnd = Math.max(0, ...leftHalf.map(({ leader }) => leader + CLEARANCE));
  const rightEnd = Math.min(width, ...rightHalf.map(({ leader }) => leader - CLEARANCE));
  const stack = (half: typeof leading, anchor: 'start' | 'end', row: number): FieldLabel[] =>
    half.map(({ text, leader }) => {
      const x = anchor === 'start' ? leader + LEAD : leader - LEAD;
      const lines = wrapped(text, anchor === 'start' ? rightEnd - x : x - leftEnd, widthOf);
      row += lines.length;
      return { lines, x, anchor, row: row - lines.length, leader };
    });

  const left = stack(leftHalf, 'start', firstRow);
  // Beside the labels of the left half where there is room, else further down.
  let row = firstRow;
  let right = stack(rightHalf, 'end', row);
  while (right.some((one) => left.some((other) => touch(one, other, widthOf))))
    right = stack(rightHalf, 'end', ++row);
  return [...inside, ...left, ...right];
}

/** Labels below their own field begin with the block or end with it; between them they stand in the middle. */
function insidePlace(
  index: number,
  count: number,
  middle: number,
  width: number,
): Pick<FieldLabel, 'x' | 'anchor'> {
  if (index === 0) return { x: 0, anchor: 'start' };
  return index === count - 1 ? { x: width, anchor: 'end' } : { x: middle, anchor: 'middle' };
}

function touch(one: FieldLabel, other: FieldLabel, widthOf: (text: string) => number): boolean {
  const [a, b] = [spanOf(one, widthOf), spanOf(other, widthOf)];
  return (
    one.row < other.row + other.lines.length &&
    other.row < one.row + one.lines.length &&
    a.start < b.end + CLEARANCE &&
    b.start < a.end + CLEARANCE
  );
}

/** From where to where a label goes, in px. */
export function spanOf(
  { lines, x, anchor }: FieldLabel,
  widthOf: (text: string) => number,
): { readonly start: number; readonly end: number } {
  const width = Math.max(...lines.map(widthOf));
  const start = x - { start: 0, middle: width / 2, end: width }[anchor];
  return { start, end: start + width };
}

/** Breaks a text between words so that its lines fit; a word alone may be wider. */
function wrapped(text: string, room: number, widthOf: (text: string) => number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    const longer = last === undefined ? word : `${last} ${word}`;
    if (last !== undefined && widthOf(longer) > room) lines.push(word);
    else lines[Math.max(0, lines.length - 1)] = longer;
  }
  return lines;
}
