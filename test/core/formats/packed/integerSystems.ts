// Packings of integers and of 4-bit tables: GPTQ, AWQ, bitsandbytes, compressed-tensors.
import { int32, parts, configured, utf8, int64, withData, type Stored } from './checkpoints.ts';
import { bitsOf, COLUMNS, MODULE, type System } from './system.ts';

/** Channels in groups that are no neighbors. */
const shuffled = Array.from({ length: COLUMNS }, (_none, channel) => (channel * 7) % 2);
const inOrder = Array.from({ length: COLUMNS }, (_none, channel) => Math.floor(channel / 128));

const gptq = (order: readonly number[], zero = 0x77777777): Stored[] => {
  const [qweight, qzeros, scales, g_idx] = parts(
    MODULE,
    'qweight I32 32 64',
    'qzeros I32 2 8',
    'scales F16 2 64',
    'g_idx I32 256',
  ) as [Stored, Stored, Stored, Stored];
  return [qweight, withData(qzeros, int32(zero | 0)), scales, withData(g_idx, int32(...order))];
};

const quantState = (state: object): Uint8Array => utf8(JSON.stringify(state));
const nf4State = quantState({
  quant_type: 'nf4',
  blocksize: 64,
  dtype: 'float16',
  shape: [64, 256],
  nested_blocksize: 256,
  nested_dtype: 'float32',
  nested_offset: 0.25,
});
const fp4State = quantState({ quant_type: 'fp4', blocksize: 64, dtype: 'bfloat16', shape: [64, 256] });

