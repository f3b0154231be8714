// Writes safetensors files in memory: sound ones, and ones that are wrong in a chosen place.
import { memorySource, type ByteSource, type ModelFolder } from '../../src/core/formats/byteSource.ts';
import { safetensorsScheme } from '../../src/core/quant/safetensorsTypes.ts';

export interface TensorToWrite {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Default: what dtype and shape need. */
  readonly byteLength?: number;
}

/** A sound file: tensors side by side in the order given, header padded to 8 bytes, data of zeros. */
export function writeSafetensors(
  tensors: readonly TensorToWrite[],
  metadata?: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  let end = 0;
  const members = tensors.map(({ name, dtype, shape, byteLength }) => {
    const begin = end;
    const elements = shape.reduce((left, right) => left * right, 1);
    end += byteLength ?? elements * (safetensorsScheme(dtype).blockBytes ?? 1);
    return `${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: [begin, end] })}`;
  });
  if (metadata !== undefined) members.unshift(`"__metadata__":${JSON.stringify(metadata)}`);
  return writeHeader(`{${members.join(',')}}`, end);
}

/** Any text as header, padded with spaces to 8 bytes, and `dataBytes` zeros behind it. `length`: what the length field says. */
export function writeHeader(
  text: string | Uint8Array,
  dataBytes = 0,
  length?: bigint,
): Uint8Array<ArrayBuffer> {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  const padded = Math.ceil(bytes.length / 8) * 8;
  const file = new Uint8Array(8 + padded + dataBytes);
  new DataView(file.buffer).setBigUint64(0, length ?? BigInt(padded), true);
  file.fill(0x20, 8, 8 + padded);
  file.set(bytes, 8);
  return file;
}

/** A folder of files in memory; texts are encoded as UTF-8. */
export function memoryFolder(files: Readonly<Record<string, Uint8Array | string>>): ModelFolder {
  return {
    open(name): ByteSource | null {
      const file = Object.hasOwn(files, name) ? files[name] : undefined;
      if (file === undefined) return null;
      return memorySource(typeof file === 'string' ? new TextEncoder().encode(file) : file);
    },
  };
}

/** Uniform in [0, 1), from the caller's seed. */
export type Random = () => number;

/** A header with one thing wrong in it, written by what the format means rather than by chance, and sometimes cut or flipped. */
export function hostileSafetensors(random: Random): Uint8Array<ArrayBuffer> {
  const members = soundMembers(random);
  const breakOne = pick<(random: Random, members: Member[]) => string>(random, [
    breakMember,
    breakKey,
    breakText,
    (_random, sound) => join(sound),
  ]);
  let text = breakOne(random, members);
  if (random() < 0.1) text = text.replaceAll(',', pick(random, [', ', ',\n', ',\t', ',,', ' ,']));
  let bytes = new TextEncoder().encode(text);
  if (random() < 0.15) bytes[below(random, bytes.length)] = below(random, 256);
  const length = random() < 0.25 ? BigInt.asUintN(64, hostileLength(random, bytes.length)) : undefined;
  const file = writeHeader(bytes, below(random, 4096), length);
  bytes = random() < 0.2 ? file.slice(0, below(random, file.length)) : file;
  for (let flips = random() < 0.2 ? 1 + below(random, 8) : 0; flips > 0 && bytes.length > 0; flips -= 1)
    bytes[below(random, bytes.length)] = below(random, 256);
  return bytes;
}

type Member = readonly [key: string, value: string];
const join = (members: readonly Member[]): string =>
  `{${members.map(([key, value]) => `${key}:${value}`).join(',')}}`;
const below = (random: Random, limit: number): number => Math.floor(random() * limit);

function pick<T>(random: Random, choices: readonly T[]): T {
  const choice = choices[below(random, choices.length)];
  if (choice === undefined) throw new Error('There is nothing to choose from.');
  return choice;
}

