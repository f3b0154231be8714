// Cuts a GGUF model into shards, as llama-gguf-split does: the metadata in the first, a share of the tensors in each.
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { openModel } from '../../src/core/formats/openModel.ts';
import { diskAccess } from '../../src/node/fileSource.ts';

const ALIGNMENT = 32;
const padded = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

/** Writes STEM-00001-of-0000N.gguf … into a folder and returns their paths. @param path of a model in one file, version 3 */
export function splitModel(path: string, folder: string, stem: string, count: number): string[] {
  const bytes = readFileSync(path);
  const { model } = diskAccess.withFolder(path, (opened) => openModel(opened, basename(path)));
  if (model === null) throw new Error(`${basename(path)} of ${dirname(path)} is no model.`);
  const share = Math.ceil(model.tensors.length / count);
  return Array.from({ length: count }, (_shard, index) => {
    const tensors = model.tensors.slice(index * share, (index + 1) * share);
    const own = [
      entry('split.no', 2, index),
      entry('split.count', 2, count),
      entry('split.tensors.count', 4, model.tensors.length),
    ];
    const firstInfo = bytes.indexOf(text(model.tensors[0]!.name));
    const metadata = index === 0 ? bytes.subarray(24, firstInfo) : Buffer.alloc(0);
    const keys = (index === 0 ? model.metadata.length : 0) + own.length;
    let offset = 0;
    const infos = tensors.map(({ name, shape, scheme, byteLength }) => {
      const info = [text(name), number(4, shape.length), ...shape.map((length) => number(8, length))];
      const place = [number(4, scheme.ggmlId ?? 0), number(8, offset)];
      offset += padded(byteLength ?? 0);
      return Buffer.concat([...info, ...place]);
    });
    const head = [Buffer.from('GGUF'), number(4, 3), number(8, tensors.length), number(8, keys)];
    const header = whole(Buffer.concat([...head, metadata, ...own, ...infos]));
    const data = tensors.map(({ byteOffset, byteLength }) =>
      whole(bytes.subarray(byteOffset, byteOffset + (byteLength ?? 0))),
    );
    const name = `${stem}-${String(index + 1).padStart(5, '0')}-of-${String(count).padStart(5, '0')}.gguf`;
    writeFileSync(join(folder, name), Buffer.concat([header, ...data]));
    return join(folder, name);
  });
}

function number(bytes: 2 | 4 | 8, value: number): Buffer {
  const target = Buffer.alloc(8);
  target.writeBigUInt64LE(BigInt(value));
  return target.subarray(0, bytes);
}

const text = (value: string): Buffer =>
  Buffer.concat([number(8, Buffer.byteLength(value)), Buffer.from(value)]);

/** Of type uint16 or int32, as llama.cpp writes them. */
const entry = (key: string, bytes: 2 | 4, value: number): Buffer =>
  Buffer.concat([text(key), number(4, bytes === 2 ? 2 : 5), number(bytes, value)]);

const whole = (bytes: Buffer): Buffer =>
  Buffer.concat([bytes, Buffer.alloc(padded(bytes.length) - bytes.length)]);
