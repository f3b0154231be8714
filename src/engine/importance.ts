// The importance of columns, read from the ranges of an importance matrix file that our own reader has checked.
import { closeSync, openSync, readSync } from 'node:fs';
import { notReadable } from '../core/base/failure.ts';
import type { ImportanceSource } from '../protocol/quantize.ts';

export interface Importance {
  readonly name: string;
  /** Mean square of what each column was multiplied with, matrix (expert) by matrix. */
  readonly values: Float32Array;
}

/** @throws Failure when the file cannot be read, or is shorter than it was */
export function readImportance({ path, ranges }: ImportanceSource): Importance[] {
  const file = openSync(path, 'r');
  try {
    return ranges.map(({ name, byteOffset, rowLength, counts }) => {
      // At least some dozen numbers, so that V8 does not keep them in its heap, where they would move.
      const count = rowLength * counts.length;
      const values = new Float32Array(new ArrayBuffer(4 * Math.max(64, count)), 0, count);
      const bytes = new Uint8Array(values.buffer, 0, 4 * count);
      for (let done = 0; done < bytes.length;) {
        const read = readSync(file, bytes, done, bytes.length - done, byteOffset + done);
        if (read === 0) throw notReadable(path, 'it became shorter while it was read');
        done += read;
      }
      counts.forEach((divisor, matrix) => {
        const row = values.subarray(matrix * rowLength, (matrix + 1) * rowLength);
        // Nothing is known of an expert that no token came to.
        if (divisor > 0) row.forEach((sum, column) => (row[column] = sum / divisor));
        else row.fill(1);
      });
      return { name, values };
    });
  } finally {
    closeSync(file);
  }
}
