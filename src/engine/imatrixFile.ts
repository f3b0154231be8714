// Writes an importance matrix as llama-imatrix writes it: a GGUF file with two tensors for each weight matrix, to the byte.
import { closeSync, openSync, writeSync } from 'node:fs';
import type { Activations } from './activations.ts';

export interface ImatrixHead {
  /** Name of the text. */
  readonly dataset: string;
  readonly chunkCount: number;
  readonly chunkTokens: number;
}

const ALIGNMENT = 32;
const VERSION = 3;
const TYPES = { uint32: 4, string: 8, array: 9 } as const;
const F32 = 0;
/** Names end with a zero in 64 bytes; ggml cuts longer ones. */
const MAX_NAME_BYTES = 63;

interface Part {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** @param path is created or overwritten */
export function writeImatrix(
  path: string,
  head: ImatrixHead,
  collected: ReadonlyMap<string, Activations>,
): void {
  const parts = [...collected]
    .sort(([one], [other]) => Buffer.compare(Buffer.from(one), Buffer.from(other)))
    .flatMap(([name, activations]) => partsOf(name, activations));
  const file = openSync(path, 'w');
  try {
    const header = headerOf(head, parts);
    writeWhole(file, padded(header));
    for (const { values } of parts)
      writeWhole(file, padded(Buffer.from(values.buffer, values.byteOffset, values.byteLength)));
  } finally {
    closeSync(file);
  }
}

function partsOf(name: string, { sums, counts }: Activations): Part[] {
  const matrices = counts.length;
  const width = sums.length / matrices;
  return [
    { name: `${name}.in_sum2`, shape: matrices === 1 ? [width] : [width, matrices], values: sums },
    {
      name: `${name}.counts`,
      shape: matrices === 1 ? [1] : [1, matrices],
      values: Float32Array.from(counts),
    },
  ];
}

function headerOf({ dataset, chunkCount, chunkTokens }: ImatrixHead, parts: readonly Part[]): Buffer {
  let offset = 0;
  const infos = parts.map(({ name, shape, values }) => {
    const info = [
      text(Buffer.from(name).subarray(0, MAX_NAME_BYTES)),
      uint32(shape.length),
      ...shape.map(uint64),
      uint32(F32),
      uint64(offset),
    ];
    offset += paddedLength(values.byteLength);
    return Buffer.concat(info);
  });
  return Buffer.concat([
    Buffer.from('GGUF'),
    uint32(VERSION),
    uint64(parts.length),
    uint64(4),
    ...[text('general.type'), uint32(TYPES.string), text('imatrix')],
    ...[text('imatrix.datasets'), uint32(TYPES.array), uint32(TYPES.string), uint64(1), text(dataset)],
    ...[text('imatrix.chunk_count'), uint32(TYPES.uint32), uint32(chunkCount)],
    ...[text('imatrix.chunk_size'), uint32(TYPES.uint32), uint32(chunkTokens)],
    ...infos,
  ]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function uint64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function text(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value as string);
  return Buffer.concat([uint64(bytes.length), bytes]);
}

const paddedLength = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

const padded = (bytes: Buffer): Buffer =>
  Buffer.concat([bytes, Buffer.alloc(paddedLength(bytes.length) - bytes.length)]);

function writeWhole(file: number, bytes: Buffer): void {
  for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done);
}
