// Every packing is recognised: with its configuration, without it, and when it says something else than the shapes.
import { describe, expect, test } from 'vitest';
import {
  complaints,
  configured,
  described,
  int32,
  open,
  packedOf,
  parts,
  withData,
  type Stored,
} from './checkpoints.ts';
import { COLUMNS, MODULE, ROWS, SYSTEMS } from './systems.ts';

describe.each(SYSTEMS)('$title', ({ tensors, beside, metadata, type, bits, packing }) => {
  test('is one matrix with its true bits', () => {
    const opened = open(tensors, beside, metadata);
    expect(complaints(opened)).toEqual([]);
    expect(described(opened)).toEqual([`${MODULE}.weight: ${type}, ${ROWS} × ${COLUMNS}, ${bits}`]);
    expect(opened.model?.tensors.length).toBe(1);
    expect(packedOf(opened)[0]?.packed?.matrix.packing).toMatchObject(packing);
  });

  test('has all its stored tensors as parts, codes first, none twice', () => {
    const [matrix] = packedOf(open(tensors, beside, metadata));
    const stored = matrix?.packed?.parts ?? [];
    expect(stored.map(({ tensor }) => tensor.name).sort()).toEqual(tensors.map(({ name }) => name).sort());
    expect(stored[0]?.use).toBe('codes');
    expect(matrix?.packed?.matrix.parts.map(({ use, shape }) => [use, shape])).toEqual(
      stored.map(({ use, tensor }) => [use, tensor.shape]),
    );
    expect(matrix).toMatchObject({
      byteOffset: stored[0]?.tensor.byteOffset,
      place: { layer: 0, role: 'ffn_up', part: 'weight' },
    });
  });

  test('is told from names, types and shapes when no file says what it is', () => {
    const opened = open(tensors, { 'config.json': { hidden_size: COLUMNS } }, metadata);
    expect(complaints(opened)).toEqual([]);
    expect(described(opened)).toEqual([`${MODULE}.weight: ${type}, ${ROWS} × ${COLUMNS}, ${bits}`]);
  });

  test('is the same beside the configuration of another system', () => {
    const other = type.startsWith('GPTQ') ? 'awq' : 'gptq';
    const opened = open(tensors, configured({ quant_method: other }, { hidden_size: COLUMNS }), metadata);
    expect(packedOf(opened).map(({ shape }) => shape)).toEqual([[ROWS, COLUMNS]]);
    const text = `packing-contradiction: "${MODULE}" is ${packedOf(opened)[0]?.scheme.name ?? ''} by its tensors; quantization_config in config.json says ${other}.`;
    expect(complaints(opened)).toContain(text);
  });
});

test('the configuration of AutoGPTQ did not say its name at first', () => {
  const tensors = parts(MODULE, 'qweight I32 32 64', 'qzeros I32 2 8', 'scales F16 2 64', 'g_idx I32 256');
  const says = { bits: 4, group_size: 128, desc_act: false, sym: true };
  expect(complaints(open(tensors, configured(says)))).toEqual([]);
});

test('blocks whose last one is short have the size that the configuration says', () => {
  const tensors = parts(MODULE, 'weight F8_E4M3 200 512', 'weight_scale_inv F32 4 8');
  const typeOf = (beside: Readonly<Record<string, object>>) =>
    packedOf(open(tensors, beside))[0]?.scheme.name;
  expect(typeOf(configured({ quant_method: 'fp8', weight_block_size: [64, 64] }))).toBe('FP8 64×64');
  const weights = { num_bits: 8, type: 'float', strategy: 'block', block_structure: '64x64' };
  const groups = { group_0: { targets: ['Linear'], weights } };
  expect(typeOf(configured({ quant_method: 'compressed-tensors', config_groups: groups }))).toBe('FP8 64×64');
  expect(typeOf({})).toBe('FP8 50×64'); // no file says it
});

