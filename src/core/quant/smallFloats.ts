// Block types whose codes are tiny floats or three-valued: microscaling floats and ternary weights of ggml.
import { blockScheme, field, formula, scaleF16 } from './define.ts';
import type { Scheme } from './scheme.ts';

export const SMALL_FLOATS: readonly Scheme[] = [
  blockScheme({
    name: 'TQ1_0',
    ggmlId: 34,
    blockWeights: 256,
    codeBits: 1.6, // five codes in a byte, because 3^5 = 243 fits
    fields: [
      field('qs', 'codes', 48, 'code', '240 codes, 5 in a byte', 48),
      field('qh', 'last codes', 4, 'code', '16 codes, 4 in a byte', 4),
      scaleF16(),
    ],
    formula: formula('w = d·(q − 1)'),
    summary: 'Ternary weights −1, 0 and 1, five in a byte, in blocks of 256 that share one scale.',
    struct: 'block_tq1_0',
  }),
  blockScheme({
    name: 'TQ2_0',
    ggmlId: 35,
    blockWeights: 256,
    codeBits: 2,
    fields: [field('qs', 'codes', 64, 'code', '256 codes of 2 bits', 64), scaleF16()],
    formula: formula('w = d·(q − 1)'),
    summary: 'Ternary weights −1, 0 and 1 in 2 bits each, in blocks of 256 that share one scale.',
    struct: 'block_tq2_0',
  }),
  blockScheme({
    name: 'MXFP4',
    ggmlId: 39,
    blockWeights: 32,
    codeBits: 4,
    fields: [
      field('e', 'exponent', 1, 'superScale', 'scale of the block, a power of two (E8M0)'),
      field('qs', 'codes', 16, 'code', '32 floats of 4 bits (E2M1)', 16),
    ],
    formula: formula('w = 2^(e − 127)·float[q]', { e: 'superScale' }),
    summary:
      '4-bit floats (0, ½, 1, 1½, 2, 3, 4, 6 and negatives) in blocks of 32 that share a power of two.',
    struct: 'block_mxfp4',
  }),
  blockScheme({
    name: 'NVFP4',
    ggmlId: 40,
    blockWeights: 64,
    codeBits: 4,
    fields: [
      field('d', 'scales', 4, 'scale', '4 scales of 8 bits (unsigned E4M3)', 4),
      field('qs', 'codes', 32, 'code', '64 floats of 4 bits (E2M1)', 4),
    ],
    formula: formula('w = sc·float[q]'),
    summary:
      '4-bit floats in blocks of 64. Each 16 weights share an 8-bit float as scale; a scale of the whole tensor stands in a tensor of its own.',
    struct: 'block_nvfp4',
  }),
];
