// One GGUF file, read from its magic to its last tensor info: whatever can be read is returned, the rest is a problem.
import { NEVER_CANCELLED, type CancelSignal } from '../../base/cancel.ts';
import { cancelled } from '../../base/failure.ts';
import type { Problem } from '../../base/problem.ts';
import { createProblemList, type ProblemList } from '../../base/problemList.ts';
import { formatBytes, formatCount } from '../../base/units.ts';
import type { ByteSource } from '../byteSource.ts';
import type { MetadataEntry, ModelFile, Tensor } from '../model.ts';
import { layOut } from './dataSection.ts';
import { HeaderDamage, HeaderWindow, type Encoding } from './headerWindow.ts';
import { DEFAULT_ALIGNMENT, MAX_ALIGNMENT, MAX_KEYS, MAX_TENSORS } from './limits.ts';
import { readTensorInfo, type TensorInfo } from './tensorInfos.ts';
import { readEntry } from './values.ts';

/** What one file says; of a split model it is one of several. */
export interface GgufPart {
  readonly encoding: Encoding;
  readonly metadata: readonly MetadataEntry[];
  readonly tensors: readonly Tensor[];
}

export interface GgufFile {
  /** null: the file is no GGUF, or of a version nobody knows. */
  readonly part: GgufPart | null;
  readonly file: ModelFile;
  readonly problems: readonly Problem[];
}

/** Newest version of the format (GGUF_VERSION of gguf.h). */
const NEWEST_VERSION = 3;

/**
 * @param place name of the file and its index in the model
 * @throws Failure when the file cannot be read or the signal says so; never because of what it holds
 */
export function readGguf(
  source: ByteSource,
  place: { readonly name: string; readonly index: number },
  signal: CancelSignal = NEVER_CANCELLED,
): GgufFile {
  const problems = createProblemList(place.index);
  const encoding = readEncoding(source, problems);
  if (encoding === null) {
    const file = { name: place.name, size: source.size, dataOffset: null, expectedSize: null };
    return { part: null, file, problems: problems.list() };
  }
  const header = readHeader(new HeaderWindow(source, encoding, signal), place.index, signal, problems);
  const { metadata, infos, damage } = header;
  const alignment = alignmentOf(metadata, problems);
  const dataOffset = damage === null ? Math.ceil(header.end / alignment) * alignment : null;
  const section = {
    dataOffset,
    alignment,
    fileSize: source.size,
    headerEnd: header.end,
    headerIsCut: damage?.code === 'header-truncated',
    file: place.index,
  };
  const { tensors, expectedSize } = layOut(infos, section, problems);
  return {
    part: { encoding, metadata, tensors },
    file: { name: place.name, size: source.size, dataOffset, expectedSize },
    problems: problems.list(),
  };
}

/** Magic and version: the first eight bytes. The version tells the byte order, since it is below 65,536 in its own. */
function readEncoding(source: ByteSource, problems: ProblemList): Encoding | null {
  const bytes = new Uint8Array(8);
  const length = source.read(0, bytes);
  if (length === 0) {
    problems.add('error', 'file-empty', null, 'The file is empty.');
    return null;
  }
  const magic = String.fromCharCode(...bytes.subarray(0, Math.min(4, length)));
  if (magic !== 'GGUF') {
    problems.add(
      'error',
      'format-unknown',
      0,
      `This is not a GGUF file: it begins with "${magic}" instead of "GGUF".`,
    );
    return null;
  }
  if (length < 8) {
    problems.add(
      'error',
      'header-truncated',
      length,
      `The file ends after ${formatBytes(length)}, before its version.`,
    );
    return null;
  }
  const view = new DataView(bytes.buffer);
  for (const endianness of ['little', 'big'] as const) {
    const version = view.getUint32(4, endianness === 'little');
    if (version >= 1 && version <= NEWEST_VERSION) return { endianness, version };
  }
  const text = `GGUF version ${formatCount(view.getUint32(4, true))} is not known; versions 1 to ${NEWEST_VERSION} are.`;
  problems.add('error', 'gguf-version-unsupported', 4, text);
  return null;
}

