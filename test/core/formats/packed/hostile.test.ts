// Checkpoints that are damaged or made to be so: stored tensors are shown as they are, a problem says why, and nothing takes long.
import { describe, expect, test } from 'vitest';
import { modulesOf, splitName } from '../../../../src/core/formats/packed/module.ts';
import { namePattern, regularExpression } from '../../../../src/core/formats/packed/patterns.ts';
import { smallParts } from '../../../../src/core/formats/packed/smallParts.ts';
import { createRandom } from '../../../support/random.ts';
import { whyNotDecoded } from '../../../../src/core/quant/packed/decoder.ts';
import { openModel } from '../../../../src/core/formats/openModel.ts';
import {
  complaints,
  configured,
  fileOf,
  folderOf,
  open,
  packedOf,
  parts,
  utf8,
  withData,
  type Stored,
} from './checkpoints.ts';

const MODULE = 'model.layers.0.mlp.up_proj';

describe('a module that is not what it looks like', () => {
  test.each([
    {
      what: 'GPTQ without scales',
      tensors: parts(MODULE, 'qweight I32 32 64', 'qzeros I32 2 8', 'g_idx I32 256'),
      why: 'its qweight and scales have shapes of neither GPTQ nor AWQ',
    },
    {
      what: 'GPTQ whose g_idx has another length',
      tensors: parts(MODULE, 'qweight I32 32 64', 'qzeros I32 2 8', 'scales F16 2 64', 'g_idx I32 200'),
      why: 'the shapes of qweight, qzeros and g_idx do not go together',
    },
    {
      what: 'GPTQ with nothing but codes and scales',
      tensors: parts(MODULE, 'qweight I32 32 64', 'scales F16 2 64'),
      why: 'the shapes of qweight, qzeros and g_idx do not go together',
    },
    {
      what: 'GPTQ with stacked scales',
      tensors: parts(MODULE, 'qweight I32 32 64', 'qzeros I32 2 8', 'scales F16 1 2 64', 'g_idx I32 256'),
      why: 'its qweight and scales have shapes of neither GPTQ nor AWQ',
    },
    {
      what: 'NF4 without absmax',
      tensors: parts(MODULE, 'weight U8 8192 1', 'weight.quant_map F32 16'),
      why: null, // a tensor of bytes beside one of floats
    },
    {
      what: 'NF4 whose quant_state is no JSON',
      tensors: [
        ...parts(MODULE, 'weight U8 8192 1', 'weight.absmax F32 256'),
        withData(parts(MODULE, 'weight.quant_state.bitsandbytes__nf4 U8 8')[0] as Stored, utf8('{"shape"')),
      ],
      why: 'its shape stands in a quant_state that cannot be read',
    },
    {
      what: 'NF4 whose quant_state says an impossible shape',
      tensors: [
        ...parts(MODULE, 'weight U8 8192 1', 'weight.absmax F32 256'),
        withData(
          parts(MODULE, 'weight.quant_state.bitsandbytes__nf4 U8 30')[0] as Stored,
          utf8('{"shape":[9007199254740991,8]}'),
        ),
      ],
      why: 'its quant_state says 9007199254740991 × 8, its codes are 16384',
    },
    {
      what: 'LLM.int8() with scales of another matrix',
      tensors: parts(MODULE, 'weight I8 64 256', 'SCB F32 63'),
      why: 'its SCB has 63 scales for 64 channels',
    },
    {
      what: 'FP8 with scales that fit nothing',
      tensors: parts(MODULE, 'weight F8_E4M3 64 256', 'weight_scale_inv F32 3 5 2'),
      why: 'its weight_scale_inv has the shape 3 × 5 × 2 for 64 output and 256 input channels',
    },
    {
      what: 'MLX whose scales are of another matrix',
      tensors: parts(MODULE, 'weight U32 64 32', 'scales BF16 63 4', 'biases BF16 63 4'),
      why: 'its scales have the shape 63 × 4 for 64 output channels',
    },
    {
      what: 'EXL2 without the order of its channels',
      tensors: parts(MODULE, 'q_weight I32 26 64', 'q_scale I32 4 8', 'q_scale_max F16 4', 'q_groups I16 8'),
      why: 'its q_invperm is missing',
    },
    {
      what: 'EXL3 of tiles that are no tiles',
      tensors: parts(MODULE, 'trellis I16 16 4 63', 'suh F16 256', 'svh F16 64'),
      why: 'its trellis is not made of tiles of 16 × 16 weights',
    },
    {
      what: 'AQLM with codes of other codebooks',
      tensors: parts(MODULE, 'codes I8 64 32 3', 'codebooks F16 2 256 1 8', 'scales F16 64 1 1 1'),
      why: 'the shapes of codes and codebooks do not go together',
    },
    {
      what: 'torchao without its description',
      tensors: parts(MODULE, '_weight_qdata I8 64 128').map((stored) => ({
        ...stored,
        name: `${MODULE}._weight_qdata`,
      })),
      why: 'the header does not say what tensor of torchao it is',
    },
    {
      what: 'a matrix with a plain weight of the same name',
      tensors: parts(
        MODULE,
        'qweight I32 32 64',
        'qzeros I32 2 8',
        'scales F16 2 64',
        'g_idx I32 256',
        'weight F16 64 256',
      ),
      why: `a tensor ${MODULE}.weight stands beside it`,
    },
    {
      what: 'a part that stands there under two names',
      tensors: [
        ...parts(MODULE, 'qweight I32 32 64', 'qzeros I32 2 8', 'scales F16 2 64', 'g_idx I32 256'),
        { name: `${MODULE}_scales`, dtype: 'F16', shape: [2, 64] },
      ],
      why: null,
    },
    {
      what: 'empty matrices',
      tensors: parts(MODULE, 'qweight I32 0 64', 'qzeros I32 0 8', 'scales F16 0 64', 'g_idx I32 0'),
      why: 'its qweight is no matrix of 32-bit words',
    },
  ])('keeps its stored tensors: $what', ({ tensors, why }) => {
    const opened = open(tensors);
    expect(packedOf(opened)).toEqual([]);
    expect(opened.model?.tensors.map(({ name }) => name)).toEqual(tensors.map(({ name }) => name));
    const text = `packing-invalid: "${MODULE}" looks packed, but ${why ?? ''}: its stored tensors are shown as they are.`;
    expect(complaints(opened)).toEqual(why === null ? [] : [text]);
  });
});

