// The stored tensors of a packed matrix, as pages show them.
import { visibleText } from '../../core/base/visibleText.ts';
import type { Tensor } from '../../core/formats/model.ts';
import type { PartUse } from '../../core/quant/packed/packing.ts';
import type { FieldColor, PartView } from '../../protocol/modelView.ts';
import { shownName } from './tensorColumns.ts';

/** What a part is called, and its color: that of its letter in the formula. */
const PART_WORDS: Readonly<Record<PartUse, { readonly label: string; readonly color: FieldColor }>> = {
  codes: { label: 'codes', color: 'code' },
  scales: { label: 'scales', color: 'superScale' },
  zeros: { label: 'zero points', color: 'min' },
  superScales: { label: 'scales of scales', color: 'superScale' },
  table: { label: 'values of codes', color: 'other' },
  scaleTable: { label: 'values of scales', color: 'other' },
  order: { label: 'order of channels', color: 'other' },
  groups: { label: 'groups', color: 'other' },
  description: { label: 'description', color: 'other' },
  inputSigns: { label: 'input scales', color: 'other' },
  outputSigns: { label: 'output scales', color: 'other' },
  activation: { label: 'scales of activations', color: 'other' },
};

/** @param isDouble scales under a scale: then they have the color of sc, and that one the color of d. */
export function partWords(
  use: PartUse,
  isDouble: boolean,
): { readonly label: string; readonly color: FieldColor } {
  const words = PART_WORDS[use];
  return use === 'scales' && isDouble ? { ...words, color: 'scale' } : words;
}

export function partViews({ name, packed }: Tensor): PartView[] {
  const isDouble = packed?.parts.some(({ use }) => use === 'superScales') ?? false;
  return (packed?.parts ?? []).map(({ use, tensor }) => ({
    name: shownName(nameBeside(tensor.name, name)),
    use: partWords(use, isDouble).label,
    color: partWords(use, isDouble).color,
    type: visibleText(tensor.scheme.name),
    shape: tensor.shape,
    bytes: tensor.byteLength ?? NaN,
    offset: tensor.byteOffset,
    file: tensor.file,
    state: tensor.state,
  }));
}

/** "…q_proj.qweight" beside "…q_proj.weight" → "qweight"; "…down_proj_blocks" beside "…down_proj" → "down_proj_blocks". */
function nameBeside(part: string, matrix: string): string {
  let common = 0;
  while (common < part.length && part[common] === matrix[common]) common++;
  return part.slice(part.lastIndexOf('.', common) + 1);
}
