// MLX: weight U32 [out, in·bits/32], scales and biases [out, groups]; without biases the mx and nv modes. Stacked experts before them.
// Source: mlx, mlx/ops.cpp (quantize, fp_quantize) and the table of modes in python/src/ops.cpp.
import type { Settings } from './declared.ts';
import { compare, isType, matrixShape, refuse, usesOf, type Context, type Recogniser } from './recogniser.ts';

/** Likeliest first: mlx_lm's default is 4 bits in groups of 64. */
const BITS = [4, 8, 6, 5, 3, 2];
const GROUP_SIZES = [64, 32, 128, 16];

/** 32-bit words of a group → mode. */
const FLOAT_MODES: Readonly<
  Record<number, { codes: 'e2m1' | 'e4m3'; scales: 'e8m0' | 'e4m3'; group: number }>
> = {
  2: { codes: 'e2m1', scales: 'e4m3', group: 16 },
  4: { codes: 'e2m1', scales: 'e8m0', group: 32 },
  8: { codes: 'e4m3', scales: 'e8m0', group: 32 },
};

export const recogniseMlx: Recogniser = (module, context, settings) => {
  const codes = module.parts.get('weight');
  const scales = module.parts.get('scales');
  if (!isType(codes, 'U32') || scales === undefined) return null;
  const [matrices, rows, words] = matrixShape(codes) ?? [0, 0, 0];
  const [stacked, scaleRows, groups] = matrixShape(scales) ?? [0, 0, 0];
  if (matrices === 0 || stacked !== matrices || scaleRows !== rows || groups < 1)
    return refuse(`its scales have the shape ${scales.shape.join(' × ')} for ${rows} output channels`);
  const uses = usesOf(module, [
    ['codes', 'weight'],
    ['scales', 'scales'],
    ['zeros', 'biases'],
  ]);
  const biases = module.parts.get('biases');
  const mode = FLOAT_MODES[words / groups];
  if (biases === undefined) {
    if (mode === undefined || !isType(scales, 'U8')) return refuse('its biases are missing');
    const columns = groups * mode.group;
    return {
      packing: {
        system: 'blockFloat',
        codeBits: mode.codes === 'e2m1' ? 4 : 8,
        granularity: 'group',
        groupSize: mode.group,
        symmetric: true,
        maker: 'MLX',
        codes: mode.codes,
        scales: mode.scales,
        superScale: 'none',
      },
      matrices,
      rows,
      columns,
      uses,
    };
  }
  if (biases.elementCount !== scales.elementCount)
    return refuse(`it has ${biases.elementCount} biases and ${scales.elementCount} scales`);
  const found = layoutOf(words, groups, settings, context);
  if (found === null) return refuse(`${words} words in ${groups} groups fit no number of bits`);
  const { bits, groupSize } = found;
  const columns = groups * groupSize;
  compare(context, module, { bits, groupSize, columns }, settings);
  return {
    packing: { system: 'mlx', codeBits: bits, granularity: 'group', groupSize, symmetric: false },
    matrices,
    rows,
    columns,
    uses,
  };
};

/** The shapes give bits × group size; which of each the configuration says, or the widths of the model. */
function layoutOf(
  words: number,
  groups: number,
  settings: Settings,
  { shapes }: Context,
): { bits: number; groupSize: number } | null {
  const said = settings.groupSize !== undefined && settings.groupSize > 0 ? [settings.groupSize] : [];
  const candidates = [...new Set([...said, ...GROUP_SIZES])].flatMap((groupSize) =>
    BITS.filter((bits) => words * 32 === groups * groupSize * bits).map((bits) => ({ bits, groupSize })),
  );
  return (
    candidates.find(({ bits, groupSize }) => bits === settings.bits && groupSize === settings.groupSize) ??
    candidates.find(({ groupSize }) => shapes.isWidth(groups * groupSize)) ??
    candidates.find(({ bits, groupSize }) => bits === settings.bits || groupSize === settings.groupSize) ??
    candidates.toSorted((a, b) => BITS.indexOf(a.bits) - BITS.indexOf(b.bits))[0] ??
    null
  );
}
