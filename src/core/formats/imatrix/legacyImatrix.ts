// The importance matrix as llama.cpp wrote it before 2025 (".dat"): no magic, every length may lie.
//
//   int32 entries │ { int32 n, n bytes of name │ int32 chunks │ int32 values │ values × float32 } … │
//   int32 chunks │ int32 n, n bytes: name of the text         (the last line may be missing)
//
// Source: llama.cpp, common/imatrix-loader.cpp.
import type { CancelSignal } from '../../base/cancel.ts';
import { cancelled } from '../../base/failure.ts';
import type { ProblemCode } from '../../base/problem.ts';
import { createProblemList } from '../../base/problemList.ts';
import { formatCount } from '../../base/units.ts';
import { decodeUtf8 } from '../../base/utf8.ts';
import type { ByteSource } from '../byteSource.ts';
import { GGML_MAX_NAME } from '../gguf/limits.ts';
import { type ImatrixEntry, MAX_ENTRIES, type OpenedImatrix } from './imatrix.ts';

/** A path; longer ones are no paths. */
const MAX_DATASET_BYTES = 65_536;

/** Where reading cannot go on. */
class Damage extends Error {
  readonly code: ProblemCode;
  readonly byteOffset: number;

  constructor(code: ProblemCode, byteOffset: number, message: string) {
    super(message);
    this.code = code;
    this.byteOffset = byteOffset;
  }
}

/** @throws Failure when the file cannot be read or the signal says so */
export function readLegacyImatrix(source: ByteSource, signal: CancelSignal): OpenedImatrix {
  const problems = createProblemList();
  try {
    return { imatrix: read(source, signal), problems: [] };
  } catch (error) {
    if (!(error instanceof Damage)) throw error;
    problems.add('error', error.code, error.byteOffset, error.message);
    return { imatrix: null, problems: problems.list() };
  }
}

function read(source: ByteSource, signal: CancelSignal): NonNullable<OpenedImatrix['imatrix']> {
  let position = 0;
  const take = (bytes: number, what: string): Uint8Array => {
    if (bytes > source.size - position)
      throw new Damage(
        position < 12 ? 'format-unknown' : 'file-truncated',
        position,
        position < 12
          ? 'This file is no importance matrix.'
          : `The importance matrix ends inside of ${what}. Is the download complete?`,
      );
    const target = new Uint8Array(bytes);
    source.read(position, target);
    position += bytes;
    return target;
  };
  const int32 = (what: string, least: number, most: number): number => {
    const at = position;
    const bytes = take(4, what);
    const value = new DataView(bytes.buffer).getInt32(0, true);
    if (value >= least && value <= most) return value;
    const text = `This file is no importance matrix: ${formatCount(value)} stands at byte ${formatCount(at)} for ${what}.`;
    throw new Damage('format-unknown', at, text);
  };
  const count = int32('the number of its tensors', 1, MAX_ENTRIES);
  const entries: ImatrixEntry[] = [];
  const names = new Set<string>();
  for (let index = 0; index < count; index += 1) {
    if (signal.aborted) throw cancelled();
    const name = decodeUtf8(take(int32('the length of a name', 1, GGML_MAX_NAME), 'a name'));
    const chunks = int32('a number of chunks', -1, 2 ** 31 - 1);
    const values = int32('a number of values', 1, 2 ** 31 - 1);
    const sumsOffset = position;
    if (4 * values > source.size - position)
      throw new Damage(
        'file-truncated',
        position,
        `The importance matrix ends inside of tensor ${formatCount(index + 1)} of ${formatCount(count)}. Is the download complete?`,
      );
    position += 4 * values;
    if (names.has(name))
      throw new Damage(
        'tensor-name-duplicate',
        sumsOffset,
        `"${name}" stands in the importance matrix twice.`,
      );
    names.add(name);
    entries.push({ name, rowLength: values, counts: [chunks], sumsOffset });
  }
  if (position === source.size)
    return { format: 'legacy', datasets: [], chunkCount: null, chunkTokens: null, entries };
  const chunkCount = int32('the number of chunks', -1, 2 ** 31 - 1);
  const dataset =
    position === source.size
      ? ''
      : decodeUtf8(take(int32('the length of a path', 0, MAX_DATASET_BYTES), 'the name of the text'));
  return {
    format: 'legacy',
    datasets: dataset === '' ? [] : [dataset],
    chunkCount,
    chunkTokens: null,
    entries,
  };
}
