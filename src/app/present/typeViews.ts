// The schemes that occur in a model, with their shares and the picture of their block.
import { formatFixed } from '../../core/base/units.ts';
import { visibleText } from '../../core/base/visibleText.ts';
import type { Tensor } from '../../core/formats/model.ts';
import type { PartUse } from '../../core/quant/packed/packing.ts';
import { bitsPerWeight, type Scheme } from '../../core/quant/scheme.ts';
import type { BlockView, CostView, TypeView } from '../../protocol/modelView.ts';
import { partWords } from './partViews.ts';

/** Beyond this many different types (only unknown ones can be so many) the rest is not listed by name. */
const MAX_TYPES = 256;

interface Sum {
  readonly scheme: Scheme;
  tensorCount: number;
  bytes: number;
  weights: number;
  /** Of packed matrices: bytes of their parts by what they are. */
  readonly parts: Map<PartUse, number>;
}

/** Types by bytes, most first; those of unknown size last. */
export function typeViews(tensors: readonly Tensor[]): TypeView[] {
  const sums = new Map<string, Sum>();
  for (const { scheme, byteLength, elementCount, packed, state } of tensors) {
    let sum = sums.get(scheme.name);
    if (sum === undefined)
      sums.set(scheme.name, (sum = { scheme, tensorCount: 0, bytes: 0, weights: 0, parts: new Map() }));
    sum.tensorCount += 1;
    if (state === 'invalid') continue; // as in totals: its numbers contradict each other
    sum.bytes += byteLength ?? 0;
    sum.weights += elementCount;
    for (const { use, tensor } of packed?.parts ?? [])
      sum.parts.set(use, (sum.parts.get(use) ?? 0) + (tensor.byteLength ?? 0));
  }
  const isUnknown = ({ scheme }: Sum): number => (scheme.kind === 'unknown' ? 1 : 0);
  return [...sums.values()]
    .sort(
      (a, b) => isUnknown(a) - isUnknown(b) || b.bytes - a.bytes || (a.scheme.name < b.scheme.name ? -1 : 1),
    )
    .slice(0, MAX_TYPES)
    .map((sum) => {
      const { scheme, tensorCount, bytes, weights } = sum;
      const bits = scheme.kind === 'packed' ? packedBits(sum) : bitsPerWeight(scheme);
      const costs = scheme.kind === 'packed' ? partCosts(sum) : fieldCosts(scheme);
      return {
        name: visibleText(scheme.name),
        bitsPerWeight: bits,
        tensorCount,
        bytes,
        weights,
        block: blockView(scheme),
        summary: scheme.summary,
        formula: formulaView(scheme),
        costs,
        cost: bits === null ? '' : costSentence(costs, bits),
        isPacked: scheme.kind === 'packed',
        source: scheme.source,
      };
    });
}

const packedBits = ({ bytes, weights }: Sum): number | null => (weights === 0 ? null : (bytes * 8) / weights);

/** What the parts of all matrices of a type add to the bits of a weight, in the order in which they are written. */
function partCosts({ parts, weights }: Sum): CostView[] {
  if (weights === 0) return [];
  return [...parts].map(([use, bytes]) => {
    const { label, color } = partWords(use, parts.has('superScales'));
    return { label, colors: [color], bytes, bitsPerWeight: (bytes * 8) / weights };
  });
}

function fieldCosts({ fields, blockWeights }: Scheme): CostView[] {
  return fields.map(({ label, families, bytes }) => ({
    label,
    colors: families,
    bytes,
    bitsPerWeight: (bytes * 8) / blockWeights,
  }));
}

/** The block of a type; of a packed one the bytes of a group, wherever they are stored. */
function blockView(scheme: Scheme): BlockView | null {
  const { blockWeights, fields } = scheme;
  if (fields.length === 0) return null;
  return {
    weights: blockWeights,
    bytes: scheme.blockBytes ?? fields.reduce((sum, { bytes }) => sum + bytes, 0),
    fields: fields.map(({ label, bytes, families, detail, pieces }) => ({
      label,
      bytes,
      colors: families,
      detail,
      pieces,
      bitsPerWeight: (bytes * 8) / blockWeights,
    })),
    formula: formulaView(scheme),
  };
}

const formulaView = ({ formula }: Scheme): BlockView['formula'] =>
  formula.map(({ text, family }) => (family === undefined ? { text } : { text, color: family }));

/** "4 bits of codes + 0.375 bits of scales and mins + 0.125 bits of d = 4.5 bits per weight." */
function costSentence(costs: readonly CostView[], sum: number): string {
  if (costs.length < 2) return '';
  const bits = (value: number): string =>
    value > 0 && value < LEAST_SHOWN ? `<${LEAST_SHOWN}` : trimZeros(formatFixed(value, 4));
  const parts = [...costs]
    .sort((a, b) => b.bytes - a.bytes)
    .map(({ label, bitsPerWeight: own }) => `${bits(own)} bits of ${label}`);
  return `${parts.join(' + ')} = ${bits(sum)} bits per weight.`;
}

/** Four decimals are enough for every block; a table of a packed tensor can be less. */
const LEAST_SHOWN = 0.0001;
const trimZeros = (text: string): string => text.replace(/\.?0+$/, '');
