// The picture of a block: its bytes to scale, every field in the color it has in the formula.
import type { BlockView } from '../../../src/protocol/modelView.ts';
import { bytesText } from './bytesText.ts';
import { fieldColor } from '../../shared/colors.ts';
import { theme } from '../../shared/theme.ts';
import { layoutBlock, type FieldBox, type FieldLabel } from './blockLabels.ts';

const BAR = 18;
const ROW = 16;
/** Baseline of the first row of labels. */
const FIRST_BASELINE = BAR + 17;

/** @param width px. @param cost the picture in words. */
export function BlockPicture({
  block,
  width,
  cost,
}: {
  readonly block: BlockView;
  readonly width: number;
  readonly cost: string;
}) {
  const { boxes, labels, rows } = layoutBlock(block, width, labelWidth);
  return (
    <svg
      class="block-picture"
      role="img"
      aria-label={`A block of ${bytesText(block.bytes)}. ${cost}`}
      width={width}
      height={FIRST_BASELINE + (rows - 1) * ROW + 5}
    >
      {boxes.map((box, index) => (
        <Field key={index} box={box} colors={block.fields[index]?.colors ?? []} />
      ))}
      {labels.map((label) => (
        <Label key={label.lines[0]} label={label} />
      ))}
    </svg>
  );
}

/** A field that two families share byte by byte shows both, one above the other. */
function Field({
  box,
  colors,
}: {
  readonly box: FieldBox;
  readonly colors: BlockView['fields'][number]['colors'];
}) {
  const height = BAR / colors.length;
  // Fields stand further apart than their pieces, where they are wide enough.
  const width = box.width > 12 ? box.width - 2.5 : Math.max(1.5, box.width - 1);
  return (
    <g>
      {colors.map((color, at) => (
        <rect
          key={color}
          x={box.x}
          y={at * height}
          width={width}
          height={height}
          fill={fieldColor(theme.value, color)}
        />
      ))}
      {box.dividers.map((x) => (
        <rect key={x} class="divider" x={x - 1} y={0} width={1} height={BAR} />
      ))}
    </g>
  );
}

function Label({ label: { lines, x, anchor, row, leader } }: { readonly label: FieldLabel }) {
  const baseline = FIRST_BASELINE + row * ROW;
  const towards = anchor === 'end' ? x + 4 : x - 4;
  return (
    <g>
      {leader !== null && <path class="leader" d={`M${leader},${BAR + 2}V${baseline - 4}H${towards}`} />}
      {lines.map((line, at) => (
        <text key={line} x={x} y={baseline + at * ROW} text-anchor={anchor}>
          {line}
        </text>
      ))}
    </g>
  );
}

let measuring: CanvasRenderingContext2D | null = null;

/** Px of a label as the style sheet sets it: 11 px of the page's font. */
function labelWidth(text: string): number {
  measuring ??= document.createElement('canvas').getContext('2d');
  if (measuring === null) return text.length * WIDEST_CHARACTER;
  measuring.font = `11px ${getComputedStyle(document.body).fontFamily}`;
  return measuring.measureText(text).width;
}

/** Px of a character of an 11 px text in a wide font (DejaVu Sans), on average. */
const WIDEST_CHARACTER = 6.6;
