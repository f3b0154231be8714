// Layouts of the K-quants. The bits are drawn at the decoders of the same names.
import { type BitRun, type BlockLayout, code, half, noMin, run, signedByte, stored } from './layout.ts';

const withMins = (scaleWeights: number, codeCount: number) =>
  ({
    scaleWeights,
    codeWeights: 1,
    codeCount,
    levelSteps: 1,
    scaleOf: ({ d, sc }) => d * sc,
    levelOf: ({ q }) => q,
    minOf: ({ dmin, m }) => dmin * m,
  }) satisfies Partial<BlockLayout>;

/** The 2 bits of a code of Q2_K and Q3_K. */
const pair = (at: number, weight: number): BitRun =>
  run(at + 32 * (weight >> 7) + (weight & 31), 2 * ((weight >> 5) & 3), 2);

const q2_K: BlockLayout = {
  ...withMins(16, 4),
  numbersOf: (weight, order) => ({
    d: half(80, order),
    sc: stored('scale', [run(weight >> 4, 0, 4)]),
    dmin: half(82, order, 'superMin'),
    m: stored('min', [run(weight >> 4, 4, 4)]),
    q: code(pair(16, weight)),
  }),
};

const q3_K: BlockLayout = {
  scaleWeights: 16,
  codeWeights: 1,
  codeCount: 8,
  levelSteps: 1,
  numbersOf: (weight, order) => {
    const sub = weight >> 4;
    return {
      d: half(108, order),
      sc: stored('scale', [run(96 + (sub & 7), 4 * (sub >> 3), 4), run(104 + (sub & 3), 2 * (sub >> 2), 2)]),
      q: code(pair(32, weight), run(weight & 31, weight >> 5, 1)),
    };
  },
  scaleOf: ({ d, sc }) => d * (sc - 32),
  levelOf: ({ q }) => q - 4,
  minOf: noMin,
};

/** The 6 bits of scale `sub` of Q4_K and Q5_K. */
const scale6 = (sub: number): BitRun[] =>
  sub < 4 ? [run(4 + sub, 0, 6)] : [run(8 + sub, 0, 4), run(sub, 6, 2)];
/** The 6 bits of min `sub`. */
const min6 = (sub: number): BitRun[] =>
  sub < 4 ? [run(8 + sub, 0, 6)] : [run(8 + sub, 4, 4), run(4 + sub, 6, 2)];
/** The low 4 bits of a code. */
const nibble = (at: number, weight: number): BitRun =>
  run(at + 32 * (weight >> 6) + (weight & 31), weight & 32 ? 4 : 0, 4);

const q4_K: BlockLayout = {
  ...withMins(32, 16),
  numbersOf: (weight, order) => ({
    d: half(0, order),
    sc: stored('scale', scale6(weight >> 5)),
    dmin: half(2, order, 'superMin'),
    m: stored('min', min6(weight >> 5)),
    q: code(nibble(16, weight)),
  }),
};

const q5_K: BlockLayout = {
  ...withMins(32, 32),
  numbersOf: (weight, order) => ({
    ...q4_K.numbersOf(weight, order),
    q: code(nibble(48, weight), run(16 + (weight & 31), weight >> 5, 1)),
  }),
};

const q6_K: BlockLayout = {
  scaleWeights: 16,
  codeWeights: 1,
  codeCount: 64,
  levelSteps: 1,
  numbersOf: (weight, order) => {
    const upper = weight >> 7;
    const k = (weight >> 5) & 3;
    const l = weight & 31;
    return {
      d: half(208, order),
      sc: stored('scale', [run(192 + (weight >> 4), 0, 8)], signedByte),
      q: code(run(64 * upper + 32 * (k & 1) + l, 4 * (k >> 1), 4), run(128 + 32 * upper + l, 2 * k, 2)),
    };
  },
  scaleOf: ({ d, sc }) => d * sc,
  levelOf: ({ q }) => q - 32,
  minOf: noMin,
};

export const K_QUANT_LAYOUTS: Readonly<Record<string, BlockLayout>> = {
  Q2_K: q2_K,
  Q3_K: q3_K,
  Q4_K: q4_K,
  Q5_K: q5_K,
  Q6_K: q6_K,
};
