// What hovers in the JSON files of a checkpoint say, as Markdown: of one entry of an index, and of a whole quantization.
import { formatBits, formatBytes, formatCount, formatShape, plural } from '../../core/base/units.ts';
import type { ModelView } from '../../protocol/modelView.ts';
import type { LayerView } from './layerView.ts';
import { asCode, escapeMarkdown } from './markdown.ts';

const MAX_TYPES = 8;
const MAX_PROBLEMS = 3;

/** "**Weights of 4.28 bits**" with the parts that make them. */
export function layerHover({
  name,
  type,
  summary,
  shape,
  weights,
  bytes,
  bits,
  use,
  parts,
}: LayerView): string {
  const is = use === '' ? '' : `The ${use} of ${asCode(name)}. `;
  const facts = [
    asCode(type),
    `**${formatBits(bits)} bits per weight**`,
    `${formatShape(shape)}${shape.length > 1 ? ' (in × out)' : ''}`,
    plural(weights, 'weight'),
    ...(bytes === null ? [] : [formatBytes(bytes)]),
  ];
  const lines = [`${is}${facts.join(' · ')}`, '', escapeMarkdown(summary)];
  if (parts.length > 0) lines.push('', '| part | is | type | bits per weight |', '|---|---|---|---:|');
  for (const part of parts)
    lines.push(
      `| ${asCode(part.name)} | ${part.use} | ${asCode(part.type)} | ${addedBits((part.bytes * 8) / weights)} |`,
    );
  return lines.join('\n');
}

/** The types that the layers really have, and what the configuration says otherwise. */
export function quantizationHover({ bitsPerWeight, parameterCount, types, problems }: ModelView): string {
  const shown = types.slice(0, MAX_TYPES);
  const lines = [
    `**${formatBits(bitsPerWeight)} bits per weight** over ${formatCount(parameterCount)} parameters, with all scales and zero points.`,
    '',
    '| type | bits per weight | tensors | % of weights |',
    '|---|---:|---:|---:|',
    ...shown.map(
      ({ name, bitsPerWeight: bits, tensorCount, weights }) =>
        `| ${asCode(name)} | ${formatBits(bits)} | ${formatCount(tensorCount)} | ${parameterCount === 0 ? '–' : ((weights / parameterCount) * 100).toFixed(1)} |`,
    ),
  ];
  if (types.length > shown.length) lines.push('', `${plural(types.length - shown.length, 'more type')}.`);
  const wrong = problems.filter(({ code }) => code.startsWith('packing-')).slice(0, MAX_PROBLEMS);
  for (const { text } of wrong) lines.push('', `⚠ ${escapeMarkdown(text)}`);
  return lines.join('\n');
}

const addedBits = (bits: number): string =>
  Number.isNaN(bits) ? '–' : bits > 0 && bits < 0.005 ? '<0.01' : formatBits(bits);