export const INTEGER_SYSTEMS: readonly System[] = [
  {
    title: 'GPTQ of 4 bits',
    tensors: gptq(inOrder),
    beside: configured({ quant_method: 'gptq', bits: 4, group_size: 128, desc_act: false, sym: true }),
    type: 'GPTQ 4-bit g128',
    bits: bitsOf(8192, 64, 256, 1024),
    packing: { system: 'gptq', version: 1, symmetric: true, actOrder: false, groupSize: 128 },
  },
  {
    title: 'GPTQ with act-order and zero points as they are',
    tensors: gptq(shuffled, 0x88888888),
    beside: configured({
      quant_method: 'gptq',
      bits: 4,
      group_size: 128,
      desc_act: true,
      sym: true,
      checkpoint_format: 'gptq_v2',
    }),
    type: 'GPTQ v2 4-bit g128 act-order',
    bits: bitsOf(8192, 64, 256, 1024),
    packing: { system: 'gptq', version: 2, symmetric: true, actOrder: true },
  },
  {
    title: 'GPTQ of 3 bits, one group',
    tensors: parts(MODULE, 'qweight I32 24 64', 'qzeros I32 1 6', 'scales F16 1 64', 'g_idx I32 256'),
    beside: configured({ quant_method: 'gptq', bits: 3, group_size: -1, desc_act: true, sym: false }),
    type: 'GPTQ 3-bit channel',
    bits: bitsOf(6144, 24, 128, 1024),
    packing: { granularity: 'channel', groupSize: null, symmetric: false, codeBits: 3, actOrder: false },
  },
  {
    title: 'GPTQ of 8 bits in quantize_config.json',
    tensors: parts(MODULE, 'qweight I32 64 64', 'qzeros I32 8 16', 'scales F16 8 64', 'g_idx I32 256').map(
      (stored) =>
        stored.name.endsWith('g_idx')
          ? withData(stored, int32(...Array.from({ length: 256 }, (_none, at) => Math.floor(at / 32))))
          : stored,
    ),
    beside: { 'quantize_config.json': { bits: 8, group_size: 32, desc_act: false, sym: false } },
    type: 'GPTQ 8-bit g32',
    bits: bitsOf(16384, 512, 1024, 1024),
    packing: { codeBits: 8, groupSize: 32 },
  },
  {
    title: 'AWQ, gemm',
    tensors: parts(MODULE, 'qweight I32 256 8', 'qzeros I32 2 8', 'scales F16 2 64'),
    beside: configured({
      quant_method: 'awq',
      bits: 4,
      group_size: 128,
      zero_point: true,
      version: 'gemm',
    }),
    type: 'AWQ 4-bit g128',
    bits: bitsOf(8192, 64, 256),
    packing: { system: 'awq', layout: 'gemm', symmetric: false },
  },
  {
    title: 'AWQ, gemv: zero points padded to four words',
    tensors: parts(MODULE, 'qweight I32 64 32', 'qzeros I32 64 4', 'scales F16 64 32'),
    beside: configured({ quant_method: 'awq', bits: 4, group_size: 32, zero_point: true, version: 'gemv' }),
    type: 'AWQ 4-bit g32 gemv',
    bits: bitsOf(8192, 1024, 4096),
    packing: { system: 'awq', layout: 'gemv' },
  },
  {
    title: 'bitsandbytes NF4 with double quantization',
    tensors: parts(
      MODULE,
      'weight U8 8192 1',
      'weight.absmax U8 256',
      'weight.quant_map F32 16',
      'weight.nested_absmax F32 1',
      'weight.nested_quant_map F32 256',
      `weight.quant_state.bitsandbytes__nf4 U8 ${nf4State.length}`,
    ).map((stored) => (stored.name.includes('quant_state') ? withData(stored, nf4State) : stored)),
    beside: configured({ quant_method: 'bitsandbytes', load_in_4bit: true, bnb_4bit_quant_type: 'nf4' }),
    type: 'NF4 g64 double',
    bits: bitsOf(8192, 256, 64, 4, 1024, nf4State.length),
    packing: { codes: 'nf4', blockSize: 64, nested: { blockSize: 256, offset: 0.25 } },
  },
  {
    title: 'bitsandbytes FP4 kept as BF16',
    tensors: parts(
      MODULE,
      'weight BF16 4096 1',
      'weight.absmax F32 256',
      'weight.quant_map F32 16',
      `weight.quant_state.bitsandbytes__fp4 U8 ${fp4State.length}`,
    ).map((stored) => (stored.name.includes('quant_state') ? withData(stored, fp4State) : stored)),
    beside: configured({ quant_method: 'bitsandbytes', load_in_4bit: true, bnb_4bit_quant_type: 'fp4' }),
    type: 'FP4 g64',
    bits: bitsOf(8192, 1024, 64, fp4State.length),
    packing: { codes: 'fp4', nested: null },
  },
  {
    title: 'LLM.int8()',
    tensors: parts(MODULE, 'weight I8 64 256', 'SCB F32 64', 'weight_format U8'),
    beside: configured({ quant_method: 'bitsandbytes', load_in_8bit: true }),
    type: 'LLM.int8()',
    bits: bitsOf(16384, 256, 1),
    packing: { system: 'bitsandbytes-int8', granularity: 'channel' },
  },
  {
    title: 'compressed-tensors, 3 bits as one stream, with zero points and order',
    tensors: [
      ...parts(
        MODULE,
        'weight_packed I32 64 24',
        'weight_scale BF16 64 2',
        'weight_zero_point I32 6 2',
        'weight_g_idx I32 256',
      ),
      withData(parts(MODULE, 'weight_shape I64 2')[0] as Stored, int64(64, 256)),
    ],
    beside: configured({
      quant_method: 'compressed-tensors',
      format: 'pack-quantized',
      config_groups: {
        group_0: {
          targets: ['Linear'],
          weights: { num_bits: 3, group_size: 128, symmetric: false, actorder: 'group' },
        },
      },
    }),
    type: 'compressed-tensors 3-bit g128 act-order',
    bits: bitsOf(6144, 256, 48, 1024, 16),
    packing: { stream: true, symmetric: false, actOrder: true },
  },
  {
    title: 'compressed-tensors, 3 bits with waste in every word',
    tensors: [
      ...parts(MODULE, 'weight_packed I32 64 26', 'weight_scale BF16 64 1'),
      withData(parts(MODULE, 'weight_shape I64 2')[0] as Stored, int64(64, 256)),
    ],
    beside: configured({
      quant_method: 'compressed-tensors',
      format: 'pack-quantized',
      config_groups: { group_0: { targets: ['Linear'], weights: { num_bits: 3, strategy: 'channel' } } },
    }),
    type: 'compressed-tensors 3-bit channel',
    bits: bitsOf(6656, 128, 16),
    packing: { stream: false, symmetric: true, granularity: 'channel' },
  },
  {
    title: 'compressed-tensors, integers of 8 bits per channel with zero points',
    tensors: parts(MODULE, 'weight I8 64 256', 'weight_scale BF16 64 1', 'weight_zero_point I8 64 1'),
    beside: configured({ quant_method: 'compressed-tensors', format: 'int-quantized' }),
    type: 'INT8 channel',
    bits: bitsOf(16384, 128, 64),
    packing: { system: 'scaled', symmetric: false, granularity: 'channel', maker: 'compressed-tensors' },
  },
  {
    title: 'GPTQ in planes, 5 bits',
    tensors: parts(MODULE, 'qweight I32 40 64', 'qzeros I32 2 10', 'scales F16 2 64', 'g_idx I32 256').map(
      (stored) => (stored.name.endsWith('g_idx') ? withData(stored, int32(...inOrder)) : stored),
    ),
    beside: {
      'quantize_config.json': {
        bits: 5,
        group_size: 128,
        sym: false,
        desc_act: false,
        checkpoint_format: 'gptq_p',
      },
    },
    type: 'GPTQ planar 5-bit g128',
    bits: bitsOf(10240, 80, 256, 1024),
    packing: { planar: true, version: 2, codeBits: 5 },
  },
  {
    title: 'AWQ, gemv_fast: rows interleaved by four in words of 16 bits',
    tensors: parts(MODULE, 'qweight I16 16 256', 'qzeros F16 8 64', 'scales F16 8 64'),
    beside: { 'quant_config.json': { w_bit: 4, q_group_size: 128, zero_point: true, version: 'gemv_fast' } },
    type: 'AWQ 4-bit g128 gemv_fast',
    bits: bitsOf(8192, 1024, 1024),
    packing: { layout: 'gemvFast' },
  },
  ...[
    {
      type: 'Float8Tensor',
      data: { block_size: [1, 256] },
      tensors: ['qdata F8_E4M3 64 256', 'scale F32 64 1'],
      name: 'torchao Float8 channel',
      bits: bitsOf(16384, 256),
      packing: { codeBits: 8, granularity: 'channel', symmetric: true, scalesAcross: false },
    },
    {
      type: 'IntxUnpackedToInt8Tensor',
      data: { block_size: [1, 32], target_dtype: { _type: 'torch.dtype', _data: 'int4' } },
      tensors: ['qdata I8 64 256', 'scale BF16 64 8', 'zero_point I8 64 8'],
      name: 'torchao IntxUnpackedToInt8 g32',
      bits: bitsOf(16384, 1024, 512),
      packing: { codeBits: 4, groupSize: 32, symmetric: false, scalesAcross: false },
    },
    {
      type: 'NVFP4Tensor',
      data: { block_size: 16 },
      tensors: ['qdata U8 64 128', 'scale F8_E4M3 64 16', 'per_tensor_scale F32'],
      name: 'torchao NVFP4 g16',
      bits: bitsOf(8192, 1024, 4),
      packing: { codeBits: 4, groupSize: 16 },
    },
  ].map(({ type, data, tensors, name, bits, packing }): System => ({
    title: `torchao ${type}`,
    tensors: parts(`${MODULE}.`, ...tensors).map((stored) => ({
      ...stored,
      name: stored.name.replace('..', '._weight_'),
    })),
    beside: configured({ quant_method: 'torchao' }),
    metadata: {
      tensor_names: JSON.stringify([`${MODULE}.weight`]),
      [`${MODULE}.weight`]: JSON.stringify({ _type: type, _data: data }),
    },
    type: name,
    bits,
    packing: { system: 'torchao', type, ...packing },
  })),
];