describe('the words of a type', () => {
  const schemeOf = (title: string) => {
    const system = SYSTEMS.find((one) => one.title.startsWith(title));
    const [matrix] = packedOf(open(system?.tensors ?? [], system?.beside, system?.metadata));
    return matrix?.scheme;
  };
  const formulaOf = (title: string) =>
    schemeOf(title)
      ?.formula.map(({ text }) => text)
      .join('');

  test.each([
    ['GPTQ of 4 bits', 'w = s·(q − z)'],
    ['torchao Int4Tensor', 'w = s·q + b'],
    ['torchao IntxUnpacked', 'w = s·(q − z)'],
    ['torchao NVFP4Tensor', 'w = d·sc·q'],
    ['MLX, affine', 'w = s·q + b'],
    ['compressed-tensors NVFP4', 'w = sc/d·q'],
    ['ModelOpt NVFP4', 'w = d·sc·q'],
  ])('%s: %s', (title, formula) => {
    expect(formulaOf(title)).toBe(formula);
  });

  test.each([
    ['AWQ, gemm', 'Codes of a word are interleaved.'],
    ['AWQ, gemv:', 'a zero point for each group.'],
    ['AWQ, gemv_fast', 'Output channels are interleaved by four.'],
    ['compressed-tensors, 3 bits as one stream', 'g_idx names the group of each.'],
    ['GPTQ in planes', 'The bits of a code lie in planes of 4, 2 and 1.'],
  ])('%s end with "%s"', (title, end) => {
    expect(schemeOf(title)?.summary.endsWith(end)).toBe(true);
  });

  test('draw a group where all matrices of the type have groups of one size', () => {
    const drawn = (title: string) => schemeOf(title)?.fields.map(({ detail }) => detail);
    expect(drawn('LLM.int8()')).toEqual([]); // a channel is as long as its matrix is wide
    expect(drawn('FP8 in blocks')).toEqual(['16,384 codes of 8 bits', 'scale, an F32']);
    expect(drawn('HQQ of 3 bits')?.[0]).toBe('64 codes of 3 bits, in 3.2 bits each');
    expect(drawn('torchao IntxUnpacked')?.[0]).toBe('32 codes of 4 bits, in 8 bits each');
    expect(drawn('AQLM')).toEqual(['2 codes of 8 bits, each the number of a vector of 8 weights']);
  });
});

