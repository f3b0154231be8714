// What each packing is, in words: formula, one or two sentences, where it is written down.
import type { FieldFamily, Scheme } from '../scheme.ts';
import type { Packing } from './packing.ts';

export interface PackingWords {
  readonly formulaText: string;
  /** Symbols of the formula and what they are. */
  readonly families: Readonly<Record<string, FieldFamily>>;
  readonly summary: string;
  readonly source: string;
}

const SYMBOLS: Readonly<Record<string, FieldFamily>> = {
  s: 'superScale',
  z: 'min',
  b: 'min',
  absmax: 'superScale',
  table: 'other',
};

export function packingWords(packing: Packing, codes: Scheme | null): PackingWords {
  const [formulaText, summary, source] = wordsOf(packing, codes);
  const isDouble = packing.system === 'bitsandbytes' && packing.nested !== null;
  const families = isDouble ? { ...SYMBOLS, absmax: 'scale' as const } : SYMBOLS;
  return { formulaText, families, summary, source };
}

/** Formula, summary, source. */
function wordsOf(packing: Packing, codes: Scheme | null): readonly [string, string, string] {
  const where =
    packing.granularity === 'tensor'
      ? 'the tensor'
      : packing.groupSize === null
        ? 'each output channel'
        : 'each group';
  const zeros = packing.symmetric ? 'the zero point is the middle' : `a zero point for ${where}`;
  switch (packing.system) {
    case 'gptq': {
      const stored = packing.version === 1 ? ' Zero points are stored less one.' : '';
      const planes = packing.planar ? ' The bits of a code lie in planes of 4, 2 and 1.' : '';
      return [
        'w = s·(q − z)',
        `GPTQ: integer codes chosen one input channel after the other so that later ones make up for the error; a scale for ${where}, ${zeros}.${stored}${planes}${orderWords(packing)}`,
        'GPTQModel, gptqmodel/utils/model_dequant.py; arXiv 2210.17323',
      ];
    }
    case 'awq':
      return [
        'w = s·(q − z)',
        `AWQ: channels that matter to the activations are scaled up before rounding; a scale for ${where}, ${zeros}.${AWQ_ORDER[packing.layout]}`,
        'AutoAWQ, awq/utils/packing_utils.py; arXiv 2306.00978',
      ];
    case 'bitsandbytes': {
      const table =
        packing.codes === 'nf4' ? 'sixteen quantiles of a normal distribution' : 'sixteen floats of 4 bits';
      const nested =
        packing.nested === null
          ? ''
          : ' The scales are quantized to 8 bits themselves (double quantization).';
      return [
        'w = absmax·table[q]',
        `bitsandbytes ${packing.codes.toUpperCase()}: a code picks one of ${table}; each block of ${packing.blockSize} weights has its largest magnitude as scale.${nested}`,
        'bitsandbytes, bitsandbytes/functional.py, QuantState; arXiv 2305.14314',
      ];
    }
    case 'bitsandbytes-int8':
      return [
        'w = s·q/127',
        'LLM.int8(): integers of 8 bits with the largest magnitude of each output channel as scale (SCB).',
        'bitsandbytes, bitsandbytes/nn/modules.py, Int8Params; arXiv 2208.07339',
      ];
    case 'modelopt-int4':
      return [
        'w = s·q',
        `AWQ as ModelOpt writes it: signed integers of 4 bits, two output channels in a byte; a scale for ${where}. Input channels are scaled before (pre_quant_scale).`,
        'NVIDIA Model Optimizer, modelopt/torch/export/quant_utils.py',
      ];
    case 'scaled': {
      const held = packing.block === null ? where : `each block of ${packing.block.join(' × ')} weights`;
      return [
        packing.symmetric ? 'w = s·q' : 'w = s·(q − z)',
        `${codes?.kind === 'float' ? `Floats of 8 bits (${codes.name.replace('F8_', '')})` : 'Integers of 8 bits'} with a scale for ${held}${written(packing.maker)}.`,
        'compressed-tensors, compressors; transformers, integrations/finegrained_fp8.py',
      ];
    }
    case 'compressed-tensors':
      return [
        packing.symmetric ? 'w = s·q' : 'w = s·(q − z)',
        `compressed-tensors, pack-quantized: integer codes in 32-bit words; a scale for ${where}, ${zeros}.${orderWords(packing)}`,
        'compressed-tensors, compressors/pack_quantized',
      ];
    case 'blockFloat': {
      const codes =
        packing.codes === 'e2m1' ? '4-bit floats (E2M1)' : `8-bit floats (${packing.codes.toUpperCase()})`;
      const scale = packing.scales === 'e8m0' ? 'a power of two (E8M0)' : 'an 8-bit float (E4M3)';
      const second = {
        none: '',
        multiply: ' One more scale holds for the tensor.',
        divide: ' One more scale holds for the tensor; it divides.',
      };
      return [
        { none: 'w = s·q', multiply: 'w = d·sc·q', divide: 'w = sc/d·q' }[packing.superScale],
        `${codes} in blocks of ${packing.groupSize ?? 0} with ${scale} as scale${written(packing.maker)}.${second[packing.superScale]}`,
        packing.scales === 'e8m0'
          ? 'OCP Microscaling Formats 1.0'
          : 'NVIDIA Model Optimizer; compressed-tensors, compressors/nvfp4',
      ];
    }
    case 'mlx':
      return [
        'w = s·q + b',
        `MLX affine: unsigned integer codes; a scale and a bias for ${where}.`,
        'mlx, mlx/ops.cpp, quantize',
      ];
    case 'exl2':
      return [
        'w = s·(q − 2^(bits−1))',
        'EXL2: groups of input channels with bit widths of their own, from 2 to 8, the important channels first; scales of 4 bits under one for the group.',
        'exllamav2, exllamav2/conversion/adaptivegptq.py',
      ];
    case 'exl3':
      return [
        'w = H·trellis(q)·H',
        `EXL3: a path through a trellis codes each tile of 16 × 16 weights; signs and Hadamard transforms of 128 channels on both sides. No scales per group.`,
        'exllamav3, exllamav3/modules/quant/exl3.py',
      ];
    case 'hqq':
      return [
        'w = s·(q − z)',
        `HQQ: integer codes; a scale and a zero point, both floats, for each group of ${packing.groupSize ?? 0} weights${packing.axis === 0 ? ' down the rows (axis 0)' : ''}.`,
        'hqq, hqq/core/quantize.py',
      ];
    case 'aqlm':
      return [
        'w = s·Σ table[q]',
        `AQLM: each ${packing.outGroup} × ${packing.inGroup} weights are a sum of ${packing.codebooks} vectors of codebooks with ${2 ** packing.codeWidth} entries; a scale for each output channel.`,
        'AQLM, inference_lib/src/aqlm/utils.py; arXiv 2401.06118',
      ];
    case 'torchao':
      return torchaoWords(packing, where);
  }
}

