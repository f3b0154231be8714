// Layouts of the IQ types. The bits are drawn at the decoders of the same names.
import type { Endianness } from '../decode/decoder.ts';
import { halfValue } from '../decode/floats.ts';
import { evenSigns } from '../decode/gridQuants.ts';
import {
  type Grid,
  IQ1_GRID,
  IQ2_S_GRID,
  IQ2_XS_GRID,
  IQ2_XXS_GRID,
  IQ3_S_GRID,
  IQ3_XXS_GRID,
  iq4Level,
  level,
} from '../decode/grids.ts';
import {
  type BitRun,
  type BlockLayout,
  code,
  half,
  noMin,
  run,
  stored,
  type StoredNumber,
  wordRuns,
} from './layout.ts';

/** Patterns of a grid with signs apart. */
const signedGrid = (grid: Grid, scaleWeights: number, scaleOf: BlockLayout['scaleOf']) =>
  ({
    scaleWeights,
    codeWeights: grid.width,
    codeCount: grid.levels.byteLength / grid.width,
    levelSteps: 1,
    scaleOf,
    levelOf: ({ q, sign }, weight) => (sign === 1 ? -1 : 1) * level(grid, q, weight % grid.width),
    minOf: noMin,
  }) satisfies Partial<BlockLayout>;

/** Number `index` of numbers of 4 bits. */
const nibble = (at: number, index: number): BitRun => run(at + (index >> 1), 4 * (index & 1), 4);
const scale4 = (at: number, index: number): StoredNumber => stored('scale', [nibble(at, index)]);
const signBit = (at: number, weight: number): StoredNumber => code(run(at + (weight >> 3), weight & 7, 1));

/** Sign of weight j of 8 in 7 bits, from bit `first` of a word on: its own bit, or for the last what makes the signs even. */
function evenSign(at: number, size: number, first: number, j: number, endianness: Endianness): StoredNumber {
  return j < 7
    ? code(...wordRuns(at, size, first + j, 1, endianness))
    : stored('code', wordRuns(at, size, first, 7, endianness), (bits) => evenSigns(bits) >> 7);
}

const quarterScale: BlockLayout['scaleOf'] = ({ d, sc }) => d * (sc + 0.5) * 0.25;
const halfScale: BlockLayout['scaleOf'] = ({ d, sc }) => d * (sc + 0.5) * 0.5;
const oddScale: BlockLayout['scaleOf'] = ({ d, sc }) => d * (2 * sc + 1);

const iq2_xxs: BlockLayout = {
  ...signedGrid(IQ2_XXS_GRID, 32, quarterScale),
  numbersOf: (weight, order) => {
    const indexes = 2 + 8 * (weight >> 5);
    const l = (weight >> 3) & 3;
    return {
      d: half(0, order),
      sc: stored('scale', wordRuns(indexes + 4, 4, 28, 4, order)),
      q: code(run(indexes + l, 0, 8)),
      sign: evenSign(indexes + 4, 4, 7 * l, weight & 7, order),
    };
  },
};

const iq2_xs: BlockLayout = {
  ...signedGrid(IQ2_XS_GRID, 16, quarterScale),
  numbersOf: (weight, order) => {
    const word = 2 + 2 * (weight >> 3);
    return {
      d: half(0, order),
      sc: scale4(66, weight >> 4),
      q: code(...wordRuns(word, 2, 0, 9, order)),
      sign: evenSign(word, 2, 9, weight & 7, order),
    };
  },
};

const iq2_s: BlockLayout = {
  ...signedGrid(IQ2_S_GRID, 16, quarterScale),
  numbersOf: (weight, order) => {
    const group = weight >> 3;
    return {
      d: half(0, order),
      sc: scale4(74, weight >> 4),
      q: code(run(2 + group, 0, 8), run(66 + (group >> 2), 2 * (group & 3), 2)),
      sign: signBit(34, weight),
    };
  },
};

