// A Git LFS pointer: the 130 bytes of text that stand for a large file until `git lfs pull` fetches it.
//   version https://git-lfs.github.com/spec/v1
//   oid sha256:4665a5ea423c2713d436b5ee50593a9640e0018c1550b5a0002f74190d6caea8
//   size 4920739232
// Source: git-lfs, docs/spec.md "The Pointer".
import { formatBytes } from '../base/units.ts';
import type { ByteSource } from './byteSource.ts';
import type { LfsPointer } from './model.ts';

/** The specification: a pointer is smaller than this. */
const MAX_POINTER_BYTES = 1024;
const VERSION = /^version https:\/\/(?:git-lfs\.github\.com|hawser\.github\.com)\/spec\/v1\r?\n/;

/** The pointer in a file; null when it is none. */
export function readLfsPointer(source: ByteSource): LfsPointer | null {
  if (source.size >= MAX_POINTER_BYTES) return null;
  const bytes = new Uint8Array(source.size);
  const text = new TextDecoder().decode(bytes.subarray(0, source.read(0, bytes)));
  if (!VERSION.test(text)) return null;
  const oid = /^oid sha256:([0-9a-f]{64})\r?$/m.exec(text)?.[1];
  const size = Number(/^size (\d{1,16})\r?$/m.exec(text)?.[1]);
  return oid === undefined || !Number.isSafeInteger(size) ? null : { oid, size };
}

/** What to do about a pointer, as one sentence. */
export function pointerSentence(fileName: string, pointer: LfsPointer): string {
  return `${fileName} is a Git LFS pointer to a file of ${formatBytes(pointer.size)}; fetch it with "git lfs pull".`;
}
