// Nanoseconds per weight of packed matrices (GPTQ, AWQ …) in the kernel, as a ratio to Q4_K within the same run.
import type { Kernel } from '../src/core/analysis/kernel.ts';
import { countGroups, createGroupTally, createPackedTally } from '../src/core/analysis/packedTally.ts';
import { createTally } from '../src/core/analysis/tally.ts';
import { createTensorTally } from '../src/core/analysis/tensorTally.ts';
import { GGML_SCHEMES } from '../src/core/quant/ggmlTypes.ts';
import { codesOf, packedLayout, placesIn } from '../src/core/quant/packed/decoder.ts';
import type { LineRange } from '../src/core/quant/packed/layout.ts';
import type { Packing, PartUse } from '../src/core/quant/packed/packing.ts';
import { loadKernel } from '../src/node/diskAnalyzer.ts';
import { buildKernel, KERNEL_WASM } from '../test/support/tools.ts';
import { createRandom } from '../test/support/random.ts';
import { matrixOf, type Stored, type StoredMatrix } from '../test/core/quant/packed/stored.ts';
import { safetensorsScheme } from '../src/core/quant/safetensorsTypes.ts';
import { below, line, type Line } from './lines.ts';
import { tileOf } from './tiles.ts';

/** A matrix of 4096 × 4096, a window of it at a time. */
const SIZE = 4096;
const WINDOW_BYTES = 2 ** 19;
const RUNS = 12;
/** Times as slow as Q4_K, with codes counted in both. */
const MOST_TIMES = 3;

interface Case {
  readonly name: string;
  readonly packing: Packing;
  readonly parts: Readonly<Partial<Record<PartUse, readonly [dtype: string, shape: readonly number[]]>>>;
}

const group = (codeBits: number, groupSize: number | null) =>
  ({ codeBits, groupSize, symmetric: false, granularity: groupSize === null ? 'channel' : 'group' }) as const;
const words = (codes: number, bits: number): number => Math.ceil((codes * bits) / 32);

const gptq = (bits: number, size: number, actOrder: boolean): Case => ({
  name: `GPTQ ${bits} bits, groups of ${size}${actOrder ? ', act-order' : ''}`,
  packing: { system: 'gptq', version: 1, planar: false, actOrder, ...group(bits, size) },
  parts: {
    codes: ['I32', [words(SIZE, bits), SIZE]],
    zeros: ['I32', [SIZE / size, words(SIZE, bits)]],
    scales: ['F16', [SIZE / size, SIZE]],
    ...(actOrder ? { order: ['I32', [SIZE]] } : {}),
  },
});

const floats = (codes: 'e2m1' | 'e4m3', scales: 'e8m0' | 'e4m3', size: number): Case => ({
  name: `${codes} in groups of ${size}`,
  packing: { system: 'blockFloat', maker: 'bench', codes, scales, superScale: 'none', ...group(4, size) },
  parts: { codes: ['U8', [SIZE, codes === 'e2m1' ? SIZE / 2 : SIZE]], scales: ['U8', [SIZE, SIZE / size]] },
});

const hqq = (bits: number): Case => ({
  name: `HQQ ${bits} bits, groups of 64`,
  packing: { system: 'hqq', axis: 1, layout: 'bench', ...group(bits, 64) },
  parts: {
    codes: [bits === 3 ? 'I32' : 'U8', [Math.ceil((SIZE * SIZE) / 64 / (bits === 3 ? 10 : 8 / bits)), 64]],
    scales: ['F16', [(SIZE * SIZE) / 64, 1]],
    zeros: ['F16', [(SIZE * SIZE) / 64, 1]],
  },
});