const iq3_xxs: BlockLayout = {
  ...signedGrid(IQ3_XXS_GRID, 32, halfScale),
  numbersOf: (weight, order) => {
    const word = 66 + 4 * (weight >> 5);
    return {
      d: half(0, order),
      sc: stored('scale', wordRuns(word, 4, 28, 4, order)),
      q: code(run(2 + (weight >> 2), 0, 8)),
      sign: evenSign(word, 4, 7 * ((weight >> 3) & 3), weight & 7, order),
    };
  },
};

const iq3_s: BlockLayout = {
  ...signedGrid(IQ3_S_GRID, 32, oddScale),
  numbersOf: (weight, order) => {
    const group = weight >> 2;
    return {
      d: half(0, order),
      sc: scale4(106, weight >> 5),
      q: code(run(2 + group, 0, 8), run(66 + (group >> 3), group & 7, 1)),
      sign: signBit(74, weight),
    };
  },
};

const shiftedGrid = (scaleWeights: number) =>
  ({
    scaleWeights,
    codeWeights: 8,
    codeCount: IQ1_GRID.levels.byteLength / 8,
    levelSteps: 8,
    scaleOf: oddScale,
    levelOf: ({ q, shift }, weight) => level(IQ1_GRID, q, weight & 7) + (shift === 1 ? -0.125 : 0.125),
    minOf: noMin,
  }) satisfies Partial<BlockLayout>;

const iq1_s: BlockLayout = {
  ...shiftedGrid(32),
  numbersOf: (weight, order) => {
    const word = 34 + 2 * (weight >> 5);
    return {
      d: half(0, order),
      sc: stored('scale', wordRuns(word, 2, 12, 3, order)),
      q: code(run(2 + (weight >> 3), 0, 8), ...wordRuns(word, 2, 3 * ((weight >> 3) & 3), 3, order)),
      shift: code(...wordRuns(word, 2, 15, 1, order)),
    };
  },
};

const iq1_m: BlockLayout = {
  ...shiftedGrid(16),
  numbersOf: (weight, order) => {
    const group = weight >> 3;
    const upper = nibble(32, group);
    const dRuns = [48, 50, 52, 54].flatMap((word) => wordRuns(word, 2, 12, 4, order));
    return {
      d: stored('superScale', dRuns, halfValue),
      sc: stored('scale', wordRuns(48 + 2 * (weight >> 6), 2, 3 * ((weight >> 4) & 3), 3, order)),
      q: code(run(group, 0, 8), { ...upper, width: 3 }),
      shift: code({ ...upper, shift: upper.shift + 3, width: 1 }),
    };
  },
};

/** Weight j of 32 in the halves of 16 bytes. */
const unevenCode = (at: number, j: number): StoredNumber => code(run(at + (j & 15), j < 16 ? 0 : 4, 4));

const iq4_nl: BlockLayout = {
  scaleWeights: 32,
  codeWeights: 1,
  codeCount: 16,
  levelSteps: 1,
  numbersOf: (weight, order) => ({ d: half(0, order), q: unevenCode(2, weight) }),
  scaleOf: ({ d }) => d,
  levelOf: ({ q }) => iq4Level(q),
  minOf: noMin,
};

const iq4_xs: BlockLayout = {
  ...iq4_nl,
  numbersOf: (weight, order) => {
    const sub = weight >> 5;
    return {
      d: half(0, order),
      sc: stored('scale', [nibble(4, sub), ...wordRuns(2, 2, 2 * sub, 2, order)]),
      q: unevenCode(8 + 16 * sub, weight & 31),
    };
  },
  scaleOf: ({ d, sc }) => d * (sc - 32),
};

export const GRID_QUANT_LAYOUTS: Readonly<Record<string, BlockLayout>> = {
  IQ1_S: iq1_s,
  IQ1_M: iq1_m,
  IQ2_XXS: iq2_xxs,
  IQ2_XS: iq2_xs,
  IQ2_S: iq2_s,
  IQ3_XXS: iq3_xxs,
  IQ3_S: iq3_s,
  IQ4_NL: iq4_nl,
  IQ4_XS: iq4_xs,
};
