// A packed matrix as a scheme: the name of its type, how a group of it is made, its formula and words. Bits per weight with all
// overhead depend on the shape and come from the bytes of the parts.
import { formula } from '../define.ts';
import type { Scheme } from '../scheme.ts';
import { groupFields, groupWeights } from './groupFields.ts';
import type { PackedMatrix, Packing } from './packing.ts';
import { packingWords } from './packingWords.ts';

export function packedScheme(matrix: PackedMatrix): Scheme {
  const { packing } = matrix;
  const codes = matrix.parts[0]?.scheme ?? null;
  const { formulaText, families, summary, source } = packingWords(packing, codes);
  return {
    name: packingName(packing, codes),
    kind: 'packed',
    ggmlId: null,
    blockWeights: groupWeights(matrix),
    blockBytes: null,
    codeBits: packing.codeBits,
    fields: groupFields(matrix),
    formula: formula(formulaText, families),
    summary,
    source,
  };
}

/** "GPTQ 4-bit g128", "NF4 g64 double", "FP8 128×128": short enough for a column. */
export function packingName(packing: Packing, codes: Scheme | null): string {
  const { codeBits } = packing;
  const group = granularityName(packing);
  const bits = `${formatBitCount(codeBits)}-bit`;
  switch (packing.system) {
    case 'gptq': {
      const version = packing.planar ? ' planar' : packing.version === 2 ? ' v2' : '';
      return `GPTQ${version} ${bits} ${group}${packing.actOrder ? ' act-order' : ''}`;
    }
    case 'awq':
      return `AWQ ${bits} ${group}${{ gemm: '', gemv: ' gemv', gemvFast: ' gemv_fast' }[packing.layout]}`;
    case 'bitsandbytes':
      return `${packing.codes.toUpperCase()} ${group}${packing.nested === null ? '' : ' double'}`;
    case 'bitsandbytes-int8':
      return 'LLM.int8()';
    case 'modelopt-int4':
      return `INT4 ${group} AWQ`;
    case 'scaled':
      return `${codes?.kind === 'float' ? 'FP8' : 'INT8'} ${group}`;
    case 'compressed-tensors':
      return `compressed-tensors ${bits} ${group}${packing.actOrder ? ' act-order' : ''}`;
    case 'blockFloat':
      return blockFloatName(packing);
    case 'mlx':
      return `MLX ${bits} ${group}`;
    case 'exl2':
      return 'EXL2';
    case 'exl3':
      return `EXL3 ${bits}`;
    case 'hqq':
      return `HQQ ${bits} ${group}${packing.axis === 0 ? ' axis 0' : ''}`;
    case 'aqlm':
      return `AQLM ${packing.codebooks}×${packing.codeWidth} g${packing.inGroup * packing.outGroup}`;
    case 'torchao':
      return `torchao ${packing.type.replace(/Tensor$/, '')} ${group}`;
  }
}

/** NVFP4, MXFP4, MXFP8: what a block float is called everywhere. */
function blockFloatName({ codes, scales }: Extract<Packing, { system: 'blockFloat' }>): string {
  return `${scales === 'e4m3' ? 'NV' : 'MX'}${codes === 'e2m1' ? 'FP4' : 'FP8'}`;
}

function granularityName(packing: Packing): string {
  if (packing.system === 'scaled' && packing.block !== null) return packing.block.join('×');
  if (packing.granularity === 'tensor') return 'tensor';
  return packing.groupSize === null ? 'channel' : `g${packing.groupSize}`;
}

const formatBitCount = (bits: number): string => (Number.isInteger(bits) ? String(bits) : bits.toFixed(2));
