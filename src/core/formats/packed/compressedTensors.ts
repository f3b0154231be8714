// compressed-tensors, codes in 32-bit words: weight_packed I32 [out, words], weight_scale [out, groups], weight_shape (2 numbers),
// weight_zero_point I32 packed along the rows, weight_g_idx. Source: compressed-tensors, compressors/pack_quantized.
import type { Settings } from './declared.ts';
import {
  compare,
  groupSizeOf,
  isType,
  matrixShape,
  refuse,
  usesOf,
  type Context,
  type Recogniser,
} from './recogniser.ts';
import { wholeNumbers } from './smallParts.ts';

/** Likeliest first: what is tried when no file says the shape. */
const BITS = [4, 8, 3, 2, 6, 5, 7, 1];
const GROUP_SIZES = [128, 64, 32, 16, 256];

export const recogniseCompressedTensors: Recogniser = (module, context, settings) => {
  const codes = module.parts.get('weight_packed');
  const [stacked, rows, words] = matrixShape(codes) ?? [0, 0, 0];
  const scales = module.parts.get('weight_scale');
  if (!isType(codes, 'I32')) return null; // floats of 4 bits lie in bytes
  if (stacked !== 1) return refuse('its weight_packed is no matrix');
  if (scales === undefined) return refuse('its weight_scale is missing');
  const isTensor = scales.elementCount === 1 && rows > 1;
  const groups = isTensor ? 1 : scales.elementCount / rows;
  if (!Number.isInteger(groups)) return refuse(`it has ${scales.elementCount} scales for ${rows} channels`);

  const [saidRows, saidColumns] = wholeNumbers(context.parts, module.parts.get('weight_shape')) ?? [];
  if (saidRows !== undefined && saidRows !== rows)
    return refuse(`its weight_shape says ${saidRows} output channels, its codes have ${rows}`);
  const layout = layoutOf(words, groups, saidColumns, settings, context);
  if (layout === null)
    return refuse(`its codes take ${words} words per channel, which fits no number of bits from 1 to 8`);
  const { bits, columns } = layout;
  if (saidColumns === undefined) {
    const text = `has ${columns} input channels by its words and scales; its weight_shape was not read.`;
    if (module.parts.has('weight_shape')) context.doubt({ kind: 'assumed', module: module.name, text });
  }
  const groupSize = groups === 1 ? null : groupSizeOf(columns, groups, settings.groupSize);
  compare(context, module, { bits, groupSize, columns }, settings);
  return {
    packing: {
      system: 'compressed-tensors',
      codeBits: bits,
      granularity: isTensor ? 'tensor' : groupSize === null ? 'channel' : 'group',
      groupSize,
      symmetric: !module.parts.has('weight_zero_point'),
      stream: words === streamWords(columns, bits),
      actOrder: module.parts.has('weight_g_idx'),
    },
    matrices: 1,
    rows,
    columns,
    uses: usesOf(module, [
      ['codes', 'weight_packed'],
      ['scales', 'weight_scale'],
      ['zeros', 'weight_zero_point'],
      ['order', 'weight_g_idx'],
      ['description', 'weight_shape'],
    ]),
  };
};

const streamWords = (columns: number, bits: number): number => Math.ceil((columns * bits) / 32);
const paddedWords = (columns: number, bits: number): number => Math.ceil(columns / Math.floor(32 / bits));
const fits = (words: number, columns: number, bits: number): boolean =>
  words === streamWords(columns, bits) || words === paddedWords(columns, bits);

/** Bits and input channels. What the file says of the shape counts; else what configuration and likelihood give. */
function layoutOf(
  words: number,
  groups: number,
  saidColumns: number | undefined,
  settings: Settings,
  { shapes }: Context,
): { bits: number; columns: number } | null {
  const widths = settings.bits === undefined ? BITS : [settings.bits, ...BITS];
  const whole = widths.filter((bits) => Number.isInteger(bits) && bits >= 1 && bits <= 8);
  if (saidColumns !== undefined) {
    const bits = whole.find((width) => fits(words, saidColumns, width));
    return bits === undefined || saidColumns < 1 ? null : { bits, columns: saidColumns };
  }
  const said = settings.groupSize !== undefined && settings.groupSize > 0 ? [settings.groupSize] : [];
  const candidates = whole.flatMap((bits) =>
    (groups === 1 ? [(words * 32) / bits] : [...said, ...GROUP_SIZES].map((size) => groups * size))
      .filter((columns) => Number.isInteger(columns) && fits(words, columns, bits))
      .map((columns) => ({ bits, columns })),
  );
  const isSaid = ({ bits }: { bits: number }): boolean =>
    settings.bits === undefined || bits === settings.bits;
  return (
    candidates.find((candidate) => isSaid(candidate) && shapes.isWidth(candidate.columns)) ??
    candidates.find(isSaid) ??
    candidates[0] ??
    null
  );
}
