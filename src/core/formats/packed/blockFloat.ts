// Floats of 4 or 8 bits in short blocks with a scale: NVFP4 (16, E4M3 scales), MXFP4 and MXFP8 (32, E8M0 scales), under the names that
// ModelOpt, compressed-tensors, Quark, DeepSeek and gpt-oss give them.
// Sources: compressed-tensors, compressors/nvfp4 and mxfp4; transformers, integrations/mxfp4.py; OCP Microscaling Formats 1.0.
import type { Tensor } from '../model.ts';
import { makerOf } from './maker.ts';
import type { Module } from './module.ts';
import {
  isType,
  matrixShape,
  refuse,
  usesOf,
  type Context,
  type Found,
  type Recogniser,
} from './recogniser.ts';

const NV_BLOCK = 16;
const MX_BLOCK = 32;
const BYTES = ['U8', 'I8'];

interface Kind {
  readonly codes: 'e2m1' | 'e4m3' | 'e5m2';
  readonly scales: 'e8m0' | 'e4m3';
  readonly block: number;
}

/** Codes and scales that are blocks of floats by their types and shapes; null when they are not. */
export function blockFloatIn(module: Module, codes: Tensor, scales: Tensor, context: Context): Found | null {
  const [matrices, rows, width] = matrixShape(codes) ?? [0, 0, 0];
  const [stacked, down, across] = matrixShape(scales) ?? [0, 0, 0];
  if (stacked !== matrices || down !== rows) return null;
  const isFour = isType(codes, ...BYTES, 'F4');
  // Two codes in a byte; a tensor of the type F4 counts them one by one.
  const columns = isType(codes, ...BYTES) ? 2 * width : width;
  const isPower = isType(scales, 'F8_E8M0', 'U8');
  const codeKind = isFour
    ? 'e2m1'
    : isType(codes, 'F8_E4M3')
      ? 'e4m3'
      : isType(codes, 'F8_E5M2')
        ? 'e5m2'
        : null;
  const kind: Kind | null =
    codeKind === null
      ? null
      : isPower && across * MX_BLOCK === columns
        ? { codes: codeKind, scales: 'e8m0', block: MX_BLOCK }
        : isFour && isType(scales, 'F8_E4M3') && across * NV_BLOCK === columns
          ? { codes: 'e2m1', scales: 'e4m3', block: NV_BLOCK }
          : null;
  if (kind === null) return null;
  const divided = module.parts.has('weight_global_scale');
  const isDouble = SUPER_SCALES.some((name) => module.parts.has(name));
  return {
    packing: {
      system: 'blockFloat',
      codeBits: isFour ? 4 : 8,
      granularity: 'group',
      groupSize: kind.block,
      symmetric: true,
      maker: makerOf(context),
      codes: kind.codes,
      scales: kind.scales,
      superScale: !isDouble ? 'none' : divided ? 'divide' : 'multiply',
    },
    matrices,
    rows,
    columns,
    uses: usesOf(module, [
      ...['weight_packed', 'weight', ''].map((part) => ['codes', part] as const),
      ...['weight_scale', 'weights_scaling_factor', 'weight_scale_inv', 'scale_inv', 'scale'].map(
        (part) => ['scales', part] as const,
      ),
      ...SUPER_SCALES.map((part) => ['superScales', part] as const),
      ['inputSigns', 'pre_quant_scale'],
    ]),
  };
}

const SUPER_SCALES = ['weight_global_scale', 'weight_scale_2', 'weights_scaling_factor_2'];

/** compressed-tensors' weight_packed of bytes. */
export const recognisePackedFloats: Recogniser = (module, context) => {
  const codes = module.parts.get('weight_packed');
  const scales = module.parts.get('weight_scale');
  if (codes === undefined || !isType(codes, 'U8')) return null;
  if (scales === undefined) return refuse('its weight_scale is missing');
  return (
    blockFloatIn(module, codes, scales, context) ??
    refuse(
      `its weight_scale (${scales.scheme.name}, ${scales.shape.join(' × ')}) fits no block of 16 or 32 weights`,
    )
  );
};

/** gpt-oss: blocks U8 [experts, out, groups, 16], scales U8 [experts, out, groups]. */
export const recogniseMxfp4: Recogniser = (module) => {
  const codes = module.parts.get('blocks');
  const scales = module.parts.get('scales');
  if (codes === undefined || scales === undefined) return refuse('its blocks or its scales are missing');
  const [bytes = 0, groups = 0, rows = 0, matrices = 1] = codes.shape.toReversed();
  const isFour = codes.shape.length === 4 || codes.shape.length === 3;
  if (!isFour || bytes * 2 !== MX_BLOCK || !isType(codes, 'U8') || codes.elementCount === 0)
    return refuse('its blocks are no rows of 16 bytes');
  if (!isType(scales, 'U8', 'F8_E8M0') || scales.elementCount !== matrices * rows * groups)
    return refuse(`it has ${scales.elementCount} scales for ${matrices * rows * groups} blocks`);
  return {
    packing: {
      system: 'blockFloat',
      codeBits: 4,
      granularity: 'group',
      groupSize: MX_BLOCK,
      symmetric: true,
      maker: '',
      codes: 'e2m1',
      scales: 'e8m0',
      superScale: 'none',
    },
    matrices,
    rows,
    columns: groups * MX_BLOCK,
    uses: usesOf(module, [
      ['codes', 'blocks'],
      ['scales', 'scales'],
    ]),
  };
};
