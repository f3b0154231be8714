// The K-quants of ggml: super-blocks of 256 weights whose sub-blocks have quantized scales (and mins) of their own.
import { blockScheme, field, formula, scaleF16 } from './define.ts';
import type { BlockField, Scheme } from './scheme.ts';

/** QK_K of ggml-common.h. */
const SUPER_BLOCK = 256;

const superScale = scaleF16('scale of the scales, an F16');
const superMin: BlockField = field('dmin', 'dmin', 2, 'superMin', 'scale of the mins, an F16');
/** K_SCALE_SIZE bytes: 8 × (6 + 6) bits, interleaved so that no byte belongs to one family alone. */
const scalesAndMins6: BlockField = field(
  'scales',
  'scales and mins',
  12,
  ['scale', 'min'],
  '8 scales and 8 mins of 6 bits',
  12,
);
const WITH_MINS = formula('w = d·sc·q − dmin·m');

export const K_QUANTS: readonly Scheme[] = [
  blockScheme({
    name: 'Q2_K',
    ggmlId: 10,
    blockWeights: SUPER_BLOCK,
    codeBits: 2,
    fields: [
      field('scales', 'scales and mins', 16, ['scale', 'min'], '16 scales and 16 mins of 4 bits', 16),
      field('qs', 'codes', 64, 'code', '256 codes of 2 bits', 16),
      superScale,
      superMin,
    ],
    formula: WITH_MINS,
    summary: '2-bit codes in super-blocks of 256. Each 16 weights share a 4-bit scale and a 4-bit min.',
    struct: 'block_q2_K',
  }),
  blockScheme({
    name: 'Q3_K',
    ggmlId: 11,
    blockWeights: SUPER_BLOCK,
    codeBits: 3,
    fields: [
      field('hmask', 'third bits', 32, 'code', '256 third bits of the codes', 16),
      field('qs', 'codes', 64, 'code', '256 times the low 2 bits of the codes', 16),
      field('scales', 'scales', 12, 'scale', '16 scales of 6 bits', 12),
      superScale,
    ],
    formula: formula('w = d·(sc − 32)·(q − 4)'),
    summary:
      '3-bit codes in super-blocks of 256, the third bits stored apart. Each 16 weights share a 6-bit scale.',
    struct: 'block_q3_K',
  }),
  blockScheme({
    name: 'Q4_K',
    ggmlId: 12,
    blockWeights: SUPER_BLOCK,
    codeBits: 4,
    fields: [
      superScale,
      superMin,
      scalesAndMins6,
      field('qs', 'codes', 128, 'code', '256 codes of 4 bits', 8),
    ],
    formula: WITH_MINS,
    summary: '4-bit codes in super-blocks of 256. Each 32 weights share a 6-bit scale and a 6-bit min.',
    struct: 'block_q4_K',
  }),
  blockScheme({
    name: 'Q5_K',
    ggmlId: 13,
    blockWeights: SUPER_BLOCK,
    codeBits: 5,
    fields: [
      superScale,
      superMin,
      scalesAndMins6,
      field('qh', 'fifth bits', 32, 'code', '256 fifth bits of the codes', 8),
      field('qs', 'codes', 128, 'code', '256 times the low 4 bits of the codes', 8),
    ],
    formula: WITH_MINS,
    summary:
      '5-bit codes in super-blocks of 256, the fifth bits stored apart. Each 32 weights share a 6-bit scale and a 6-bit min.',
    struct: 'block_q5_K',
  }),
  blockScheme({
    name: 'Q6_K',
    ggmlId: 14,
    blockWeights: SUPER_BLOCK,
    codeBits: 6,
    fields: [
      field('ql', 'codes', 128, 'code', '256 times the low 4 bits of the codes', 16),
      field('qh', 'high bits', 64, 'code', '256 times the upper 2 bits of the codes', 16),
      field('scales', 'scales', 16, 'scale', '16 signed scales of 8 bits', 16),
      superScale,
    ],
    formula: formula('w = d·sc·(q − 32)'),
    summary:
      '6-bit codes in super-blocks of 256, the upper bits stored apart. Each 16 weights share an 8-bit scale.',
    struct: 'block_q6_K',
  }),
  blockScheme({
    name: 'Q8_K',
    ggmlId: 15,
    blockWeights: SUPER_BLOCK,
    codeBits: 8,
    fields: [
      field('d', 'd', 4, 'superScale', 'scale of the super-block, an F32'),
      field('qs', 'codes', 256, 'code', '256 signed codes of 8 bits', 16),
      field('bsums', 'sums', 32, 'other', '16 sums of 16 codes each, 16 bits', 16),
    ],
    formula: formula('w = d·q'),
    summary:
      '8-bit codes in super-blocks of 256 with sums of 16: made of activations while computing, not meant for files.',
    struct: 'block_q8_K',
  }),
];