test('a method that is not known is named, and the stored tensors are shown', () => {
  const tensors = parts(MODULE, 'B I32 16 128', 's F16 2 64');
  const opened = open(tensors, configured({ quant_method: 'marlin', bits: 4, group_size: 128 }));
  expect(opened.model?.tensors.length).toBe(2);
  expect(complaints(opened)).toEqual([
    'packing-unknown: quantization_config in config.json says marlin, but no tensor is packed in a way that is known here: the stored tensors are shown as they are.',
  ]);
});

describe('a matrix whose parts are not all in the file', () => {
  const tensors = parts(MODULE, 'scales F16 2 64', 'g_idx I32 256', 'qzeros I32 2 8', 'qweight I32 32 64');
  const whole = fileOf(tensors);
  const dataBytes = 256 + 1024 + 64 + 8192;
  test.each([
    ['whole', dataBytes],
    ['cut', dataBytes - 1],
    ['cut', 300],
    ['missing', 0],
  ] as const)('is %s when %d bytes of the data are there', (state, bytes) => {
    const file = whole.slice(0, whole.length - dataBytes + bytes);
    const { model } = openModel(folderOf({ 'model.safetensors': file }), 'model.safetensors');
    expect(model?.tensors.map((tensor) => [tensor.packed !== null, tensor.state])).toEqual([[true, state]]);
  });
});

