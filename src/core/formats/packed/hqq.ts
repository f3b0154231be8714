// HQQ: W_q, codes whose first dimension is folded into bytes; scale and zero of floats; shape, bits and more as tensors of their own.
// Source: hqq, hqq/core/quantize.py and bitpack.py.
import type { Module } from './module.ts';
import { compare, matrixShape, refuse, usesOf, type Context, type Recogniser } from './recogniser.ts';
import { wholeNumbers } from './smallParts.ts';
import type { Settings } from './declared.ts';

/** Codes of one stored number, by the bits of a code. */
const FOLDS: Readonly<Record<number, number>> = { 8: 1, 4: 2, 2: 4, 1: 8, 3: 10 };
const LAYOUTS: Readonly<Record<number, string>> = {
  8: '8bit_u8',
  4: '4bit_u8',
  3: '3bit_32',
  2: '2bit_u8',
  1: '1bit_u8',
};

export const recogniseHqq: Recogniser = (module, context, settings) => {
  const codes = module.parts.get('W_q');
  const scales = module.parts.get('scale');
  const [stacked, height, numbers] = matrixShape(codes) ?? [0, 0, 0];
  if (codes === undefined || stacked !== 1) return refuse('its W_q is no matrix');
  if (scales === undefined) return refuse('its scale is missing');
  const [, scaleRows, scaleColumns] = matrixShape(scales) ?? [0, 0, 0];
  const axis = scaleColumns === 1 ? 1 : scaleRows === 1 ? 0 : null;
  if (axis === null || scales.scheme.kind !== 'float')
    return refuse('its scales are quantized themselves, or of no known shape');

  const isWords = (codes.byteLength ?? 0) === codes.elementCount * 4 && codes.scheme.kind === 'integer';
  // view_as_float: the bytes are written as floats of 2 or 4 bytes.
  const width = isWords ? numbers : ((codes.byteLength ?? 0) / codes.elementCount) * numbers;
  const groups = scales.elementCount;
  if (!Number.isSafeInteger(width)) return refuse('its W_q is of a type that holds no codes');
  const bits = isWords ? 3 : bitsOf(module, context, settings, axis === 1 ? groups / height : null);
  const fold = FOLDS[bits ?? 0];
  const layout = LAYOUTS[bits ?? 0];
  if (bits === null || fold === undefined || layout === undefined)
    return refuse('its number of bits is not known');
  // axis 1: the matrix was cut into rows of one group; axis 0: into columns of one.
  const groupSize = axis === 1 ? width : groupHeight(module, context, settings, height * fold);
  const fits =
    axis === 1
      ? Math.ceil(groups / fold) === height
      : width === groups && Math.ceil(groupSize / fold) === height;
  if (!fits)
    return refuse(`its W_q of ${height} × ${width} does not hold ${groups} groups of ${groupSize} weights`);
  const weights = groups * groupSize;
  const said = wholeNumbers(context.parts, module.parts.get('shape'));
  const [rows = 0, columns = 0] = said ?? context.shapes.guess(module.name, weights) ?? [];
  if (rows * columns !== weights) return refuse('its shape cannot be read');
  if (said === null) {
    const text = `has the shape ${rows} × ${columns} as the other shapes of the model ask for; its own was not read.`;
    context.doubt({ kind: 'assumed', module: module.name, text });
  } else context.shapes.learn(module.name, [rows, columns]);
  compare(context, module, { bits, groupSize: groupSize === columns ? null : groupSize, columns }, settings);
  return {
    packing: {
      system: 'hqq',
      codeBits: bits,
      granularity: 'group',
      groupSize,
      symmetric: false,
      axis,
      layout,
    },
    matrices: 1,
    rows,
    columns,
    uses: usesOf(module, [
      ['codes', 'W_q'],
      ['scales', 'scale'],
      ['zeros', 'zero'],
      ['description', 'shape'],
    ]),
  };
};

/** From how many codes share a number, else from the tensor that says it, else from the configuration. */
function bitsOf(module: Module, context: Context, settings: Settings, fold: number | null): number | null {
  const byFold = Object.entries(FOLDS).find(([bits, codes]) => codes === fold && bits !== '3')?.[0];
  if (byFold !== undefined) return Number(byFold);
  return wholeNumbers(context.parts, module.parts.get('nbits'))?.[0] ?? settings.bits ?? null;
}

/** Weights of a group that runs down the first dimension; `most` counts those of padding too. */
function groupHeight(module: Module, context: Context, settings: Settings, most: number): number {
  const said = wholeNumbers(context.parts, module.parts.get('group_size'))?.[0] ?? settings.groupSize;
  return said !== undefined && said > 0 && said <= most ? said : most;
}
