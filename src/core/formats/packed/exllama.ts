// EXL2: groups of input channels with bit widths of their own; EXL3: tiles of 16 × 16 weights as a trellis.
// Sources: exllamav2, exllamav2/ext.py and conversion/adaptivegptq.py; exllamav3, exllamav3/modules/quant/exl3.py.
import { flatShape, isType, matrixShape, refuse, usesOf, type Recogniser } from './recogniser.ts';

/** q_weight I32 [words, out], q_scale I32 [groups, out/8], q_scale_max F16 [groups], q_groups I16 [2·groups], q_invperm I32 [in]. */
export const recogniseExl2: Recogniser = (module) => {
  const codes = module.parts.get('q_weight');
  const [stacked, words, rows] = matrixShape(codes) ?? [0, 0, 0];
  const [groups, scaleWords] = flatShape(module.parts.get('q_scale'));
  const order = module.parts.get('q_invperm') ?? module.parts.get('q_perm');
  if (stacked !== 1 || !isType(codes, 'I32')) return refuse('its q_weight is no matrix of 32-bit words');
  if (order === undefined) return refuse('its q_invperm is missing');
  const columns = order.elementCount;
  const maxima = module.parts.get('q_scale_max')?.elementCount;
  const entries = module.parts.get('q_groups')?.elementCount;
  if (groups < 1 || scaleWords * 8 < rows || maxima !== groups || entries !== 2 * groups)
    return refuse('the shapes of q_scale, q_scale_max and q_groups do not go together');
  const codeBits = (words * 32) / columns;
  if (columns < 1 || codeBits < 1 || codeBits > 8)
    return refuse(`its codes take ${words} words for ${columns} input channels`);
  return {
    // How many weights a group has, and of how many bits, stands in q_groups.
    packing: { system: 'exl2', codeBits, granularity: 'group', groupSize: null, symmetric: true },
    matrices: 1,
    rows,
    columns,
    uses: usesOf(module, [
      ['codes', 'q_weight'],
      ['scales', 'q_scale'],
      ['superScales', 'q_scale_max'],
      ['groups', 'q_groups'],
      ['order', 'q_invperm'],
      ['order', 'q_perm'],
    ]),
  };
};

const TILE = 16;

/** trellis I16 [in/16, out/16, 16·bits], suh F16 [in], svh F16 [out], or su and sv with bits for signs. */
export const recogniseExl3: Recogniser = (module) => {
  const codes = module.parts.get('trellis');
  const [down = 0, across = 0, words = 0] = codes?.shape ?? [];
  const bits = words / TILE;
  if (codes?.shape.length !== 3 || !isType(codes, 'I16') || !Number.isInteger(bits) || bits < 1 || bits > 8)
    return refuse('its trellis is not made of tiles of 16 × 16 weights');
  const inputs = module.parts.get('suh')?.elementCount ?? (module.parts.get('su')?.elementCount ?? NaN) * 16;
  const outputs = module.parts.get('svh')?.elementCount ?? (module.parts.get('sv')?.elementCount ?? NaN) * 16;
  if (inputs !== down * TILE || outputs !== across * TILE)
    return refuse('its suh and svh have other lengths than its trellis');
  const codebook = module.parts.has('mcg') ? 'mcg' : module.parts.has('mul1') ? 'mul1' : '3inst';
  return {
    packing: {
      system: 'exl3',
      codeBits: bits,
      granularity: 'channel',
      groupSize: null,
      symmetric: true,
      codebook,
    },
    matrices: 1,
    rows: outputs,
    columns: inputs,
    uses: usesOf(module, [
      ['codes', 'trellis'],
      ['inputSigns', 'suh'],
      ['inputSigns', 'su'],
      ['outputSigns', 'svh'],
      ['outputSigns', 'sv'],
      ['description', 'mcg'],
      ['description', 'mul1'],
    ]),
  };
};