describe('60,000 tensors', () => {
  test('of one model are put together, each once', () => {
    const many = Array.from({ length: 15_000 }, (_none, at) =>
      parts(
        `model.layers.${at % 60}.mlp.experts.${Math.floor(at / 60)}.up_proj`,
        'qweight I32 2 8',
        'qzeros I32 1 1',
        'scales F16 1 8',
        'g_idx I32 16',
      ),
    ).flat();
    const opened = open(
      many,
      configured({ quant_method: 'gptq', bits: 8, dynamic: manyRules('-:', '.*a.*b') }),
    );
    expect(opened.model?.tensors.length).toBe(15_000);
    expect(complaints(opened).length).toBeLessThan(60);
  });

  test('with one name that all parts have', () => {
    const many = Array.from({ length: 60_000 }, (_none, at) => `${'a.'.repeat(at % 40)}scales`);
    expect(modulesOf(many.map((name) => ({ name }) as never)).length).toBeLessThan(41);
  });
});

const manyRules = (mark: string, pattern: string): Record<string, object> =>
  Object.fromEntries(Array.from({ length: 3000 }, (_none, at) => [`${mark}${pattern}${at}`, {}]));

describe('sizes that no model has', () => {
  const wide = 2 ** 20;
  test.each([
    ['FP8 of a million input channels', ['weight F8_E4M3 1 1048576', 'weight_scale F32'], null],
    [
      'FP8 of more',
      ['weight F8_E4M3 1 1048577', 'weight_scale F32'],
      '1,048,577 channels are more than any model has',
    ],
    ['many output channels', ['weight F8_E4M3 1048577 1', 'weight_scale F32'], null],
    [
      'many output channels side by side',
      [
        `qweight I32 1 ${wide + 8}`,
        `qzeros I32 1 ${wide / 8 + 1}`,
        `scales F16 1 ${wide + 8}`,
        'g_idx I32 8',
      ],
      '1,048,584 channels are more than any model has',
    ],
    [
      'many matrices',
      ['weight F8_E4M3 16385 1 16', 'weight_scale F32'],
      '16,385 stacked matrices are more than any model has',
    ],
  ])('%s: not decoded, as their lines and tallies would have no bounds', (_what, lines, why) => {
    const [matrix] = packedOf(open(parts(MODULE, ...lines)));
    expect(matrix?.packed && whyNotDecoded(matrix.packed.matrix)).toBe(why);
  });

  test('vectors of AQLM would make endless matrices of small files', () => {
    const tensors = parts(MODULE, 'codes I8 64 32 1', 'codebooks F16 1 2 1 1025', 'scales F16 64 1 1 1');
    expect(complaints(open(tensors))[0]).toContain('its vectors have 1025 weights, more than any model');
  });
});

const plenty = () => ({ steps: 1e6 });

