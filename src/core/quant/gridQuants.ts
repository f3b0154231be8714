// The IQ types of ggml: codes are indexes into fixed grids of 4 or 8 values, or into one uneven table.
import { blockScheme, field, formula, scaleF16 } from './define.ts';
import type { BlockField, Scheme } from './scheme.ts';

/** QK_K of ggml-common.h. */
const SUPER_BLOCK = 256;

const superScale = scaleF16('scale of the super-block, an F16');
const scales4 = (bytes: number): BlockField =>
  field('scales', 'scales', bytes, 'scale', `${bytes * 2} scales of 4 bits`, bytes);
const signs: BlockField = field('signs', 'signs', 32, 'code', '256 signs of 1 bit', 8);

const FROM_GRID_2 = formula('w = ¼·d·(sc + ½)·±grid[q]');
const FROM_GRID_1 = formula('w = d·(2·sc + 1)·(grid[q] ± ⅛)');

export const GRID_QUANTS: readonly Scheme[] = [
  blockScheme({
    name: 'IQ2_XXS',
    ggmlId: 16,
    blockWeights: SUPER_BLOCK,
    codeBits: 2,
    fields: [
      superScale,
      field(
        'qs',
        'grid indexes, signs and scales',
        64,
        ['code', 'scale'],
        'per 32 weights 4 grid indexes of 8 bits, 4 times 7 bits of signs and a scale of 4 bits',
        8,
      ),
    ],
    formula: FROM_GRID_2,
    summary:
      '8 weights at a time are one of 256 patterns with 7 bits of signs. Each 32 weights share a 4-bit scale, stored between the codes.',
    struct: 'block_iq2_xxs',
  }),
  blockScheme({
    name: 'IQ2_XS',
    ggmlId: 17,
    blockWeights: SUPER_BLOCK,
    codeBits: 2,
    fields: [
      superScale,
      field(
        'qs',
        'grid indexes and signs',
        64,
        'code',
        '32 times a grid index of 9 bits and 7 bits of signs',
        8,
      ),
      scales4(8),
    ],
    formula: FROM_GRID_2,
    summary:
      '8 weights at a time are one of 512 patterns with 7 bits of signs. Each 16 weights share a 4-bit scale.',
    struct: 'block_iq2_xs',
  }),
  blockScheme({
    name: 'IQ3_XXS',
    ggmlId: 18,
    blockWeights: SUPER_BLOCK,
    codeBits: 3,
    fields: [
      superScale,
      field('qs[0…63]', 'grid indexes', 64, 'code', '64 grid indexes of 8 bits', 8),
      field(
        'qs[64…95]',
        'signs and scales',
        32,
        ['code', 'scale'],
        'per 32 weights 4 times 7 bits of signs and a scale of 4 bits',
        8,
      ),
    ],
    formula: formula('w = ½·d·(sc + ½)·±grid[q]'),
    summary:
      '4 weights at a time are one of 256 patterns, with signs apart. Each 32 weights share a 4-bit scale.',
    struct: 'block_iq3_xxs',
  }),
  blockScheme({
    name: 'IQ1_S',
    ggmlId: 19,
    blockWeights: SUPER_BLOCK,
    codeBits: 1,
    fields: [
      superScale,
      field('qs', 'grid indexes', 32, 'code', '32 times the low 8 bits of a grid index', 8),
      field(
        'qh',
        'high bits and scales',
        16,
        ['code', 'scale'],
        'per 32 weights 4 times the upper 3 bits of an index, a scale of 3 bits and the sign of the shift',
        8,
      ),
    ],
    formula: FROM_GRID_1,
    summary:
      '8 weights at a time are one of 2,048 patterns of −1, 0 and 1, shifted by an eighth. Each 32 weights share a 3-bit scale.',
    struct: 'block_iq1_s',
  }),
  blockScheme({
    name: 'IQ4_NL',
    ggmlId: 20,
    blockWeights: 32,
    codeBits: 4,
    fields: [scaleF16(), field('qs', 'codes', 16, 'code', '32 codes of 4 bits', 16)],
    formula: formula('w = d·table[q]'),
    summary:
      '4-bit codes in blocks of 32 that share one scale; the codes stand for 16 unevenly spaced values.',
    struct: 'block_iq4_nl',
  }),
  blockScheme({
    name: 'IQ3_S',
    ggmlId: 21,
    blockWeights: SUPER_BLOCK,
    codeBits: 3,
    fields: [
      superScale,
      field('qs', 'grid indexes', 64, 'code', '64 times the low 8 bits of a grid index', 8),
      field('qh', 'high bits', 8, 'code', '64 ninth bits of the grid indexes', 8),
      signs,
      scales4(4),
    ],
    formula: formula('w = d·(2·sc + 1)·±grid[q]'),
    summary:
      '4 weights at a time are one of 512 patterns, with a sign bit each. Each 32 weights share a 4-bit scale.',
    struct: 'block_iq3_s',
  }),
  blockScheme({
    name: 'IQ2_S',
    ggmlId: 22,
    blockWeights: SUPER_BLOCK,
    codeBits: 2,
    fields: [
      superScale,
      field('qs[0…31]', 'grid indexes', 32, 'code', '32 times the low 8 bits of a grid index', 8),
      { ...signs, name: 'qs[32…63]' },
      field('qh', 'high bits', 8, 'code', '32 times the upper 2 bits of a grid index', 8),
      scales4(8),
    ],
    formula: FROM_GRID_2,
    summary:
      '8 weights at a time are one of 1,024 patterns, with a sign bit each. Each 16 weights share a 4-bit scale.',
    struct: 'block_iq2_s',
  }),
  blockScheme({
    name: 'IQ4_XS',
    ggmlId: 23,
    blockWeights: SUPER_BLOCK,
    codeBits: 4,
    fields: [
      superScale,
      field('scales_h', 'high bits of scales', 2, 'scale', '8 times the upper 2 bits of a scale', 1),
      field('scales_l', 'scales', 4, 'scale', '8 times the low 4 bits of a scale', 4),
      field('qs', 'codes', 128, 'code', '256 codes of 4 bits', 8),
    ],
    formula: formula('w = d·(sc − 32)·table[q]'),
    summary:
      '4-bit codes for 16 unevenly spaced values in super-blocks of 256. Each 32 weights share a 6-bit scale.',
    struct: 'block_iq4_xs',
  }),
  blockScheme({
    name: 'IQ1_M',
    ggmlId: 29,
    blockWeights: SUPER_BLOCK,
    codeBits: 1,
    fields: [
      field('qs', 'grid indexes', 32, 'code', '32 times the low 8 bits of a grid index', 8),
      field(
        'qh',
        'high bits and shifts',
        16,
        'code',
        '32 times the upper 3 bits of an index and the sign of its shift',
        8,
      ),
      field(
        'scales',
        'scales and d',
        8,
        ['scale', 'superScale'],
        '16 scales of 3 bits and the 16 bits of d, 4 in each 2 bytes',
        4,
      ),
    ],
    formula: FROM_GRID_1,
    summary:
      '8 weights at a time are one of 2,048 patterns of −1, 0 and 1, shifted by an eighth. Each 16 weights share a 3-bit scale; d is spread over the scales.',
    struct: 'block_iq1_m',
  }),
];
