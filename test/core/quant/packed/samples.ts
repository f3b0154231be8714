// The sample checkpoints, module by module: what their configurations say, written down by hand.
import type { Packing, PartUse } from '../../../../src/core/quant/packed/packing.ts';
import {
  matrixOf,
  type MatrixShape,
  SAMPLES,
  type Stored,
  type StoredMatrix,
  storedTensors,
} from './stored.ts';

const SHAPES: Readonly<Record<string, MatrixShape>> = {
  'self_attn.q_proj': { rows: 256, columns: 256 },
  'self_attn.k_proj': { rows: 128, columns: 256 },
  'self_attn.o_proj': { rows: 256, columns: 256 },
  'self_attn.v_proj': { rows: 128, columns: 256 },
  'mlp.gate_proj': { rows: 768, columns: 256 },
  'mlp.up_proj': { rows: 768, columns: 256 },
  'mlp.down_proj': { rows: 256, columns: 768 },
};

type Suffixes = Readonly<Partial<Record<PartUse, string>>>;

interface Sample {
  readonly packing: Packing;
  /** What follows the name of a module. */
  readonly parts: Suffixes;
}

const GPTQ_PARTS: Suffixes = { codes: '.qweight', zeros: '.qzeros', scales: '.scales', order: '.g_idx' };
const group = (codeBits: number, groupSize: number, symmetric: boolean) =>
  ({ codeBits, groupSize, symmetric, granularity: 'group' }) as const;
const gptq = (bits: number, groupSize: number, symmetric: boolean, actOrder = false): Sample => ({
  packing: { system: 'gptq', version: 1, planar: false, actOrder, ...group(bits, groupSize, symmetric) },
  parts: GPTQ_PARTS,
});

export const PACKED_SAMPLES: Readonly<Record<string, Sample>> = {
  'sotu-5m-gptq-4bit-g128': gptq(4, 128, true),
  'sotu-5m-gptq-4bit-g32-actorder': gptq(4, 32, true, true),
  'sotu-5m-gptq-3bit-g64': gptq(3, 64, false),
  'sotu-5m-awq-4bit-g128-gemm': {
    packing: { system: 'awq', layout: 'gemm', ...group(4, 128, false) },
    parts: { codes: '.qweight', zeros: '.qzeros', scales: '.scales' },
  },
  'sotu-5m-bnb-nf4-dq': {
    packing: {
      system: 'bitsandbytes',
      codes: 'nf4',
      nested: { blockSize: 256, offset: null },
      blockSize: 64,
      ...group(4, 64, true),
      granularity: 'block',
    },
    parts: {
      codes: '.weight',
      scales: '.weight.absmax',
      superScales: '.weight.nested_absmax',
      table: '.weight.quant_map',
      scaleTable: '.weight.nested_quant_map',
      description: '.weight.quant_state.bitsandbytes__nf4',
    },
  },
  'sotu-5m-bnb-int8': {
    packing: {
      system: 'bitsandbytes-int8',
      codeBits: 8,
      granularity: 'channel',
      groupSize: null,
      symmetric: true,
    },
    parts: { codes: '.weight', scales: '.SCB', description: '.weight_format' },
  },
  'sotu-5m-ct-w4a16-g128': {
    packing: { system: 'compressed-tensors', stream: true, actOrder: false, ...group(4, 128, true) },
    parts: { codes: '.weight_packed', scales: '.weight_scale', description: '.weight_shape' },
  },
  'sotu-5m-fp8-block128': {
    packing: {
      system: 'scaled',
      maker: 'FP8',
      block: [128, 128],
      ...group(8, 128, true),
      granularity: 'block',
    },
    parts: { codes: '.weight', scales: '.weight_scale_inv' },
  },
  'sotu-5m-mlx-4bit-g64': {
    packing: { system: 'mlx', ...group(4, 64, false) },
    parts: { codes: '.weight', scales: '.scales', zeros: '.biases' },
  },
  'sotu-5m-modelopt-nvfp4': {
    packing: {
      system: 'blockFloat',
      maker: 'ModelOpt',
      codes: 'e2m1',
      scales: 'e4m3',
      superScale: 'multiply',
      ...group(4, 16, true),
    },
    parts: { codes: '.weight', scales: '.weight_scale', superScales: '.weight_scale_2' },
  },
  'mxfp4-gptoss': {
    packing: {
      system: 'blockFloat',
      maker: 'gpt-oss',
      codes: 'e2m1',
      scales: 'e8m0',
      superScale: 'none',
      ...group(4, 32, true),
    },
    parts: { codes: '_blocks', scales: '_scales' },
  },
  'sotu-5m-exl2-mixed': {
    packing: { system: 'exl2', ...group(3.16, 32, true), groupSize: null },
    parts: {
      codes: '.q_weight',
      scales: '.q_scale',
      superScales: '.q_scale_max',
      groups: '.q_groups',
      order: '.q_invperm',
    },
  },
  'sotu-5m-hqq-4bit-g64': {
    packing: { system: 'hqq', axis: 1, layout: '4bit_u8', ...group(4, 64, false) },
    parts: { codes: '.W_q', scales: '.scale', zeros: '.zero' },
  },
};

/** The packed matrices of a sample by the names of their weights. */
export function* samplesOf(folder: string, root = SAMPLES): Generator<StoredMatrix & { name: string }> {
  const sample = PACKED_SAMPLES[folder];
  if (sample === undefined) throw new Error(`There is no sample ${folder}.`);
  const { packing, parts } = sample;
  const tensors = storedTensors(`${root}${folder}/model.safetensors`);
  const codes = parts.codes ?? '';
  for (const name of tensors.keys()) {
    const module = name.slice(0, -codes.length);
    if (!name.endsWith(codes) || !tensors.has(`${module}${parts.scales}`)) continue;
    const stored = Object.fromEntries(
      Object.entries(parts).map(([use, suffix]) => [use, tensors.get(`${module}${suffix}`)]),
    ) as Partial<Record<PartUse, Stored>>;
    const isExperts = folder === 'mxfp4-gptoss';
    const shape = isExperts ? expertShape(stored.codes) : shapeOf(module, stored.codes);
    yield { name: isExperts ? module : `${module}.weight`, ...matrixOf(packing, shape, stored) };
  }
}

function shapeOf(module: string, codes: Stored | undefined): MatrixShape {
  const known = Object.entries(SHAPES).find(([suffix]) => module.endsWith(suffix))?.[1];
  if (known !== undefined) return known;
  const isVocabulary = module.endsWith('lm_head') || module.endsWith('embed_tokens');
  if (!isVocabulary || codes === undefined) throw new Error(`${module} has no known shape.`);
  return { rows: 4096, columns: 256 };
}

function expertShape(codes: Stored | undefined): MatrixShape {
  const [matrices = 0, rows = 0, blocks = 0, bytes = 0] = codes?.shape ?? [];
  return { matrices, rows, columns: blocks * bytes * 2 };
}
