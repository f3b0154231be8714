// What a type is: sentence, formula, block, and the sum that makes its bits per weight. Part of several cards.
import { formatFixed, plural } from '../../../src/core/base/units.ts';
import type { BlockView, FieldColor, TypeView } from '../../../src/protocol/modelView.ts';
import { fieldColor, fieldTextColor } from '../../shared/colors.ts';
import { theme } from '../../shared/theme.ts';
import { BlockPicture } from './blockPicture.tsx';
import { exactDecimals } from './exactDecimals.ts';

/** Width of a card, and of what is in it, in px. Narrow pages have narrower cards: see hoverCard.css. */
const CARD_WIDTH = 558;
const CARD_PADDING = 12;
const PAGE_MARGIN = 8;

function contentWidth(): number {
  return Math.min(CARD_WIDTH, innerWidth - 2 * PAGE_MARGIN) - 2 * CARD_PADDING - 2;
}

export function TypeSummary({ type: { summary, block, cost } }: { readonly type: TypeView }) {
  return (
    <>
      <p>{summary}</p>
      {block !== null && (
        <>
          <div class="formula-line">
            <Formula formula={block.formula} />
            <span class="block-size">
              {plural(block.bytes, 'byte')} for {plural(block.weights, 'weight')}
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

/** Bytes and bits of the fields, most first; the sum is what a weight costs. */
export function CostTable({ block }: { readonly block: BlockView }) {
  const fields = [...block.fields].sort((a, b) => b.bytes - a.bytes);
  const sum = (block.bytes * 8) / block.weights;
  const decimals = exactDecimals([sum, ...fields.map(({ bitsPerWeight }) => bitsPerWeight)]);
  return (
    <table class="cost">
      <tbody>
        {fields.map(({ label, colors, bytes, bitsPerWeight }) => (
          <tr key={label}>
            <th scope="row">
              <FieldSwatch colors={colors} />
              {label}
            </th>
            <td>{bytes} B</td>
            <td>{formatFixed(bitsPerWeight, decimals)}</td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row">bits per weight</th>
          <td>{block.bytes} B</td>
          <td>{formatFixed(sum, decimals)}</td>
        </tr>
      </tfoot>
    </table>
  );
}

function FieldSwatch({ colors: [first, second] }: { readonly colors: readonly FieldColor[] }) {
  const upper = fieldColor(theme.value, first ?? 'other');
  const lower = second === undefined ? upper : fieldColor(theme.value, second);
  return <span class="swatch" style={{ background: `linear-gradient(${upper} 50%, ${lower} 50%)` }} />;
}
