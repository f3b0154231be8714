// The files of a gzipped tar archive as npm makes them, while they stream by: nothing is held in memory, however large it is.
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { Failure } from '../core/base/failure.ts';

export interface TarFile {
  /** As the archive has it: it may name any place, so only its last part may be used. */
  readonly path: string;
  readonly bytes: number;
  /** To be read before the next file is asked for; what is left is skipped. */
  readonly content: AsyncIterable<Buffer>;
}

const BLOCK = 512;

/** Regular files only: no links, no folders. @throws Failure for what is no such archive */
export async function* filesOfArchive(archive: string): AsyncGenerator<TarFile> {
  const stream = createReadStream(archive).pipe(createGunzip());
  const chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let rest: Buffer = Buffer.alloc(0);

  /** At most `limit` bytes; none at the end. */
  const some = async (limit: number): Promise<Buffer> => {
    while (rest.length === 0) {
      const { value, done } = await chunks.next().catch((error: Error) => {
        throw broken(error.message);
      });
      if (done === true) return rest;
      rest = value;
    }
    const part = rest.subarray(0, limit);
    rest = rest.subarray(part.length);
    return part;
  };
  const exactly = async (count: number): Promise<Buffer> => {
    const parts: Buffer[] = [];
    for (let left = count; left > 0;) {
      const part = await some(left);
      if (part.length === 0) throw broken('it ends early');
      parts.push(part);
      left -= part.length;
    }
    return Buffer.concat(parts);
  };
  try {
    for (;;) {
      const head = await exactly(BLOCK);
      if (head.every((byte) => byte === 0)) return; // two such blocks are the end
      const bytes = checkedSize(head);
      let left = bytes;
      const content = async function* (): AsyncGenerator<Buffer> {
        while (left > 0) {
          const part = await some(left);
          if (part.length === 0) throw broken('it ends early');
          left -= part.length;
          yield part;
        }
      };
      const kind = String.fromCharCode(head[156] ?? 0);
      if (kind === '0' || kind === '\0') yield { path: textAt(head, 0, 100), bytes, content: content() };
      for await (const _skipped of content());
      await exactly((BLOCK - (bytes % BLOCK)) % BLOCK);
    }
  } finally {
    stream.destroy();
  }
}

const textAt = (head: Buffer, at: number, length: number): string =>
  head.toString('utf8', at, at + length).replace(/\0.*$/s, '');

/** Size of the file behind a head. Its checksum is the sum of its bytes, the checksum itself taken as spaces. */
function checkedSize(head: Buffer): number {
  const sum = head.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 0x20 : byte), 0);
  const size = parseInt(textAt(head, 124, 12).trim(), 8);
  if (parseInt(textAt(head, 148, 8).trim(), 8) !== sum || !(size >= 0))
    throw broken('a head in it is damaged');
  return size;
}

const broken = (why: string): Failure =>
  new Failure('not-readable', `The archive cannot be unpacked (${why}).`);