interface Header {
  readonly metadata: MetadataEntry[];
  readonly infos: TensorInfo[];
  /** Where the header ends, or where reading had to. */
  readonly end: number;
  /** Why reading ended before the header did. */
  readonly damage: HeaderDamage | null;
}

function readHeader(window: HeaderWindow, file: number, signal: CancelSignal, problems: ProblemList): Header {
  const metadata: MetadataEntry[] = [];
  const infos: TensorInfo[] = [];
  try {
    window.skip(8); // magic and version
    // The cheapest entry is an empty key with a value of one byte, the cheapest tensor one without name and dimensions.
    const tensorCount = readCount(window, 'tensor', 16 + window.sizeBytes, problems);
    const keyCount = readCount(window, 'key', 5 + window.sizeBytes, problems);

    const keys = new Set<string>();
    for (let index = 0; index < keyCount; index += 1) {
      if (signal.aborted) throw cancelled();
      if (index === MAX_KEYS) throw tooMany('keys', MAX_KEYS, window);
      const entry = readEntry(window, file, problems);
      if (keys.has(entry.key)) {
        const text = `The key "${entry.key}" stands in the header twice; the first value is used.`;
        problems.add('error', 'gguf-key-duplicate', entry.byteOffset, text);
      }
      keys.add(entry.key);
      metadata.push(entry);
    }

    const names = new Set<string>();
    for (let index = 0; index < tensorCount; index += 1) {
      if (signal.aborted) throw cancelled();
      if (index === MAX_TENSORS) throw tooMany('tensors', MAX_TENSORS, window);
      infos.push(readTensorInfo(window, names, problems));
    }
    return { metadata, infos, end: window.position, damage: null };
  } catch (error) {
    if (!(error instanceof HeaderDamage)) throw error;
    problems.add('error', error.code, error.byteOffset, error.message);
    return { metadata, infos, end: window.position, damage: error };
  }
}

/** A count that cannot fit is reported here; reading goes on, since it ends with the bytes at the latest. */
function readCount(
  window: HeaderWindow,
  what: 'tensor' | 'key',
  leastBytes: number,
  problems: ProblemList,
): number {
  const byteOffset = window.position;
  const count = window.size();
  const left = window.limit - window.position;
  if (Number(count) * leastBytes > left) {
    const text = `The header counts ${formatCount(count)} ${what}s of at least ${leastBytes} bytes each, but only ${formatCount(left)} bytes follow.`;
    problems.add('error', 'gguf-count-impossible', byteOffset, text);
  }
  return Number(count);
}

const tooMany = (what: string, most: number, window: HeaderWindow): HeaderDamage =>
  new HeaderDamage(
    'header-too-large',
    window.position,
    `The header has more than ${formatCount(most)} ${what}; reading stops here.`,
  );

function alignmentOf(metadata: readonly MetadataEntry[], problems: ProblemList): number {
  const entry = metadata.find(({ key }) => key === 'general.alignment');
  if (entry === undefined) return DEFAULT_ALIGNMENT;
  const { type, value, byteOffset } = entry;
  const isPowerOfTwo = typeof value === 'number' && value >= 1 && Number.isInteger(Math.log2(value));
  if (type === 'uint32' && isPowerOfTwo && value <= MAX_ALIGNMENT) {
    if (value < 8)
      problems.add(
        'warning',
        'gguf-alignment-invalid',
        byteOffset,
        `general.alignment is ${value}; GGUF asks for a multiple of 8.`,
      );
    return value;
  }
  const given =
    typeof value === 'object' ? `an array of ${formatCount(value.count)}` : `${String(value)} (${type})`;
  const text = `general.alignment is ${given}; it must be a power of two up to ${formatCount(MAX_ALIGNMENT)} as uint32. Positions are shown as if it were ${DEFAULT_ALIGNMENT}.`;
  problems.add('error', 'gguf-alignment-invalid', byteOffset, text);
  return DEFAULT_ALIGNMENT;
}
