// Opens an importance matrix of either format, by its first bytes.
import { NEVER_CANCELLED, type CancelSignal } from '../../base/cancel.ts';
import type { ByteSource } from '../byteSource.ts';
import { readGgufImatrix } from './ggufImatrix.ts';
import type { OpenedImatrix } from './imatrix.ts';
import { readLegacyImatrix } from './legacyImatrix.ts';

/**
 * What is wrong with the contents comes back as problems; with an error among them there is no imatrix.
 * @throws Failure when the file cannot be read or the signal says so
 */
export function openImatrix(
  source: ByteSource,
  fileName: string,
  signal: CancelSignal = NEVER_CANCELLED,
): OpenedImatrix {
  const magic = new Uint8Array(4);
  source.read(0, magic);
  return String.fromCharCode(...magic) === 'GGUF'
    ? readGgufImatrix(source, fileName, signal)
    : readLegacyImatrix(source, signal);
}
