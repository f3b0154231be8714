// Block types with one scale (and perhaps one min) per block: the simplest quantizations of ggml.
import { blockScheme, field, formula, scaleF16 } from './define.ts';
import type { BlockField, Scheme } from './scheme.ts';

const minF16: BlockField = field('m', 'min', 2, 'superMin', 'min of the block, an F16');
const highBits: BlockField = field('qh', 'fifth bits', 4, 'code', '32 fifth bits of the codes', 4);
const nibbles = (detail: string): BlockField => field('qs', 'codes', 16, 'code', detail, 16);
/** In these types the only min of a block is `m`. */
const WITH_MIN = formula('w = d·q + m', { m: 'superMin' });

export const PLAIN_BLOCKS: readonly Scheme[] = [
  blockScheme({
    name: 'Q4_0',
    ggmlId: 2,
    blockWeights: 32,
    codeBits: 4,
    fields: [scaleF16(), nibbles('32 codes of 4 bits')],
    formula: formula('w = d·(q − 8)'),
    summary: '4-bit codes in blocks of 32 that share one scale.',
    struct: 'block_q4_0',
  }),
  blockScheme({
    name: 'Q4_1',
    ggmlId: 3,
    blockWeights: 32,
    codeBits: 4,
    fields: [scaleF16(), minF16, nibbles('32 codes of 4 bits')],
    formula: WITH_MIN,
    summary: '4-bit codes in blocks of 32 that share one scale and one min.',
    struct: 'block_q4_1',
  }),
  blockScheme({
    name: 'Q5_0',
    ggmlId: 6,
    blockWeights: 32,
    codeBits: 5,
    fields: [scaleF16(), highBits, nibbles('32 times the low 4 bits of the codes')],
    formula: formula('w = d·(q − 16)'),
    summary: '5-bit codes in blocks of 32 that share one scale; the fifth bits are stored apart.',
    struct: 'block_q5_0',
  }),
  blockScheme({
    name: 'Q5_1',
    ggmlId: 7,
    blockWeights: 32,
    codeBits: 5,
    fields: [scaleF16(), minF16, highBits, nibbles('32 times the low 4 bits of the codes')],
    formula: WITH_MIN,
    summary: '5-bit codes in blocks of 32 that share one scale and one min; the fifth bits are stored apart.',
    struct: 'block_q5_1',
  }),
  blockScheme({
    name: 'Q8_0',
    ggmlId: 8,
    blockWeights: 32,
    codeBits: 8,
    fields: [scaleF16(), field('qs', 'codes', 32, 'code', '32 signed codes of 8 bits', 32)],
    formula: formula('w = d·q'),
    summary: '8-bit codes in blocks of 32 that share one scale: nearly lossless.',
    struct: 'block_q8_0',
  }),
  blockScheme({
    name: 'Q8_1',
    ggmlId: 9,
    blockWeights: 32,
    codeBits: 8,
    fields: [
      scaleF16(),
      field('s', 'sum', 2, 'other', 'd times the sum of the codes, an F16', 1),
      field('qs', 'codes', 32, 'code', '32 signed codes of 8 bits', 32),
    ],
    formula: formula('w = d·q'),
    summary:
      '8-bit codes in blocks of 32 with their sum: made of activations while computing, not meant for files.',
    struct: 'block_q8_1',
  }),
  blockScheme({
    name: 'Q1_0',
    ggmlId: 41,
    blockWeights: 128,
    codeBits: 1,
    fields: [scaleF16(), field('qs', 'codes', 16, 'code', '128 codes of 1 bit', 16)],
    formula: formula('w = d·(2·q − 1)'),
    summary: 'One bit per weight, its sign, in blocks of 128 that share one scale.',
    struct: 'block_q1_0',
  }),
  blockScheme({
    name: 'Q2_0',
    ggmlId: 42,
    blockWeights: 64,
    codeBits: 2,
    fields: [scaleF16(), field('qs', 'codes', 16, 'code', '64 codes of 2 bits', 16)],
    formula: formula('w = d·(q − 1)'),
    summary: '2-bit codes for −1, 0, 1 and 2 in blocks of 64 that share one scale.',
    struct: 'block_q2_0',
  }),
];
