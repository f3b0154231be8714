// The importance matrix as a GGUF file: for each weight matrix the tensors NAME.in_sum2 and NAME.counts.
// Source: llama.cpp, common/imatrix-loader.cpp and tools/imatrix/imatrix.cpp.
import type { CancelSignal } from '../../base/cancel.ts';
import { cancelled } from '../../base/failure.ts';
import type { ProblemCode } from '../../base/problem.ts';
import { createProblemList, type ProblemList } from '../../base/problemList.ts';
import { formatCount } from '../../base/units.ts';
import { visibleText } from '../../base/visibleText.ts';
import type { ByteSource } from '../byteSource.ts';
import { readArrayItems } from '../gguf/arrays.ts';
import { type GgufPart, readGguf } from '../gguf/readGguf.ts';
import { isArrayRef, type MetadataEntry, type Tensor } from '../model.ts';
import { type ImatrixEntry, MAX_ALL_COUNTS, MAX_MATRICES, type OpenedImatrix } from './imatrix.ts';

const SUMS = '.in_sum2';
const COUNTS = '.counts';
/** Texts that are named: more than anybody mixes. */
const MAX_DATASETS = 1024;

/** @throws Failure when the file cannot be read or the signal says so */
export function readGgufImatrix(source: ByteSource, fileName: string, signal: CancelSignal): OpenedImatrix {
  const { part, problems: found } = readGguf(source, { name: fileName, index: 0 }, signal);
  const problems = createProblemList();
  const refuse = (code: ProblemCode, text: string): OpenedImatrix => {
    problems.add('error', code, null, text);
    return { imatrix: null, problems: [...found, ...problems.list()] };
  };
  if (part === null || found.some(({ severity }) => severity === 'error'))
    return { imatrix: null, problems: found };
  const { metadata, encoding } = part;
  const chunkTokens = numberOf(metadata, 'imatrix.chunk_size');
  if (chunkTokens === null)
    return refuse(
      'format-unknown',
      'This GGUF file is no importance matrix: it does not say imatrix.chunk_size.',
    );
  if (encoding.endianness === 'big')
    return refuse('format-unknown', 'This importance matrix is big-endian, which is not read here.');
  const entries = entriesOf(source, part, problems, signal);
  if (entries === null) return { imatrix: null, problems: [...found, ...problems.list()] };
  if (entries.length === 0) return refuse('tensor-shape-invalid', 'This importance matrix is empty.');
  const imatrix = {
    format: 'gguf' as const,
    datasets: datasetsOf(source, part, signal),
    chunkCount: numberOf(metadata, 'imatrix.chunk_count'),
    chunkTokens,
    entries,
  };
  return { imatrix, problems: [...found, ...problems.list()] };
}

function numberOf(metadata: readonly MetadataEntry[], key: string): number | null {
  const value = metadata.find((entry) => entry.key === key)?.value;
  return typeof value === 'number' ? value : null;
}

function datasetsOf(source: ByteSource, { metadata, encoding }: GgufPart, signal: CancelSignal): string[] {
  const value = metadata.find(({ key }) => key === 'imatrix.datasets')?.value;
  if (value === undefined || !isArrayRef(value) || value.itemType !== 'string') return [];
  return readArrayItems(source, value, encoding, 0, MAX_DATASETS, signal).map((item) => String(item.value));
}

/** null: a problem says why. */
function entriesOf(
  source: ByteSource,
  { tensors }: GgufPart,
  problems: ProblemList,
  signal: CancelSignal,
): ImatrixEntry[] | null {
  const countsByName = new Map(
    tensors.filter(({ name }) => name.endsWith(COUNTS)).map((tensor) => [stem(tensor, COUNTS), tensor]),
  );
  const entries: ImatrixEntry[] = [];
  let allCounts = 0;
  for (const sums of tensors) {
    if (signal.aborted) throw cancelled();
    if (!sums.name.endsWith(SUMS)) continue;
    const name = stem(sums, SUMS);
    const counts = countsByName.get(name);
    const why =
      counts === undefined
        ? 'has sums without counts'
        : [sums, counts].some(({ scheme, state }) => scheme.name !== 'F32' || state !== 'whole')
          ? 'is not whole float32 numbers'
          : counts.elementCount < 1 || sums.elementCount % counts.elementCount !== 0
            ? `has ${formatCount(sums.elementCount)} sums for ${formatCount(counts.elementCount)} counts`
            : counts.elementCount > MAX_MATRICES
              ? `has ${formatCount(counts.elementCount)} matrices; ${formatCount(MAX_MATRICES)} are read at most`
              : null;
    allCounts += counts?.elementCount ?? 0;
    const values =
      why === null && counts !== undefined && allCounts <= MAX_ALL_COUNTS ? countsOf(source, counts) : null;
    if (why !== null || values === null) {
      const text = `The importance of ${visibleText(name)} ${why ?? 'has counts that are no counts'}.`;
      problems.add('error', 'tensor-shape-invalid', sums.byteOffset, text, sums.name);
      return null;
    }
    entries.push({
      name,
      rowLength: sums.elementCount / values.length,
      counts: values,
      sumsOffset: sums.byteOffset,
    });
  }
  return entries;
}

const stem = ({ name }: Tensor, suffix: string): string => name.slice(0, -suffix.length);

/** null: they are no numbers, or below zero. */
function countsOf(source: ByteSource, { byteOffset, elementCount }: Tensor): number[] | null {
  const values = new Float32Array(elementCount);
  source.read(byteOffset, new Uint8Array(values.buffer));
  return values.every((value) => Number.isFinite(value) && value >= 0)
    ? Array.from(values, (value) => Math.round(value))
    : null;
}
