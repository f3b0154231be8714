// How readers see files: ranges of bytes, read when asked for, never a whole file.

/**
 * One open file. Reading is synchronous: readers run in a worker thread or a terminal, where waiting is allowed and a
 * promise per field would cost more than the read.
 */
export interface ByteSource {
  /** Length in bytes when it was opened. */
  readonly size: number;
  /**
   * Fills `target` from `offset` on and returns how many bytes were read: fewer than asked only at the end of the file.
   * Throws a Failure when the file cannot be read.
   */
  read(offset: number, target: Uint8Array): number;
}

/** The folder a model lies in, for its shards and the files beside it. Names are single path components. */
export interface ModelFolder {
  /** Opens a file of the folder; null when there is none. Throws a Failure when it cannot be read. */
  open(name: string): ByteSource | null;
}

/** A source over bytes in memory: for tests and small files. */
export function memorySource(bytes: Uint8Array): ByteSource {
  return {
    size: bytes.length,
    read(offset, target) {
      const end = Math.min(bytes.length, offset + target.length);
      if (offset >= end) return 0;
      target.set(bytes.subarray(offset, end));
      return end - offset;
    },
  };
}