function soundMembers(random: Random): Member[] {
  const members: Member[] = random() < 0.5 ? [['"__metadata__"', '{"format":"pt"}']] : [];
  let end = 0;
  for (let left = below(random, 12); left >= 0; left -= 1) {
    const begin = end;
    const shape = Array.from({ length: below(random, 4) }, () => below(random, 9));
    const dtype = pick(random, ['BF16', 'F32', 'U8', 'F8_E4M3', 'F4', 'I64']);
    end += shape.reduce((product, size) => product * size, 1) * (safetensorsScheme(dtype).blockBytes ?? 1);
    const name = pick(random, [
      'self_attn.q_proj.weight',
      'mlp.experts.3.up_proj.weight',
      'mlp.gate.weight',
      'new',
    ]);
    members.push([
      JSON.stringify(`model.layers.${left}.${name}`),
      JSON.stringify({ dtype, shape, data_offsets: [begin, end] }),
    ]);
  }
  return members;
}

const HOSTILE_NUMBERS = [
  '-1',
  '0',
  '1',
  '1.5',
  '1e3',
  '1e999',
  '-0',
  '01',
  '9007199254740991',
  '9007199254740993',
];
const HOSTILE_VALUES = [
  ...HOSTILE_NUMBERS,
  '18446744073709551616',
  'null',
  'true',
  '"8"',
  '[]',
  '{}',
  '"',
  'NaN',
  '',
];

function breakMember(random: Random, members: Member[]): string {
  const at = below(random, members.length);
  const [key = '""'] = members[at] ?? [];
  const number = (): string => pick(random, HOSTILE_VALUES);
  const numbers = `[${Array.from({ length: below(random, 5) }, number).join(',')}]`;
  const many = `[${'1,'.repeat(below(random, 5000))}1]`;
  const dtype = pick(random, [
    '"BF16"',
    '"F99"',
    '"F4"',
    '"F6_E2M3"',
    '""',
    '7',
    'null',
    `"${'A'.repeat(5000)}"`,
  ]);
  const fields = [
    `"dtype":${dtype}`,
    `"shape":${pick(random, [numbers, many, '[2,3]', '[4294967296,4294967296]', '[3]', number()])}`,
    `"data_offsets":${pick(random, [numbers, '[6,0]', '[0,6]', '[0,9007199254740991]', '[0,12]', number()])}`,
    pick(random, ['"extra":[[[]]]', '"dtype":"F32"', '"__proto__":{"shape":[1]}', '']),
  ];
  if (random() < 0.3) fields.splice(below(random, 4), 1);
  members[at] = [key, `{${fields.filter((field) => field !== '').join(',')}}`];
  return join(members);
}

function breakKey(random: Random, members: Member[]): string {
  const at = below(random, members.length);
  const [own = '""', value = '{}'] = members[at] ?? [];
  const other = members[below(random, members.length)]?.[0] ?? own;
  const keys = [
    other,
    '""',
    '"__proto__"',
    '"constructor"',
    '"__metadata__"',
    '"a\\u0000b"',
    '"\\ud800"',
    '"\u202eab"',
  ];
  const odd = [
    `"${'n'.repeat(below(random, 200_000))}"`,
    '"<img src=x onerror=alert(1)>"',
    '"\\x"',
    '"a\nb"',
    'a',
    '"open',
  ];
  members[at] = [pick(random, [...keys, ...odd]), value];
  return join(members);
}

function breakText(random: Random, members: Member[]): string {
  const text = join(members);
  const depth = below(random, 100_000);
  const at = below(random, text.length);
  return pick(random, [
    () => `${text.slice(0, -1)},"x":${'['.repeat(depth)}${']'.repeat(depth)}}`,
    () =>
      `${text.slice(0, -1)},"__metadata__":${pick(random, ['[]', '{"a":1}', '{"a":{"b":"c"}}', '"x"', '{"a":"b","a":"c"}'])}}`,
    () => text.slice(0, at),
    () =>
      text.slice(0, at) +
      pick(random, ['}', '{', ']', '[', '"', ',', ':', '\\', '\u0000', '/*']) +
      text.slice(at),
    () => `${text}${pick(random, ['}', '{}', '\u0000', ' \n', 'GGUF'])}`,
    () => `${pick(random, [' ', '\ufeff', '\n', '['])}${text}`,
  ])();
}

function hostileLength(random: Random, real: number): bigint {
  const near = BigInt(real + below(random, 40) - 20);
  return pick(random, [
    near,
    near,
    0n,
    1n,
    2n,
    100_000_000n,
    100_000_001n,
    1n << 53n,
    (1n << 63n) - 1n,
    (1n << 64n) - 1n,
  ]);
}
