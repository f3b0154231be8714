// Codes of 8 bits (floats or integers) or 4 under the weight's own name with scales beside them: FP8 of DeepSeek and others,
// compressed-tensors, ModelOpt and TensorRT-LLM (FP8, NVFP4, 4-bit AWQ, SmoothQuant), Quark.
// Sources: compressed-tensors, compressors/*; ModelOpt, torch/export/quant_utils.py; transformers, integrations/finegrained_fp8.py.
import type { Tensor } from '../model.ts';
import { blockFloatIn } from './blockFloat.ts';
import { makerOf } from './maker.ts';
import type { Module } from './module.ts';
import {
  compare,
  groupSizeOf,
  isType,
  matrixShape,
  refuse,
  usesOf,
  type Context,
  type Found,
  type Recogniser,
} from './recogniser.ts';
import type { Settings } from './declared.ts';

/** Names of the scales, the surest first. All of them are multiplied. */
const SCALES = [
  'weight_scale_inv',
  'weight_scale',
  'scale_inv',
  'weights_scaling_factor',
  'qscale_weight',
  'scale',
];
const FLOATS = ['F8_E4M3', 'F8_E5M2', 'F8_E4M3FNUZ', 'F8_E5M2FNUZ'];
/** Side of the blocks of DeepSeek and Qwen. */
const BLOCK = 128;

export const recogniseScaled: Recogniser = (module, context, settings) => {
  const codes = module.parts.get('weight') ?? module.parts.get('');
  const scaleName = SCALES.find((name) => module.parts.has(name));
  const scales = module.parts.get(scaleName ?? '');
  if (codes === undefined || scaleName === undefined || scales === undefined) return null;
  const shape = matrixShape(codes);
  if (shape === null || !isType(codes, ...FLOATS, 'I8', 'U8', 'F4')) return null; // a norm or a plain float with a scale of its own
  const blocks = blockFloatIn(module, codes, scales, context);
  if (blocks !== null) return blocks;
  if (isType(codes, 'U8')) return modelOptInt4(module, codes, scales, context, settings);
  if (isType(codes, 'F4')) return refuse('its scales fit no block of 16 or 32 weights');
  return wholeCodes(module, shape, scales, scaleName, context, settings);
};

function wholeCodes(
  module: Module,
  shape: readonly [number, number, number],
  scales: Tensor,
  scaleName: string,
  context: Context,
  settings: Settings,
): ReturnType<Recogniser> {
  const [matrices, rows, columns] = shape;
  const grid = gridOf(scales, matrices, rows, columns, settings.block);
  if (grid === null)
    return refuse(
      `its ${scaleName} has the shape ${scales.shape.join(' × ')} for ${rows} output and ${columns} input channels`,
    );
  const codesName = module.parts.has('weight') ? 'weight' : '';
  const { granularity, block } = grid;
  const groupSize = granularity === 'group' ? groupSizeOf(columns, grid.across, settings.groupSize) : null;
  compare(context, module, { bits: 8, columns }, settings);
  if (block !== null && settings.block !== undefined && String(block) !== String(settings.block)) {
    const text = `has blocks of ${block.join(' × ')} by its shapes; ${context.declared.where} says ${settings.block.join(' × ')}.`;
    context.doubt({ kind: 'config', module: module.name, text });
  }
  return {
    packing: {
      system: 'scaled',
      codeBits: 8,
      granularity,
      groupSize: granularity === 'block' ? (block?.[1] ?? null) : groupSize,
      symmetric: !module.parts.has('weight_zero_point'),
      maker: makerOf(context),
      block,
    },
    matrices,
    rows,
    columns,
    uses: usesOf(module, [
      ['codes', codesName],
      ['scales', scaleName],
      ['zeros', 'weight_zero_point'],
      ...PRE_SCALES,
    ]),
  };
}

/** Scales of whole input channels: AWQ and SmoothQuant moved a part of the activations into the weights. */
const PRE_SCALES = ['pre_quant_scale', 'prequant_scaling_factor', 'smooth_scale'].map(
  (part) => ['inputSigns', part] as const,
);

interface Grid {
  readonly granularity: 'tensor' | 'channel' | 'group' | 'block';
  readonly block: readonly [number, number] | null;
  /** Scales in the direction of the input channels. */
  readonly across: number;
}

/** Where the scales hold, from how many there are in each direction. */
function gridOf(
  scales: Tensor,
  matrices: number,
  rows: number,
  columns: number,
  said: Settings['block'],
): Grid | null {
  const plain = { block: null, across: 1 };
  if (scales.elementCount === 1 || scales.elementCount === matrices)
    return { ...plain, granularity: 'tensor' };
  if (scales.elementCount === matrices * rows && scales.shape.at(-1) !== columns)
    return { ...plain, granularity: 'channel' };
  const [stacked, down, across] = matrixShape(scales) ?? [0, 0, 0];
  if (stacked !== matrices || down > rows || across > columns || down < 1 || across < 1) return null;
  if (down === rows)
    return across === 1
      ? { ...plain, granularity: 'channel' }
      : { granularity: 'group', block: null, across };
  const fits = (length: number, blocks: number, size: number): boolean => Math.ceil(length / size) === blocks;
  if (said !== undefined && fits(rows, down, said[0]) && fits(columns, across, said[1]))
    return { granularity: 'block', block: said, across };
  const side = (length: number, blocks: number): number =>
    fits(length, blocks, BLOCK) ? BLOCK : Math.ceil(length / blocks);
  return {
    granularity: 'block',
    block: [side(rows, down), side(columns, across)],
    across,
  };
}

/** W4A16_AWQ: two output channels in a byte. */
function modelOptInt4(
  module: Module,
  codes: Tensor,
  scales: Tensor,
  context: Context,
  settings: Settings,
): Found | null {
  const [matrices, halves, columns] = matrixShape(codes) ?? [0, 0, 0];
  const [stacked, rows, groups] = matrixShape(scales) ?? [0, 0, 0];
  if (stacked !== matrices || rows !== 2 * halves || columns % groups !== 0) return null;
  const groupSize = groups === 1 ? null : groupSizeOf(columns, groups, settings.groupSize);
  compare(context, module, { bits: 4, groupSize, columns }, { groupSize: settings.groupSize });
  return {
    packing: {
      system: 'modelopt-int4',
      codeBits: 4,
      granularity: groupSize === null ? 'channel' : 'group',
      groupSize,
      symmetric: true,
    },
    matrices,
    rows,
    columns,
    uses: usesOf(module, [
      ['codes', module.parts.has('weight') ? 'weight' : ''],
      ...SCALES.map((part) => ['scales', part] as const),
      ...PRE_SCALES,
    ]),
  };
}