describe('a configuration that says something else than the shapes', () => {
  const gptq = parts(MODULE, 'qweight I32 32 64', 'qzeros I32 2 8', 'scales F16 2 64', 'g_idx I32 256');
  const mlx = parts(MODULE, 'weight U32 64 32', 'scales BF16 64 4', 'biases BF16 64 4');

  test.each([
    {
      what: 'bits',
      tensors: gptq,
      says: { quant_method: 'gptq', bits: 8, group_size: 128, sym: true, desc_act: false },
      type: 'GPTQ 4-bit g128',
      text: 'has codes of 4 bits by its shapes; quantization_config in config.json says 8.',
    },
    {
      what: 'group size',
      tensors: gptq,
      says: { quant_method: 'gptq', bits: 4, group_size: 32, sym: true, desc_act: false },
      type: 'GPTQ 4-bit g128',
      text: 'has groups of 128 by its shapes; quantization_config in config.json says groups of 32.',
    },
    {
      what: 'one group per channel',
      tensors: gptq,
      says: { quant_method: 'gptq', bits: 4, group_size: -1, sym: true, desc_act: false },
      type: 'GPTQ 4-bit g128',
      text: 'has groups of 128 by its shapes; quantization_config in config.json says one per channel.',
    },
    {
      what: 'bits and groups whose product does not fit',
      tensors: mlx,
      says: { bits: 6, group_size: 64 },
      type: 'MLX 4-bit g64',
      text: 'has codes of 4 bits by its shapes; quantization_config in config.json says 6.',
    },
    {
      what: 'size of blocks',
      tensors: parts(MODULE, 'weight F8_E4M3 64 256', 'weight_scale_inv F32 1 2'),
      says: { quant_method: 'fp8', weight_block_size: [64, 64] },
      type: 'FP8 128×128',
      text: 'has blocks of 128 × 128 by its shapes; quantization_config in config.json says 64 × 64.',
    },
    {
      what: 'that the module is not quantized',
      tensors: gptq,
      says: {
        quant_method: 'gptq',
        bits: 4,
        group_size: 128,
        sym: true,
        desc_act: false,
        modules_to_not_convert: ['mlp'],
      },
      type: 'GPTQ 4-bit g128',
      text: 'is packed, though quantization_config in config.json leaves it out.',
    },
  ])('loses where it says another $what, and a problem says so', ({ tensors, says, type, text }) => {
    const opened = open(tensors, configured(says, { hidden_size: COLUMNS }));
    expect(packedOf(opened).map(({ scheme }) => scheme.name)).toEqual([type]);
    expect(complaints(opened)).toEqual([`packing-contradiction: "${MODULE}" ${text}`]);
  });

  const filled = (part: string, data: Uint8Array): Stored[] =>
    gptq.map((stored) => (stored.name.endsWith(part) ? withData(stored, data) : stored));
  const order = Array.from({ length: 256 }, (_none, channel) => channel % 2);
  const said = { quant_method: 'gptq', bits: 4, group_size: 128, sym: true };

  test.each([
    {
      what: 'neighbors share groups',
      tensors: filled('g_idx', int32(...order)),
      says: { ...said, desc_act: false },
      type: 'GPTQ 4-bit g128 act-order',
      text: 'has groups of input channels that are no neighbors by its g_idx; quantization_config in config.json says that it has not.',
    },
    {
      what: 'zero points are stored less one',
      tensors: filled('qzeros', int32(0x88888888)),
      says: { ...said, desc_act: false },
      type: 'GPTQ 4-bit g128',
      text: 'has zero points that are in the middle of the codes only if they are stored as they are; quantization_config in config.json says the other, and is believed.',
    },
    {
      what: 'zero points are stored as they are',
      tensors: filled('qzeros', int32(0x77777777)),
      says: { ...said, desc_act: false, checkpoint_format: 'gptq_v2' },
      type: 'GPTQ v2 4-bit g128',
      text: 'has zero points that are in the middle of the codes only if they are stored less one; quantization_config in config.json says the other, and is believed.',
    },
  ])('that $what, against the data, is a problem', ({ tensors, says, type, text }) => {
    const opened = open(tensors, configured(says));
    expect(packedOf(opened).map(({ scheme }) => scheme.name)).toEqual([type]);
    expect(complaints(opened)).toEqual([`packing-contradiction: "${MODULE}" ${text}`]);
  });

  test.each([
    ['gptq', 0x77777777],
    ['gptq_v2', 0x88888888],
    ['gptq', 0x55555555],
  ])('that agrees with the data is none: %s and %d', (format, word) => {
    const says = { ...said, desc_act: true, checkpoint_format: format };
    expect(complaints(open(filled('qzeros', int32(word)), configured(says)))).toEqual([]);
  });

  test('is said once for many modules', () => {
    const many = Array.from({ length: 30 }, (_none, layer) =>
      parts(
        `model.layers.${layer}.mlp.up_proj`,
        'qweight I32 32 64',
        'qzeros I32 2 8',
        'scales F16 2 64',
        'g_idx I32 256',
      ),
    ).flat();
    const opened = open(
      many,
      configured({ quant_method: 'gptq', bits: 3, group_size: 128, sym: true, desc_act: false }),
    );
    expect(complaints(opened)).toEqual([
      `packing-contradiction: "${MODULE}" has codes of 4 bits by its shapes; quantization_config in config.json says 3. The same holds for 29 more modules.`,
    ]);
  });
});
