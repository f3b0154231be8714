// AQLM: codes I8 or I16 [out/outGroup, in/inGroup, codebooks] that name vectors of codebooks [codebooks, 2^bits, outGroup, inGroup].
// Source: AQLM, inference_lib/src/aqlm/inference.py and utils.py.
import { refuse, usesOf, type Recogniser } from './recogniser.ts';

/** Weights of a vector: those in use have 8 or 16. More would make endless matrices of small files. */
const MAX_VECTOR = 1024;

export const recogniseAqlm: Recogniser = (module) => {
  const codes = module.parts.get('codes');
  const tables = module.parts.get('codebooks');
  if (codes?.shape.length !== 3 || tables?.shape.length !== 4)
    return refuse('its codes or codebooks have another rank');
  const [down = 0, across = 0, each = 0] = codes.shape;
  const [codebooks = 0, entries = 0, outGroup = 0, inGroup = 0] = tables.shape;
  const codeWidth = Math.log2(entries);
  if (
    each !== codebooks ||
    !(Number.isInteger(codeWidth) && codeWidth >= 1 && codeWidth <= 16) ||
    codes.elementCount === 0 ||
    tables.elementCount === 0
  )
    return refuse('the shapes of codes and codebooks do not go together');
  if (inGroup * outGroup > MAX_VECTOR)
    return refuse(`its vectors have ${inGroup * outGroup} weights, more than any model's`);
  const scales = module.parts.get('scales');
  if (scales !== undefined && scales.elementCount !== down)
    return refuse(`it has ${scales.elementCount} scales`);
  return {
    packing: {
      system: 'aqlm',
      codeBits: (codebooks * codeWidth) / (inGroup * outGroup),
      granularity: 'channel',
      groupSize: null,
      symmetric: true,
      codebooks,
      codeWidth,
      inGroup,
      outGroup,
    },
    matrices: 1,
    rows: down * outGroup,
    columns: across * inGroup,
    uses: usesOf(module, [
      ['codes', 'codes'],
      ['table', 'codebooks'],
      ['scales', 'scales'],
    ]),
  };
};
