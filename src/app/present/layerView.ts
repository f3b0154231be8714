// One layer of a model, found by the name of a tensor that is stored for it: what a hover in a text editor explains.
import { visibleText } from '../../core/base/visibleText.ts';
import { tensorBits } from '../../core/formats/tensorBits.ts';
import type { Model } from '../../core/formats/model.ts';
import type { PartView } from '../../protocol/modelView.ts';
import { partViews, partWords } from './partViews.ts';
import { shownName } from './tensorColumns.ts';

export interface LayerView {
  /** Of the tensor as the table shows it: of a packed matrix the name of its weights. */
  readonly name: string;
  readonly type: string;
  readonly summary: string;
  /** Inputs, outputs, then further dimensions. */
  readonly shape: readonly number[];
  readonly weights: number;
  /** null: not known. */
  readonly bytes: number | null;
  readonly bits: number | null;
  /** What the tensor that was asked for is to it: "scales"; '' when it is stored as it is. */
  readonly use: string;
  readonly parts: readonly PartView[];
}

/** @param stored name of a stored tensor, as in the file. null: there is none of that name. */
export function layerView({ container, tensors }: Model, stored: string): LayerView | null {
  for (const tensor of tensors) {
    const part = tensor.packed?.parts.find((one) => one.tensor.name === stored);
    if (part === undefined && (tensor.packed !== null || tensor.name !== stored)) continue;
    return {
      name: shownName(tensor.name),
      type: visibleText(tensor.scheme.name),
      summary: tensor.scheme.summary,
      shape: container === 'gguf' ? tensor.shape : tensor.shape.toReversed(),
      weights: tensor.elementCount,
      bytes: tensor.byteLength,
      bits: tensorBits(tensor),
      use: part === undefined ? '' : partWords(part.use, false).label,
      parts: partViews(tensor),
    };
  }
  return null;
}