const CASES: readonly Case[] = [
  gptq(4, 128, false),
  gptq(4, 32, true),
  gptq(3, 128, false),
  gptq(2, 64, false),
  gptq(8, 128, false),
  {
    name: 'AWQ, groups of 128',
    packing: { system: 'awq', layout: 'gemm', ...group(4, 128) },
    parts: {
      codes: ['I32', [SIZE, SIZE / 8]],
      zeros: ['I32', [SIZE / 128, SIZE / 8]],
      scales: ['F16', [SIZE / 128, SIZE]],
    },
  },
  {
    name: 'bitsandbytes NF4, nested',
    packing: {
      system: 'bitsandbytes',
      codes: 'nf4',
      nested: { blockSize: 256, offset: 0.01 },
      blockSize: 64,
      ...group(4, 64),
    },
    parts: {
      codes: ['U8', [(SIZE * SIZE) / 2, 1]],
      scales: ['U8', [(SIZE * SIZE) / 64]],
      superScales: ['F32', [(SIZE * SIZE) / 64 / 256]],
      scaleTable: ['F32', [256]],
    },
  },
  {
    name: 'LLM.int8()',
    packing: { system: 'bitsandbytes-int8', ...group(8, null) },
    parts: { codes: ['I8', [SIZE, SIZE]], scales: ['F32', [SIZE]] },
  },
  {
    name: 'FP8, blocks of 128 × 128',
    packing: { system: 'scaled', maker: 'FP8', block: [128, 128], ...group(8, 128) },
    parts: { codes: ['F8_E4M3', [SIZE, SIZE]], scales: ['F32', [32, 32]] },
  },
  {
    name: 'compressed-tensors 4 bits, groups of 128',
    packing: { system: 'compressed-tensors', stream: true, actOrder: false, ...group(4, 128) },
    parts: { codes: ['I32', [SIZE, SIZE / 8]], scales: ['BF16', [SIZE, SIZE / 128]] },
  },
  {
    name: 'compressed-tensors 3 bits, padded',
    packing: { system: 'compressed-tensors', stream: false, actOrder: false, ...group(3, 128) },
    parts: { codes: ['I32', [SIZE, Math.ceil(SIZE / 10)]], scales: ['BF16', [SIZE, SIZE / 128]] },
  },
  floats('e2m1', 'e4m3', 16),
  floats('e2m1', 'e8m0', 32),
  floats('e4m3', 'e8m0', 32),
  ...[3, 4, 6].map((bits): Case => ({
    name: `MLX ${bits} bits, groups of 64`,
    packing: { system: 'mlx', ...group(bits, 64) },
    parts: {
      codes: ['U32', [SIZE, words(SIZE, bits)]],
      scales: ['BF16', [SIZE, SIZE / 64]],
      zeros: ['BF16', [SIZE, SIZE / 64]],
    },
  })),
  {
    name: 'EXL2 5 bits',
    packing: { system: 'exl2', ...group(5, null) },
    parts: {
      codes: ['I32', [words(SIZE, 5), SIZE]],
      scales: ['I32', [SIZE / 128, SIZE / 8]],
      superScales: ['F16', [SIZE / 128]],
      groups: ['I16', [SIZE / 64]],
    },
  },
  hqq(4),
  hqq(3),
  {
    name: 'AQLM 1 × 16, vectors of 8',
    packing: { system: 'aqlm', codebooks: 1, codeWidth: 16, inGroup: 8, outGroup: 1, ...group(2, null) },
    parts: {
      codes: ['I16', [SIZE, SIZE / 8, 1]],
      table: ['F16', [1, 65_536, 1, 8]],
      scales: ['F16', [SIZE, 1, 1, 1]],
    },
  },
];

export async function packedSpeed(): Promise<Line[]> {
  await buildKernel();
  const kernel = loadKernel(KERNEL_WASM);
  const q4k = GGML_SCHEMES.find(({ name }) => name === 'Q4_K');
  if (q4k === undefined) throw new Error('There is no Q4_K.');
  const tile = tileOf(q4k, 256 * SIZE, SIZE);
  for (const each of CASES) packedPass(kernel, matrixFor(each))(); // until all of it is compiled
  const speeds = CASES.map((each) => {
    const pass = packedPass(kernel, matrixFor(each));
    const plain = createTensorTally(kernel, {
      scheme: q4k,
      endianness: 'little',
      rowWeights: SIZE,
      shift: 0,
    });
    // By turns, so that both meet the same machine.
    let [own, theirs] = [Infinity, Infinity];
    for (let run = 0; run < RUNS; run++) {
      own = Math.min(own, pass());
      kernel.input.set(tile);
      const start = performance.now();
      plain?.addRows(0, 256 * SIZE);
      theirs = Math.min(theirs, ((performance.now() - start) * 1e6) / (256 * SIZE));
      plain?.moveTo([createTally(SIZE)]);
      plain?.takeBlocks();
    }
    return { name: each.name, own, times: own / theirs };
  });
  const slowest = speeds.reduce((a, b) => (b.times > a.times ? b : a));
  return [
    ...speeds.map(({ name, own, times }) =>
      line(`${name}: ns per weight, times Q4_K`, `${own.toFixed(2)}, ${times.toFixed(2)}`),
    ),
    below(MOST_TIMES, slowest.times, `times as slow as Q4_K, ${slowest.name}`),
  ];
}