const AWQ_ORDER = {
  gemm: ' Codes of a word are interleaved.',
  gemv: '',
  gemvFast: ' Output channels are interleaved by four.',
} as const;

const orderWords = ({ actOrder }: { readonly actOrder: boolean }): string =>
  actOrder ? ' Groups gather channels by importance (act-order): g_idx names the group of each.' : '';

const FLOATS_OF_TORCHAO = ['Float8Tensor', 'MXTensor', 'NVFP4Tensor'];

function torchaoWords(
  { type, codeBits, symmetric }: Extract<Packing, { system: 'torchao' }>,
  where: string,
): readonly [string, string, string] {
  const source = 'torchao, torchao/quantization/quantize_/workflows';
  const codes = `torchao ${type}: ${FLOATS_OF_TORCHAO.includes(type) ? 'floats' : 'codes'} of ${codeBits} bits`;
  if (type === 'NVFP4Tensor')
    return [
      'w = d·sc·q',
      `${codes} with a scale for ${where} and, where one is stored, one for the tensor.`,
      source,
    ];
  if (symmetric) return ['w = s·q', `${codes} with a scale for ${where}.`, source];
  return type === 'Int4Tensor'
    ? ['w = s·q + b', `${codes}, signed, with a scale for ${where} and a number that is added.`, source]
    : ['w = s·(q − z)', `${codes} with a scale and a zero point for ${where}.`, source];
}

/** Several tools write the same: whose names the parts have. */
const written = (maker: string): string => (maker === '' ? '' : `, as ${maker} writes it`);
