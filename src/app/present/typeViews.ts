// The schemes that occur in a model, with their shares and the picture of their block.
import { formatFixed } from '../../core/base/units.ts';
import { visibleText } from '../../core/base/visibleText.ts';
import type { Tensor } from '../../core/formats/model.ts';
import { bitsPerWeight, type Scheme } from '../../core/quant/scheme.ts';
import type { BlockView, TypeView } from '../../protocol/modelView.ts';

/** Beyond this many different types (only unknown ones can be so many) the rest is not listed by name. */
const MAX_TYPES = 256;

/** Types by bytes, most first; those of unknown size last. */
export function typeViews(tensors: readonly Tensor[]): TypeView[] {
  const sums = new Map<string, { scheme: Scheme; tensorCount: number; bytes: number; weights: number }>();
  for (const { scheme, byteLength, elementCount } of tensors) {
    let sum = sums.get(scheme.name);
    if (sum === undefined) sums.set(scheme.name, (sum = { scheme, tensorCount: 0, bytes: 0, weights: 0 }));
    sum.tensorCount += 1;
    sum.bytes += byteLength ?? 0;
    sum.weights += elementCount;
  }
  const known = ({ scheme }: { scheme: Scheme }): number => (scheme.blockBytes === null ? 1 : 0);
  return [...sums.values()]
    .sort((a, b) => known(a) - known(b) || b.bytes - a.bytes || (a.scheme.name < b.scheme.name ? -1 : 1))
    .slice(0, MAX_TYPES)
    .map(({ scheme, tensorCount, bytes, weights }) => ({
      name: visibleText(scheme.name),
      bitsPerWeight: bitsPerWeight(scheme),
      tensorCount,
      bytes,
      weights,
      block: blockView(scheme),
      summary: scheme.summary,
      cost: costSentence(scheme),
      source: scheme.source,
    }));
}

function blockView(scheme: Scheme): BlockView | null {
  const { blockBytes, blockWeights, fields, formula } = scheme;
  if (blockBytes === null || fields.length === 0) return null;
  return {
    weights: blockWeights,
    bytes: blockBytes,
    fields: fields.map(({ label, bytes, families, detail, pieces }) => ({
      label,
      bytes,
      colors: families,
      detail,
      pieces,
      bitsPerWeight: (bytes * 8) / blockWeights,
    })),
    formula: formula.map(({ text, family }) => (family === undefined ? { text } : { text, color: family })),
  };
}

/** "128 B of codes + 12 B of scales and mins + 4 B of … = 144 B for 256 weights: 4.5 bits each." */
function costSentence({ fields, blockBytes, blockWeights }: Scheme): string {
  if (blockBytes === null || fields.length < 2) return '';
  const bits = (bytes: number): string => trimZeros(formatFixed((bytes * 8) / blockWeights, 4));
  const parts = [...fields]
    .sort((a, b) => b.bytes - a.bytes)
    .map(({ label, bytes }) => `${bits(bytes)} bits of ${label}`);
  return `${parts.join(' + ')} = ${bits(blockBytes)} bits per weight.`;
}

const trimZeros = (text: string): string => text.replace(/\.?0+$/, '');
