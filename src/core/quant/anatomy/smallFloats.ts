// Layouts of microscaling floats and ternary weights. The bits are drawn at the decoders of the same names.
import { FP4_VALUES, MX_SCALES, NV_SCALES, ternaryDigit } from '../decode/smallFloats.ts';
import { type BlockLayout, code, half, noMin, run, stored } from './layout.ts';

const float4: BlockLayout['levelOf'] = ({ q }) => FP4_VALUES[q] ?? NaN;

const mxfp4: BlockLayout = {
  scaleWeights: 32,
  codeWeights: 1,
  codeCount: 16,
  levelSteps: 2,
  numbersOf: (weight) => ({
    e: stored('superScale', [run(0, 0, 8)]),
    q: code(run(1 + (weight & 15), weight < 16 ? 0 : 4, 4)),
  }),
  scaleOf: ({ e }) => MX_SCALES[e] ?? NaN,
  levelOf: float4,
  minOf: noMin,
};

const nvfp4: BlockLayout = {
  scaleWeights: 16,
  codeWeights: 1,
  codeCount: 16,
  levelSteps: 2,
  numbersOf: (weight) => {
    const sub = weight >> 4;
    return {
      sc: stored('scale', [run(sub, 0, 8)], (bits) => NV_SCALES[bits] ?? NaN),
      q: code(run(4 + 8 * sub + (weight & 7), weight & 8 ? 4 : 0, 4)),
    };
  },
  scaleOf: ({ sc }) => sc,
  levelOf: float4,
  minOf: noMin,
};

const ternary = {
  scaleWeights: 256,
  codeWeights: 1,
  levelSteps: 1,
  scaleOf: ({ d }) => d,
  levelOf: ({ q }) => q - 1,
  minOf: noMin,
} satisfies Partial<BlockLayout>;

const tq1_0: BlockLayout = {
  ...ternary,
  codeCount: 3,
  numbersOf: (weight, order) => {
    const { byte, digit } = digitOf(weight);
    return {
      d: half(52, order),
      q: stored('code', [run(byte, 0, 8)], (bits) => ternaryDigit(bits, digit)),
    };
  },
};

/** The byte of TQ1_0 that holds a weight among others, and which of its digits is the weight's. */
function digitOf(weight: number): { byte: number; digit: number } {
  if (weight < 160) return { byte: weight & 31, digit: weight >> 5 };
  if (weight < 240) return { byte: 32 + (weight & 15), digit: (weight - 160) >> 4 };
  return { byte: 48 + (weight & 3), digit: (weight - 240) >> 2 };
}

const tq2_0: BlockLayout = {
  ...ternary,
  codeCount: 4,
  numbersOf: (weight, order) => ({
    d: half(64, order),
    q: code(run(32 * (weight >> 7) + (weight & 31), 2 * ((weight >> 5) & 3), 2)),
  }),
};

export const SMALL_FLOAT_LAYOUTS: Readonly<Record<string, BlockLayout>> = {
  MXFP4: mxfp4,
  NVFP4: nvfp4,
  TQ1_0: tq1_0,
  TQ2_0: tq2_0,
};
