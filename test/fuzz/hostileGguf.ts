// GGUF files made by chance: mostly right, so that the reader gets far, with lies where attacks had them.
import {
  ggufBytes,
  type ArraySpec,
  type EntrySpec,
  type GgufSpec,
  type TensorSpec,
  type TextSpec,
  type ValueSpec,
} from '../support/ggufWriter.ts';
import type { Random } from '../support/random.ts';

/** Numbers at which arithmetic breaks. */
const EDGES: readonly (number | bigint)[] = [
  0,
  1,
  2,
  31,
  32,
  255,
  65_535,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 1,
  2n ** 53n,
  2n ** 63n - 1n,
  2n ** 63n,
  2n ** 64n - 1n,
];
const KEYS = [
  'general.architecture',
  'general.name',
  'general.alignment',
  'general.file_type',
  'split.count',
  'split.no',
  'tokenizer.ggml.tokens',
  '__proto__',
  'constructor',
  '',
  'a',
];
const NAMES = [
  'token_embd.weight',
  'output.weight',
  'blk.0.attn_q.weight',
  'blk.99999999999.ffn_up_exps.weight',
  'blk.-1.x',
  'v.blk.0.attn_q.bias',
  '__proto__',
  '',
  'ns\u202ee\u0000',
  'x'.repeat(80),
];
const NUMBERS = [
  'uint8',
  'int8',
  'uint16',
  'int16',
  'uint32',
  'int32',
  'uint64',
  'int64',
  'float32',
  'float64',
  'bool',
] as const;

export function hostileGguf(random: Random): Uint8Array {
  const version = random.once(20) ? random.below(6) : 1 + random.below(3);
  /** A lie once in a while, as large as the field can hold it. */
  const lie = <T>(truth: T): T | number | bigint => {
    if (!random.once(25)) return truth;
    const edge = random.pick(EDGES);
    return version === 1 && edge > 2 ** 32 - 1 ? 2 ** 32 - 1 : edge;
  };
  const size = (value: number | bigint): number | bigint => (version === 1 ? Number(value) % 2 ** 32 : value);
  const several = <T>(most: number, make: () => T): T[] =>
    Array.from({ length: random.below(most + 1) }, make);
  const text = (): TextSpec =>
    random.once(8)
      ? Uint8Array.from(several(12, () => random.below(256)))
      : random.pick(['', 'llama', '▁the', 'x'.repeat(random.below(300))]);
  const number = (type: (typeof NUMBERS)[number]): number | bigint =>
    type === 'uint64' || type === 'int64' ? BigInt(random.pick(EDGES)) : Number(random.pick(EDGES)) % 2 ** 32;

  const array = (depth: number): ArraySpec => {
    const itemType = random.pick([
      ...NUMBERS,
      'string',
      ...(depth < 6 ? ['array' as const, 'array' as const] : []),
    ] as const);
    const items = several(5, () =>
      itemType === 'string' ? text() : itemType === 'array' ? array(depth + 1) : number(itemType),
    );
    const made = { type: 'array' as const, itemType, items, count: lie(items.length) };
    return random.once(30) && itemType !== 'string' && itemType !== 'array'
      ? { ...made, itemType: random.below(20), items: [] }
      : made;
  };
  const value = (): ValueSpec => {
    if (random.once(40))
      return { type: random.below(30), bytes: Uint8Array.from(several(16, () => random.below(256))) };
    if (random.once(3)) return array(1);
    if (random.once(3)) {
      const content = text();
      return random.once(25)
        ? { type: 'string', value: content, length: size(random.pick(EDGES)) }
        : { type: 'string', value: content };
    }
    const type = random.pick(NUMBERS);
    return { type, value: number(type) };
  };
  const tensor = (): TensorSpec => ({
    name: random.once(3) ? text() : random.pick(NAMES),
    dims: several(5, () => size(random.once(8) ? random.pick(EDGES) : random.pick([32, 256, 512, 1, 3]))),
    type: random.once(8) ? random.below(200) : random.pick([0, 1, 2, 8, 12, 14, 20, 30, 39, 40]),
    byteLength: random.below(4096),
    ...(random.once(12) ? { offset: random.pick(EDGES) } : {}),
    ...(random.once(30) ? { dimCount: random.below(100) } : {}),
    ...(random.once(30) ? { nameLength: size(random.pick(EDGES)) } : {}),
  });
  const metadata: EntrySpec[] = several(8, () => ({
    key: random.once(10) ? text() : random.pick(KEYS),
    value: value(),
  }));
  const tensors = several(8, tensor);
  const spec: GgufSpec = {
    version,
    endianness: random.pick(['little', 'little', 'big']),
    metadata,
    tensors,
    keyCount: lie(metadata.length),
    tensorCount: lie(tensors.length),
  };
  return damaged(fileOf(spec), random);
}

/** Offsets beyond any file make no file: then the tensors are written where they belong. */
function fileOf(spec: GgufSpec): Uint8Array {
  const isFar = (spec.tensors ?? []).some(({ offset }) => offset !== undefined && offset > 1e6);
  if (!isFar) return ggufBytes(spec);
  const { length } = ggufBytes({ ...spec, tensors: [] });
  const withLies = ggufBytes({
    ...spec,
    tensors: (spec.tensors ?? []).map((tensor) => ({ ...tensor, byteLength: -Number(tensor.offset ?? 0) })),
  });
  return withLies.subarray(0, Math.max(length, withLies.length));
}

/** Sometimes cut, sometimes with bytes changed or moved. */
export function damaged(bytes: Uint8Array, random: Random): Uint8Array {
  const changed = Uint8Array.from(bytes);
  if (random.once(3) && changed.length > 0)
    for (let count = 1 + random.below(4); count > 0; count -= 1)
      changed[random.below(changed.length)] = random.pick([0, 1, 0x7f, 0x80, 0xff, random.below(256)]);
  if (random.once(10) && changed.length > 0) {
    const length = random.below(changed.length);
    changed.copyWithin(random.below(changed.length), random.below(changed.length), length);
  }
  return random.once(5) ? changed.subarray(0, random.below(changed.length + 1)) : changed;
}
