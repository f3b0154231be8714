// Nanoseconds per weight of the kernel, single thread, for every type it knows, and beside the same in plain TypeScript.
import type { Kernel } from '../src/core/analysis/kernel.ts';
import { addToTally, createTally } from '../src/core/analysis/tally.ts';
import { createTensorTally } from '../src/core/analysis/tensorTally.ts';
import { anatomyOf } from '../src/core/quant/anatomy/anatomy.ts';
import { decoderOf } from '../src/core/quant/decode/decoders.ts';
import type { Scheme } from '../src/core/quant/scheme.ts';
import { loadKernel } from '../src/node/diskAnalyzer.ts';
import { buildKernel, KERNEL_WASM } from '../test/support/tools.ts';
import { atLeast, below, line, type Line } from './lines.ts';
import { KERNEL_SCHEMES, tileOf } from './tiles.ts';

/** Columns of the tensors. */
const ROW = 4096;
/** Weights at a time, about 2 ms of work: short, so that some of the runs are not disturbed. */
const TILE_WEIGHTS = 256 * ROW;
/** 64 million weights of each type. */
const RUNS = 64;
/** The plain path takes several times as long. */
const PLAIN_RUNS = 24;

const MOST_PER_WEIGHT = 3;
/** Share of Q6_K in the weights of a llama of 7 billion as Q4_K_M: half of attn_v and ffn_down, and the output. */
const Q6_K_OF_MIX = 0.166;
const MOST_OF_MIX = { withoutCodes: 1.2, withCodes: 1.5 };
const TIMES_FASTER = 3;
const COMPARED = ['Q4_K', 'Q6_K', 'Q8_0', 'IQ4_XS'];

interface Speed {
  readonly name: string;
  /** Nanoseconds per weight. */
  readonly withoutCodes: number;
  /** Null for plain numbers, which have no blocks. */
  readonly withCodes: number | null;
}

export async function kernelSpeed(): Promise<Line[]> {
  await buildKernel();
  const kernel = loadKernel(KERNEL_WASM);
  const speeds = KERNEL_SCHEMES.map((scheme): Speed => {
    const tile = tileOf(scheme, TILE_WEIGHTS, ROW);
    kernel.input.set(tile);
    return {
      name: scheme.name,
      withoutCodes: perWeight(withoutCodes(kernel), scheme),
      withCodes: anatomyOf(scheme, 'little') === null ? null : perWeight(kernel, scheme),
    };
  });
  const slowest = speeds.reduce((a, b) => (total(b) > total(a) ? b : a));
  const mix = (of: (speed: Speed) => number): number =>
    speeds.reduce((sum, speed) => sum + of(speed) * (shareOfMix(speed.name) ?? 0), 0);
  return [
    ...speeds.map((speed) => line(`${speed.name}: ns per weight without and with codes`, pair(speed))),
    below(MOST_PER_WEIGHT, total(slowest), `ns per weight of the slowest type, ${slowest.name}`),
    below(
      MOST_OF_MIX.withoutCodes,
      mix(({ withoutCodes }) => withoutCodes),
      'ns per weight of a Q4_K_M without codes',
    ),
    below(MOST_OF_MIX.withCodes, mix(total), 'ns per weight of a Q4_K_M with codes'),
    ...COMPARED.map((name) => {
      const scheme = KERNEL_SCHEMES.find((each) => each.name === name);
      if (scheme === undefined) throw new Error(`The kernel does not know ${name}.`);
      return atLeast(TIMES_FASTER, timesFaster(kernel, scheme), `times as fast as plain TypeScript, ${name}`);
    }),
  ];
}

const total = ({ withCodes, withoutCodes }: Speed): number => withCodes ?? withoutCodes;

const pair = (speed: Speed): string =>
  `${speed.withoutCodes.toFixed(2)} and ${speed.withCodes === null ? '–' : speed.withCodes.toFixed(2)}`;

const shareOfMix = (name: string): number | undefined => ({ Q4_K: 1 - Q6_K_OF_MIX, Q6_K: Q6_K_OF_MIX })[name];

/** A kernel that counts no levels, scales and mins. */
function withoutCodes(kernel: Kernel): Kernel {
  return {
    ...kernel,
    stripDecoder(scheme, endianness) {
      const decoder = kernel.stripDecoder(scheme, endianness);
      return decoder && { ...decoder, countBlocks: null };
    },
  };
}

/** Of the fastest run: the machine can make a run slower, never faster. The weights lie in the input of the kernel. */
function perWeight(kernel: Kernel, scheme: Scheme): number {
  const tally = createTensorTally(kernel, { scheme, endianness: 'little', rowWeights: ROW, shift: 0 });
  if (tally === null) throw new Error(`Rows of ${scheme.name} do not fit.`);
  const best = fastest(RUNS, () => tally.addRows(0, TILE_WEIGHTS));
  tally.moveTo([createTally(ROW)]);
  tally.takeBlocks();
  return (best * 1e6) / TILE_WEIGHTS;
}

/** Both of them by turns, so that both meet the same machine. */
function timesFaster(kernel: Kernel, scheme: Scheme): number {
  const tile = tileOf(scheme, TILE_WEIGHTS, ROW);
  kernel.input.set(tile);
  const own = withoutCodes(kernel);
  const fast = createTensorTally(own, { scheme, endianness: 'little', rowWeights: ROW, shift: 0 });
  const decode = decoderOf(scheme);
  const strip = new Float32Array(ROW);
  const tally = createTally(ROW);
  const rowBytes = (ROW / scheme.blockWeights) * (scheme.blockBytes ?? NaN);
  const plain = (): void => {
    for (let row = 0; row < TILE_WEIGHTS / ROW; row++) {
      decode?.(tile, row * rowBytes, ROW / scheme.blockWeights, strip, 0, 'little');
      addToTally(tally, strip, 0, 0);
    }
  };
  let [ours, theirs] = [Infinity, Infinity];
  for (let run = 0; run < PLAIN_RUNS; run++) {
    ours = Math.min(
      ours,
      fastest(2, () => fast?.addRows(0, TILE_WEIGHTS)),
    );
    theirs = Math.min(theirs, fastest(1, plain));
  }
  fast?.moveTo([createTally(ROW)]);
  return theirs / ours;
}

/** Milliseconds. */
function fastest(runs: number, work: () => void): number {
  let best = Infinity;
  for (let run = 0; run < runs; run++) {
    const start = performance.now();
    work();
    best = Math.min(best, performance.now() - start);
  }
  return best;
}
