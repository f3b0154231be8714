// The header of a safetensors file: 8 bytes of length N, then N bytes of JSON, then the data of the tensors without a hole.
//   { "__metadata__": {text: text, …}, "name": {"dtype": "BF16", "shape": [2, 3], "data_offsets": [begin, end]}, … }
// Source: safetensors, README "Format" and safetensors/src/tensor.rs.
import type { CancelSignal } from '../../base/cancel.ts';
import type { ProblemList } from '../../base/problemList.ts';
import { formatBytes, formatCount, plural } from '../../base/units.ts';
import type { ByteSource } from '../byteSource.ts';
import { readMembers, type HeaderMembers } from './headerMembers.ts';
import { createJsonReader, JsonDamage, type JsonReader } from './jsonReader.ts';

const LENGTH_BYTES = 8;
const OPEN_BRACE = 0x7b;
/** MAX_HEADER_SIZE of safetensors/src/tensor.rs. */
export const MAX_HEADER_BYTES = 100_000_000;

export interface Header extends HeaderMembers {
  /** Where the data begins, in bytes from the beginning of the file. */
  readonly dataOffset: number;
  /** False when the length field cannot be true: then `dataOffset` is a guess. */
  readonly isDataOffsetKnown: boolean;
  /** False when its text broke off: then there may be more tensors. */
  readonly isWhole: boolean;
}

/** Reads the header; null when there is none. Every problem is reported, and what could be read is kept. */
export function readHeader(source: ByteSource, problems: ProblemList, signal: CancelSignal): Header | null {
  const field = readLength(source);
  if (field === null) {
    const text = `The file has ${plural(source.size, 'byte')}; a safetensors file begins with 8 bytes of header length.`;
    problems.add('error', 'header-truncated', source.size, text);
    return null;
  }
  const available = Math.min(source.size - LENGTH_BYTES, MAX_HEADER_BYTES);
  const length = field >= 2n && field <= MAX_HEADER_BYTES ? Number(field) : null;
  const end = LENGTH_BYTES + Math.min(length ?? available, available);
  const json = createJsonReader(source, LENGTH_BYTES, end, (flaw, byteOffset, text) => {
    if (flaw === 'long') problems.add('warning', 'header-too-large', byteOffset, text);
    else problems.add('error', 'safetensors-header-not-json', byteOffset, text);
  });
  if (json.peek() !== OPEN_BRACE || json.offset() !== LENGTH_BYTES) {
    const text = 'The header does not begin with "{"; this is no safetensors header.';
    problems.add('error', 'safetensors-header-not-json', LENGTH_BYTES, text);
    return null;
  }

  const members: HeaderMembers = { entries: [], metadata: [] };
  const damage = readUntilDamage(json, members, problems, signal);
  const isWhole = damage === null;
  const textEnd = json.offset();
  const reachesEnd = json.peek() < 0;
  const isCut = !isWhole && reachesEnd && length !== null && length > available;
  const kept = `${plural(members.entries.length, 'tensor')} before it can be shown.`;
  if (isCut) {
    const text = `The header is ${formatBytes(length)} long, but the file ends after ${formatBytes(source.size)}. Is the download complete? ${kept}`;
    problems.add('error', 'header-truncated', source.size, text);
  } else if (damage !== null) {
    const text = `The header is damaged at byte ${formatCount(damage.byteOffset)}: ${damage.message}. ${kept}`;
    problems.add('error', 'safetensors-header-not-json', damage.byteOffset, text);
  } else if (length !== null && !reachesEnd) {
    const text = `Behind the header's JSON, at byte ${formatCount(json.offset())}, stands something else than spaces.`;
    problems.add('error', 'safetensors-header-not-json', json.offset(), text);
  }

  // The length is right when the JSON closes where it says, breaks off before it, or is cut with the file.
  if (length !== null && (isCut || (length <= available && isWhole === reachesEnd)))
    return { ...members, isWhole, isDataOffsetKnown: true, dataOffset: LENGTH_BYTES + length };
  const text = `The header says it is ${formatCount(field)} bytes long; its text ends after ${formatCount(textEnd - LENGTH_BYTES)}. Where the data begins is not certain.`;
  problems.add('error', 'safetensors-header-length', 0, text);
  // Writers pad the text to 8 bytes.
  return { ...members, isWhole, isDataOffsetKnown: false, dataOffset: Math.ceil(textEnd / 8) * 8 };
}

/** The first 8 bytes as a number; null when the file is shorter. */
function readLength(source: ByteSource): bigint | null {
  const bytes = new Uint8Array(LENGTH_BYTES);
  if (source.read(0, bytes) < LENGTH_BYTES) return null;
  return new DataView(bytes.buffer).getBigUint64(0, true);
}

function readUntilDamage(
  json: JsonReader,
  members: HeaderMembers,
  problems: ProblemList,
  signal: CancelSignal,
): JsonDamage | null {
  try {
    readMembers(json, members, problems, signal);
    return null;
  } catch (error) {
    if (error instanceof JsonDamage) return error;
    throw error;
  }
}
