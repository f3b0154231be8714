// One block of a tensor, taken apart: its bytes, its weights, and for every weight the formula with its numbers.
import { notReadable, wrongUsage } from '../../core/base/failure.ts';
import { plural } from '../../core/base/units.ts';
import { type Anatomy, anatomyOf, type WeightAnatomy } from '../../core/quant/anatomy/anatomy.ts';
import { decoderOf } from '../../core/quant/decode/decoders.ts';
import type { Scheme } from '../../core/quant/scheme.ts';
import type { FieldColor } from '../../protocol/modelView.ts';
import type { BlockContents, BlockWeight } from '../../protocol/tensorStats.ts';
import { packedBlock } from './packedBlock.ts';
import type { Source } from './rowsPass.ts';
import { shownNumber as shown } from './shownNumber.ts';
import type { TensorData } from './tensorData.ts';

/** Plain numbers have no blocks: this many are shown at a time. A multiple of 8, so that they begin at a byte. */
const PLAIN_WEIGHTS = 32;

/** @throws Failure for a block that is not there, or not all of it */
export function blockContents(data: TensorData, source: Source, index: number): BlockContents {
  const { tensor, endianness, rowWeights } = data;
  if (tensor.packed !== null) return packedBlock(data, source, index);
  const { scheme, elementCount } = tensor;
  const anatomy = anatomyOf(scheme, endianness);
  const perBlock = anatomy === null ? PLAIN_WEIGHTS : scheme.blockWeights;
  const blockCount = Math.ceil(elementCount / perBlock);
  if (!Number.isInteger(index) || index < 0 || index >= blockCount)
    throw wrongUsage(`There is no block ${index}; the tensor has ${plural(blockCount, 'block')}.`);
  const first = index * perBlock;
  const weightCount = Math.min(perBlock, elementCount - first);
  const bytesOf = (weights: number): number => (weights / scheme.blockWeights) * (scheme.blockBytes ?? 0);
  const byteOffset = tensor.byteOffset + bytesOf(first);
  const bytes = new Uint8Array(Math.ceil(bytesOf(weightCount)));
  if (source.read(byteOffset, bytes) < bytes.length)
    throw notReadable(tensor.name, 'the file ends inside its data');
  const place = {
    index,
    blockCount,
    row: Math.floor(first / rowWeights),
    column: first % rowWeights,
    byteOffset,
    bytes,
  };
  if (anatomy !== null) {
    const weights = Array.from({ length: weightCount }, (_item, weight) =>
      blockWeight(anatomy, scheme, bytes, weight),
    );
    return { ...place, byteColors: fieldColors(scheme), weights };
  }
  const values = new Float32Array(weightCount);
  decoderOf(scheme)?.(bytes, 0, weightCount, values, 0, endianness);
  const weights = Array.from(values, (value, weight): BlockWeight => {
    const [from, to] = [Math.floor(bytesOf(weight)), Math.ceil(bytesOf(weight + 1))];
    const own = Array.from({ length: to - from }, (_item, at) => ({
      byte: from + at,
      color: 'code' as const,
    }));
    return { value, formula: [{ text: 'w = ' }, { text: shown(value), color: 'code' }], bytes: own };
  });
  return { ...place, byteColors: Array.from(bytes, () => ['code'] as const), weights };
}

/** The families of every byte of a block. */
function fieldColors({ fields }: Scheme): (readonly FieldColor[])[] {
  return fields.flatMap(({ bytes, families }) => Array.from({ length: bytes }, () => families));
}

function blockWeight(anatomy: Anatomy, scheme: Scheme, bytes: Uint8Array, weight: number): BlockWeight {
  const made = anatomy.weightAt(bytes, 0, weight);
  const places = made.numbers.flatMap(({ runs, family }) =>
    runs.map(({ byte }) => ({ byte, color: family })),
  );
  return { value: made.value, formula: filledFormula(scheme, made), bytes: places };
}

/** "w = d·sc·q − dmin·m" with numbers in place of the names, and what comes of it. What a table or grid holds stands in
 * place of the look-up. */
function filledFormula(
  { formula }: Scheme,
  { numbers, level, value }: WeightAnatomy,
): BlockWeight['formula'] {
  const looksUp = formula.some(({ text }) => LOOK_UP.test(text));
  const pieces = formula.flatMap(({ text, family }): BlockWeight['formula'] => {
    if (family === undefined) {
      const rest = text.replace(LOOK_UP, '').replace(LOOKED_UP, '');
      return rest === '' ? [] : [{ text: rest }];
    }
    const number = numbers.find(({ name }) => name === text);
    const filled = looksUp && text === 'q' ? level : number?.value;
    return [{ text: filled === undefined ? text : shown(filled), color: family }];
  });
  return [...pieces, { text: ` = ${shown(value)}` }];
}

/** What stands before and after the index of a look-up: `±grid[q]`, `(grid[q] ± ⅛)`. */
const LOOK_UP = /[±(]?(grid|table|float)\[$/;
const LOOKED_UP = /^\]( ± ⅛\))?/;