describe('patterns of a configuration', () => {
  test.each([
    ['re:.*lm_head', 'model.lm_head', true],
    ['re:model.layers.0', 'lm_head', false],
    ['re:.*', '', true],
    ['re:^(?:model\\.)?layers\\.(?:[0-2]|1\\d)\\.', 'layers.17.mlp', true],
    ['re:^(?:model\\.)?layers\\.(?:[0-2]|1\\d)\\.', 'model.layers.3.mlp', false],
    ['re:.*\\.[qkv]_proj$', 'model.layers.3.attn.v_proj', true],
    ['re:.*\\.[^qkv]_proj$', 'model.layers.3.attn.v_proj', false],
    ['re:.*layers\\.\\d{2,}\\.(gate|up)_proj', 'layers.1.up_proj', false],
    ['re:.*layers\\.\\d{2,}\\.(gate|up)_proj', 'layers.12.up_proj', true],
    ['re:x{0,2}y+?z', 'xxyyz', true],
    ['re:x{0,2}y+?z', 'xxxyz', false],
    ['re:(a|ab)(c|bcd)$', 'abcd', true],
    ['re:(a*)*b', 'aaab', true],
    ['re:(a*)*b', 'aaac', false],
    ['re:a|b|cd', 'cd', true],
    ['re:', 'anything', true],
    ['lm_head', 'lm_head', true],
    ['lm_head', 'model.lm_head', true],
    ['lm_head', 'model.lm_head_2', false],
    ['model.layers.*.self_attn', 'model.layers.3.self_attn.q_proj', true],
    ['model.layers.*.self_attn', 'model.layers.3.mlp.up_proj', false],
    ['*.*.*.*.gate', 'model.layers.3.mlp.gate', true],
    ['*(x', 'a(x.b', true],
    ['visual', 'model.visual.blocks.0.attn', true],
  ])('%s of %s is %s', (pattern, module, fits) => {
    expect(namePattern(pattern, plenty())?.(module)).toBe(fits);
  });

  test.each([
    '(?=a)a',
    '(?i)a',
    '(',
    'a)',
    '[a',
    '*',
    'a**',
    'a'.repeat(1000),
    '\\1',
    '\\b',
    '((a{99}){99}){99}',
  ])('%s is not understood', (pattern) => expect(regularExpression(pattern, plenty())).toBeNull());

  test.each([
    '(a+)+$',
    '(a|a)*b',
    'a*a*a*a*b',
    `${'a{0,50}'.repeat(8)}b`,
    `${'(a|a)'.repeat(40)}b`,
    '(.*)*b',
  ])('%s is tried in steps that grow with the name, not with the ways to match it', (pattern) => {
    const [short, long] = [1000, 2000].map((length) => {
      const budget = plenty();
      expect(regularExpression(pattern, budget)?.(`${'a'.repeat(length)}c`)).toBe(false);
      return plenty().steps - budget.steps;
    });
    expect(long).toBeLessThan(2.1 * (short ?? NaN));
  });

  test('agree with the matcher of JavaScript on patterns and names made by chance', () => {
    const random = createRandom(20_261_121);
    const pieces = [
      'a',
      'b',
      '.',
      '[ab]',
      '[^a]',
      '(a|b)',
      '(?:ab|a)',
      '\\w',
      '\\d',
      '^',
      '$',
      'a{2}',
      'b{0,2}',
      'a{1,}',
    ];
    for (let round = 0; round < 3000; round++) {
      const some = Array.from({ length: 1 + random.below(5) }, () => {
        const piece = random.pick(pieces);
        return /[\^$}]$/.test(piece) ? piece : piece + random.pick(['', '', '*', '+', '?']);
      });
      const pattern = some.join(random.pick(['', '', '|']));
      const name = Array.from({ length: random.below(8) }, () => random.pick(['a', 'b', '7', '.'])).join('');
      const own = regularExpression(pattern, plenty())?.(name);
      expect([pattern, name, own]).toEqual([pattern, name, new RegExp(`^(?:${pattern})`).test(name)]);
    }
  });

  test('are tried no more when the steps are used up', () => {
    const budget = { steps: 100 };
    const [expression, name] = [namePattern('re:.*x', budget), namePattern('x', budget)];
    expect([expression?.('x'), name?.('x')]).toEqual([true, true]);
    expect(expression?.('a'.repeat(200))).toBe(false);
    expect([expression?.('x'), name?.('x')]).toEqual([false, false]);
  });
});

test('small parts are read in small pieces, and so many of them and no more', () => {
  let reads = 0;
  const source = {
    size: 1 << 30,
    read: (_offset: number, target: Uint8Array) => {
      reads += 1;
      return target.length;
    },
  };
  const reader = smallParts({ open: () => source }, [{ name: 'model.safetensors' }]);
  const tensor = { state: 'whole', byteLength: 1 << 29, byteOffset: 8, file: 0 } as never;
  expect(reader.read(tensor)?.length).toBe(4096);
  for (let asked = 0; asked < 10_000; asked++) reader.read(tensor, 16);
  expect(reads).toBe(4096);
  expect(reader.read(tensor)).toBeNull();
});

test.each([
  ['a.weight.absmax', 'a', 'weight.absmax'],
  ['a.weight.quant_state.bitsandbytes__nf4', 'a', 'weight.quant_state.nf4'],
  ['experts.down_proj_blocks', 'experts.down_proj', 'blocks'],
  ['a._weight_qdata', 'a', '_weight_qdata'],
  ['a.scales', 'a', 'scales'],
])('the name %s is module %s and part %s', (name, module, part) => {
  expect(splitName(name)).toEqual({ module, part });
});

test.each(['scales', '.scales', 'a.bias', 'weight', '', '.', 'blocks'])(
  'the name "%s" is no part',
  (name) => {
    expect(splitName(name)).toBeNull();
  },
);
