// safetensors files made by chance: mostly right, with lies in lengths, offsets, shapes, dtypes, names and the JSON itself.
import type { Random } from '../support/random.ts';
import { damaged } from './hostileGguf.ts';

const DTYPES = [
  'F32',
  'F16',
  'BF16',
  'I64',
  'U8',
  'F8_E4M3',
  'F4',
  'F6_E2M3',
  'BOOL',
  'C64',
  'Q9',
  '',
  '__proto__',
];
const NAMES = [
  'model.embed_tokens.weight',
  'model.layers.0.mlp.up_proj.weight',
  'lm_head.weight',
  '__proto__',
  'constructor',
  '',
  '\\u0000',
  'a"b',
  'model.layers.1e9.x',
];
const NUMBERS = [
  '0',
  '1',
  '-1',
  '1.5',
  '1e400',
  '9007199254740993',
  '18446744073709551616',
  '"7"',
  'null',
  '[]',
  '4294967296',
];

/** The model file, and sometimes an index and a config beside it. The first one is to be opened. */
export function hostileSafetensors(random: Random): Map<string, Uint8Array> {
  const header = headerText(random);
  const bytes = new TextEncoder().encode(header);
  const length = random.once(20)
    ? random.pick([0n, 1n, 2n ** 32n, 2n ** 63n, 2n ** 64n - 1n, 100_000_001n])
    : BigInt(bytes.length);
  const file = new Uint8Array(8 + bytes.length + random.below(4096));
  new DataView(file.buffer).setBigUint64(0, length, true);
  file.set(bytes, 8);

  const encode = (text: string): Uint8Array => damaged(new TextEncoder().encode(text), random);
  const shards = [
    'model-00001-of-00002.safetensors',
    'model-00002-of-00002.safetensors',
    '../../etc/passwd',
    '/etc/passwd',
    '',
  ];
  const map = Array.from(
    { length: random.below(5) },
    () => `${JSON.stringify(random.pick(NAMES))}:${JSON.stringify(random.pick(shards))}`,
  );
  const index = encode(`{"metadata":{"total_size":${random.pick(NUMBERS)}},"weight_map":{${map.join(',')}}}`);
  const config = encode(
    `{"architectures":[${random.pick(NUMBERS)}],"model_type":"llama","quantization_config":${nested(random, 0)}}`,
  );
  const model = damaged(file, random);
  const isSharded = random.once(3);
  const files: [string, Uint8Array][] = isSharded
    ? [
        random.once(2)
          ? ['model.safetensors.index.json', index]
          : ['model-00001-of-00002.safetensors', model],
        ['model-00001-of-00002.safetensors', model],
        ['model.safetensors.index.json', index],
      ]
    : [['model.safetensors', model]];
  return new Map([...files, ['config.json', config]]);
}

function headerText(random: Random): string {
  let end = 0;
  const entries = Array.from({ length: random.below(6) }, () => {
    const begin = end;
    end += random.below(64) * 4;
    const number = (truth: number): string => (random.once(15) ? random.pick(NUMBERS) : String(truth));
    const shape = random.once(4) ? [number(2), number((end - begin) / 8)] : [number((end - begin) / 4)];
    const fields = [
      `"dtype":${JSON.stringify(random.once(3) ? random.pick(DTYPES) : 'F32')}`,
      `"shape":[${shape.join(',')}]`,
      `"data_offsets":[${number(begin)},${number(end)}]`,
      ...(random.once(10) ? [`"shape":${nested(random, 0)}`] : []),
    ];
    return `${JSON.stringify(random.pick(NAMES))}:${random.once(15) ? nested(random, 0) : `{${fields.join(',')}}`}`;
  });
  if (random.once(2))
    entries.push(`"__metadata__":${random.once(3) ? nested(random, 0) : '{"format":"pt"}'}`);
  const padding = ' '.repeat(random.below(9));
  return `{${entries.join(random.once(30) ? '' : ',')}}${random.once(20) ? 'x' : padding}`;
}

/** Some JSON, not too deep; once in a while so deep that a careless reader would run out of stack. */
function nested(random: Random, depth: number): string {
  if (random.once(60)) return '['.repeat(20_000);
  if (depth > 4 || random.once(2)) return random.pick(NUMBERS);
  const inner = Array.from({ length: random.below(4) }, () => nested(random, depth + 1));
  return random.once(2)
    ? `[${inner.join(',')}]`
    : `{${inner.map((text) => `${JSON.stringify(random.pick(NAMES))}:${text}`).join(',')}}`;
}
