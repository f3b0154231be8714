// Layouts of blocks with one scale (and perhaps one min). The bits are drawn at the decoders of the same names.
import {
  type BitRun,
  type BlockLayout,
  code,
  half,
  noMin,
  run,
  signedByte,
  stored,
  wordRuns,
} from './layout.ts';

/** Weight w of 32 in the halves of the bytes from `at` on. */
const nibble = (at: number, weight: number): BitRun => run(at + (weight & 15), weight < 16 ? 0 : 4, 4);

const oneScale = (blockWeights: number, codeCount: number) =>
  ({
    scaleWeights: blockWeights,
    codeWeights: 1,
    codeCount,
    levelSteps: 1,
    scaleOf: ({ d }) => d,
    minOf: noMin,
  }) satisfies Partial<BlockLayout>;

const q4_0: BlockLayout = {
  ...oneScale(32, 16),
  numbersOf: (weight, order) => ({ d: half(0, order), q: code(nibble(2, weight)) }),
  levelOf: ({ q }) => q - 8,
};

const q4_1: BlockLayout = {
  ...oneScale(32, 16),
  numbersOf: (weight, order) => ({
    d: half(0, order),
    m: half(2, order, 'superMin'),
    q: code(nibble(4, weight)),
  }),
  levelOf: ({ q }) => q,
  minOf: ({ m }) => -m,
};

const q5_0: BlockLayout = {
  ...oneScale(32, 32),
  numbersOf: (weight, order) => ({
    d: half(0, order),
    q: code(nibble(6, weight), ...wordRuns(2, 4, weight, 1, order)),
  }),
  levelOf: ({ q }) => q - 16,
};

const q5_1: BlockLayout = {
  ...oneScale(32, 32),
  numbersOf: (weight, order) => ({
    d: half(0, order),
    m: half(2, order, 'superMin'),
    q: code(nibble(8, weight), ...wordRuns(4, 4, weight, 1, order)),
  }),
  levelOf: ({ q }) => q,
  minOf: ({ m }) => -m,
};

const bytesFrom = (at: number, blockWeights: number): BlockLayout => ({
  ...oneScale(blockWeights, 256),
  numbersOf: (weight, order) => ({
    d: half(0, order),
    q: stored('code', [run(at + weight, 0, 8)], signedByte),
  }),
  levelOf: ({ q }) => q,
});

const VIEW_OF_BITS = new DataView(new ArrayBuffer(4));
function singleValue(bits: number): number {
  VIEW_OF_BITS.setUint32(0, bits);
  return VIEW_OF_BITS.getFloat32(0);
}

const q8_K: BlockLayout = {
  ...bytesFrom(4, 256),
  numbersOf: (weight, order) => ({
    d: stored('superScale', wordRuns(0, 4, 0, 32, order), singleValue),
    q: stored('code', [run(4 + weight, 0, 8)], signedByte),
  }),
};

const q1_0: BlockLayout = {
  ...oneScale(128, 2),
  numbersOf: (weight, order) => ({ d: half(0, order), q: code(run(2 + (weight >> 3), weight & 7, 1)) }),
  levelOf: ({ q }) => 2 * q - 1,
};

const q2_0: BlockLayout = {
  ...oneScale(64, 4),
  numbersOf: (weight, order) => ({ d: half(0, order), q: code(run(2 + (weight >> 2), 2 * (weight & 3), 2)) }),
  levelOf: ({ q }) => q - 1,
};

export const PLAIN_BLOCK_LAYOUTS: Readonly<Record<string, BlockLayout>> = {
  Q4_0: q4_0,
  Q4_1: q4_1,
  Q5_0: q5_0,
  Q5_1: q5_1,
  Q8_0: bytesFrom(2, 32),
  Q8_1: bytesFrom(4, 32),
  Q8_K: q8_K,
  Q1_0: q1_0,
  Q2_0: q2_0,
};
