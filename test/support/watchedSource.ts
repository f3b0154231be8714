// A byte source that remembers what was asked of it, for tests of how much a reader reads and holds.
import type { ByteSource } from '../../src/core/formats/byteSource.ts';

export interface WatchedSource extends ByteSource {
  /** Bytes that were read in all. */
  bytesRead(): number;
  /** Bytes of all buffers that were ever given to be filled: what the reader has allocated for reading. */
  bufferBytes(): number;
}

export function watchedSource(source: ByteSource): WatchedSource {
  const buffers = new Set<ArrayBufferLike>();
  let read = 0;
  return {
    size: source.size,
    read(offset, target) {
      buffers.add(target.buffer);
      const count = source.read(offset, target);
      read += count;
      return count;
    },
    bytesRead: () => read,
    bufferBytes: () => [...buffers].reduce((sum, { byteLength }) => sum + byteLength, 0),
  };
}