/** Bytes by chance; floats near 1, group indexes and permutations that are sound. */
function matrixFor({ packing, parts }: Case): StoredMatrix {
  const random = createRandom(20_261_121);
  const stored = Object.entries(parts).map(([use, [dtype, shape]]): [string, Stored] => {
    const count = shape.reduce((product, length) => product * length, 1);
    const bytes = new Uint8Array(count * (safetensorsScheme(dtype).blockBytes ?? 0));
    const integers = new Uint32Array(bytes.buffer, 0, bytes.length >> 2);
    for (let at = 0; at < integers.length; at++) integers[at] = random.below(2 ** 32);
    if (use === 'order') integers.forEach((value, at) => (integers[at] = value % (SIZE / 32)));
    if (use === 'groups') writeGroups(new Int16Array(bytes.buffer));
    if (use === 'scales' && dtype === 'U8') bytes.fill(0x38);
    for (const type of ['F16', 'BF16']) if (dtype === type) new Uint16Array(bytes.buffer).fill(0x3c00);
    if (dtype === 'F32') new Float32Array(bytes.buffer).fill(0.01);
    // A NaN would be slow, and is no weight.
    if (dtype === 'F8_E4M3' || (packing.system === 'blockFloat' && packing.codes === 'e4m3'))
      bytes.forEach((byte, at) => (bytes[at] = byte & 0xbf));
    return [use, { dtype, shape, bytes }];
  });
  return matrixOf(packing, { rows: SIZE, columns: SIZE }, Object.fromEntries(stored));
}

/** Groups of 128 input channels of 5 bits, 20 rows of words each. */
function writeGroups(numbers: Int16Array): void {
  for (let index = 0; index < numbers.length / 2; index++) numbers.set([5, 20 * index], 2 * index);
}

/** One pass over the matrix, window by window. Answers nanoseconds per weight of the fastest one, without the copying of codes that a
 * read would be: windows take a millisecond or two, which a busy machine leaves alone sometimes. */
function packedPass(kernel: Kernel, { matrix, read }: StoredMatrix): () => number {
  return () => {
    const layout = packedLayout(matrix, 0, read);
    const part = codesOf(matrix, 0, read);
    const lineBytes = part.byteLength / layout.lines;
    const most = Math.max(1, Math.floor(WINDOW_BYTES / lineBytes / layout.step)) * layout.step;
    const tally = createPackedTally(kernel, { ...layout, channels: SIZE }, 0);
    const groups = createGroupTally();
    const extremes = new Float32Array(2 * most);
    let best = Infinity;
    for (let from = 0; from < layout.lines; from += most) {
      const lines: LineRange = { from, to: Math.min(layout.lines, from + most) };
      const ranges = layout.codeRanges(lines);
      let at = 0;
      for (const { byteOffset, byteLength } of ranges) {
        kernel.input.set(part.read(byteOffset, byteLength), at);
        at += byteLength;
      }
      const start = performance.now();
      tally.addLines(
        layout,
        lines,
        { bytes: kernel.input.subarray(0, at), indexOf: placesIn(ranges) },
        extremes,
      );
      countGroups(groups, layout, lines);
      best = Math.min(best, ((performance.now() - start) * 1e6) / ((lines.to - from) * layout.lineWeights));
    }
    tally.moveTo([createTally(SIZE)]);
    tally.takeCodes();
    return best;
  };
}
