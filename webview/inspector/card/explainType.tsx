// What a type is: sentence, formula, block, and the sum that makes its bits per weight. Part of several cards.
import { formatBytes, formatFixed, plural } from '../../../src/core/base/units.ts';
import type { BlockView, FieldColor, TypeView } from '../../../src/protocol/modelView.ts';
import { fieldColor, fieldTextColor } from '../../shared/colors.ts';
import { theme } from '../../shared/theme.ts';
import { BlockPicture } from './blockPicture.tsx';
import { bytesText } from './bytesText.ts';
import { exactDecimals } from './exactDecimals.ts';

/** Width of a card, and of what is in it, in px. Narrow pages have narrower cards: see hoverCard.css. */
const CARD_WIDTH = 558;
const CARD_PADDING = 12;
const PAGE_MARGIN = 8;

function contentWidth(): number {
  return Math.min(CARD_WIDTH, innerWidth - 2 * PAGE_MARGIN) - 2 * CARD_PADDING - 2;
}

export function TypeSummary({ type }: { readonly type: TypeView }) {
  const { summary, block, formula, cost } = type;
  return (
    <>
      <p>{summary}</p>
      {block === null && formula.length > 0 && (
        <div class="formula-line">
          <Formula formula={formula} />
        </div>
      )}
      {block !== null && (
        <>
          <div class="formula-line">
            <Formula formula={block.formula} />
            <span class="block-size">
              {bytesText(block.bytes)} for {plural(block.weights, 'weight')}
            </span>
          </div>
          <BlockPicture block={block} width={contentWidth()} cost={cost} />
        </>
      )}
    </>
  );
}

function Formula({ formula }: { readonly formula: BlockView['formula'] }) {
  return (
    <span class="formula mono">
      {formula.map(({ text, color }, at) => {
        const ink = color === undefined ? null : fieldTextColor(theme.value, color);
        return ink === null ? (
          text
        ) : (
          <span key={at} style={{ color: ink }}>
            {text}
          </span>
        );
      })}
    </span>
  );
}

/** Bytes and bits of the fields of a block, or of all parts of a packed type, most first; the sum is what a weight costs. */
export function CostTable({ type }: { readonly type: TypeView }) {
  const { costs, block, isPacked, tensorCount } = type;
  const fields = [...costs].sort((a, b) => b.bytes - a.bytes);
  const bytes = isPacked ? type.bytes : (block?.bytes ?? 0);
  const sum = type.bitsPerWeight ?? 0;
  const decimals = exactDecimals([sum, ...fields.map(({ bitsPerWeight }) => bitsPerWeight)]);
  const size = (own: number): string => (isPacked ? formatBytes(own) : `${own} B`);
  return (
    <table class="cost">
      <tbody>
        {fields.map(({ label, colors, bytes, bitsPerWeight }) => (
          <tr key={label}>
            <th scope="row">
              <FieldSwatch colors={colors} />
              {label}
            </th>
            <td>{size(bytes)}</td>
            <td>{addedBits(bitsPerWeight, decimals)}</td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row">bits per weight{isPacked && tensorCount > 1 && `, all ${tensorCount}`}</th>
          <td>{size(bytes)}</td>
          <td>{formatFixed(sum, decimals)}</td>
        </tr>
      </tfoot>
    </table>
  );
}

/** A table of codes that a large matrix has adds less than the last decimal. */
const addedBits = (bits: number, decimals: number): string =>
  bits > 0 && bits < 10 ** -decimals / 2
    ? `<${formatFixed(10 ** -decimals, decimals)}`
    : formatFixed(bits, decimals);

function FieldSwatch({ colors: [first, second] }: { readonly colors: readonly FieldColor[] }) {
  const upper = fieldColor(theme.value, first ?? 'other');
  const lower = second === undefined ? upper : fieldColor(theme.value, second);
  return <span class="swatch" style={{ background: `linear-gradient(${upper} 50%, ${lower} 50%)` }} />;
}
