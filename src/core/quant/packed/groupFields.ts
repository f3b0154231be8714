// How a group of a packed matrix is made, as fields for a picture: the bytes of its codes, its scale, its zero point.
import { formatCount, formatFixed } from '../../base/units.ts';
import { field } from '../define.ts';
import type { BlockField } from '../scheme.ts';
import type { PackedMatrix, PackedPart, Packing, PartUse } from './packing.ts';

/** Weights that share a scale; where they are not the same number for all matrices of a type, those of a channel. */
export function groupWeights({ packing, columns }: PackedMatrix): number {
  if (packing.system === 'scaled' && packing.block !== null) return packing.block[0] * packing.block[1];
  if (packing.system === 'aqlm') return packing.inGroup * packing.outGroup;
  if (packing.system === 'exl3') return 256;
  return packing.groupSize ?? columns;
}

/**
 * Fields of one group in the order in which a person thinks of them; none where a type has no one group that could be drawn: those of
 * EXL2 differ, whole channels and tensors are as long as the matrix.
 */
export function groupFields(matrix: PackedMatrix): BlockField[] {
  const { packing } = matrix;
  const hasTiles = packing.system === 'aqlm' || packing.system === 'exl3';
  if (packing.groupSize === null && !hasTiles) return [];
  const weights = groupWeights(matrix);
  const codes = field(
    'codes',
    'codes',
    (weights * storedBits(packing)) / 8,
    'code',
    codesDetail(packing, weights),
  );
  if (hasTiles) return [codes]; // a scale belongs to many of them
  return [codes, ...scaleFields(matrix), ...zeroFields(matrix)];
}

/** LLM.int8() and others keep codes in whole bytes; IntxUnpacked keeps codes of 4 bits in 8. */
function storedBits(packing: Packing): number {
  if (packing.system === 'torchao' && packing.type.includes('Unpacked')) return 8;
  if (packing.system === 'compressed-tensors' && !packing.stream)
    return 32 / Math.floor(32 / packing.codeBits);
  if (packing.system === 'hqq' && packing.codeBits === 3) return 3.2;
  return packing.codeBits;
}

function codesDetail(packing: Packing, weights: number): string {
  if (packing.system === 'aqlm')
    return `${packing.codebooks} codes of ${packing.codeWidth} bits, each the number of a vector of ${weights} weights`;
  if (packing.system === 'exl3') return `a path of ${packing.codeBits} bits per weight through a trellis`;
  const stored = storedBits(packing);
  const codes = `${formatCount(weights)} codes of ${bitCount(packing.codeBits)} bits`;
  return stored === packing.codeBits ? codes : `${codes}, in ${bitCount(stored)} bits each`;
}

const bitCount = (bits: number): string => formatFixed(bits, Number.isInteger(bits) ? 0 : 1);

function scaleFields(matrix: PackedMatrix): BlockField[] {
  const scales = part(matrix, 'scales');
  if (scales === null) return [];
  const bytes = scales.scheme.blockBytes ?? 0;
  const isDouble = part(matrix, 'superScales') !== null;
  const own = field(
    'scales',
    'scale',
    bytes,
    isDouble ? 'scale' : 'superScale',
    `scale, ${scaleWords(matrix.packing, scales)}`,
  );
  const { packing } = matrix;
  if (packing.system !== 'bitsandbytes' || packing.nested === null) return [own];
  const share = 4 / packing.nested.blockSize;
  const shared = field(
    'nested',
    'absmax of absmax',
    share,
    'superScale',
    `an F32 for ${packing.nested.blockSize} scales`,
  );
  return [own, shared];
}

function zeroFields(matrix: PackedMatrix): BlockField[] {
  const zeros = part(matrix, 'zeros');
  if (zeros === null) return [];
  const { packing } = matrix;
  const isPacked = ['gptq', 'awq', 'compressed-tensors'].includes(packing.system);
  if (isPacked) {
    const bits = packing.system === 'awq' ? 4 : packing.codeBits;
    return [field('zeros', 'zero point', bits / 8, 'min', 'zero point')];
  }
  const label = packing.system === 'mlx' ? 'bias' : 'zero';
  return [field('zeros', label, zeros.scheme.blockBytes ?? 0, 'min', `${label}, ${article(zeros)}`)];
}

const part = ({ parts }: PackedMatrix, use: PartUse): PackedPart | null =>
  parts.find((one) => one.use === use) ?? null;
/** Powers of two are stored as plain bytes; what they are the packing says. */
function scaleWords(packing: Packing, scales: PackedPart): string {
  if (packing.system !== 'blockFloat') return article(scales);
  return packing.scales === 'e8m0' ? 'a power of two' : 'an E4M3';
}

const article = ({ scheme }: PackedPart): string =>
  `${/^[FI8]/.test(scheme.name) ? 'an' : 'a'} ${scheme.name}`;
