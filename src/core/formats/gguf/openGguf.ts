// A GGUF model from any of its files: NAME-00002-of-00005.gguf opens all five as one.
import { NEVER_CANCELLED, type CancelSignal } from '../../base/cancel.ts';
import { Failure } from '../../base/failure.ts';
import { MAX_PROBLEMS_PER_CODE, type Problem } from '../../base/problem.ts';
import { createProblemList } from '../../base/problemList.ts';
import { formatBytes, plural } from '../../base/units.ts';
import type { ByteSource, ModelFolder } from '../byteSource.ts';
import { readLfsPointer } from '../lfsPointer.ts';
import type { ModelFile, Opened } from '../model.ts';
import { MAX_SHARDS } from './limits.ts';
import { readGguf, type GgufFile } from './readGguf.ts';
import { checkLonelyFile, checkShards, textOf } from './shards.ts';

/**
 * @param source the file that was asked for, whose name is `fileName` @param folder where its other shards lie
 * @throws Failure when this file cannot be read or the signal says so; never because of what a file holds
 */
export function openGguf(
  source: ByteSource,
  fileName: string,
  folder: ModelFolder,
  signal: CancelSignal = NEVER_CANCELLED,
): Opened {
  const names = shardNames(fileName);
  const files =
    names === null
      ? [readGguf(source, { name: fileName, index: 0 }, signal)]
      : names.map((name, index) =>
          name === fileName
            ? readGguf(source, { name, index }, signal)
            : readShard(folder, name, { index, count: names.length }, signal),
        );
  const problems = withFewMissing(files.flatMap((file) => file.problems));
  const [first] = files.map(({ part }) => part).filter((part) => part !== null);
  if (first === undefined) return { model: null, problems };

  // The first file has the metadata of the model; the others add nothing but their place in the split.
  const { metadata, encoding } = first;
  return {
    model: {
      container: 'gguf',
      version: encoding.version,
      endianness: encoding.endianness,
      files: files.map(({ file }) => file),
      name: textOf(metadata, 'general.name'),
      architecture: textOf(metadata, 'general.architecture'),
      metadata,
      tensors: files.flatMap(({ part }) => part?.tensors ?? []),
    },
    problems: [...problems, ...(names === null ? checkLonelyFile(first, fileName) : checkShards(files))],
  };
}

/** The names of all files of a split model, by the name of one; null when it does not name one of several. */
export function shardNames(fileName: string): string[] | null {
  const match = /^(.*-)(\d{5})(-of-(\d{5})\.gguf)$/i.exec(fileName);
  const [, stem, number, ending, count] = match ?? [];
  if (stem === undefined || ending === undefined) return null;
  const total = Number(count);
  if (Number(number) < 1 || Number(number) > total || total > MAX_SHARDS) return null;
  return Array.from(
    { length: total },
    (_item, index) => `${stem}${String(index + 1).padStart(5, '0')}${ending}`,
  );
}

/** Each file has a list of its own: a name that claims thousands of files makes thousands of lists. */
function withFewMissing(problems: readonly Problem[]): readonly Problem[] {
  const missing = problems.filter(({ code }) => code === 'shard-missing');
  const left = new Set(missing.slice(MAX_PROBLEMS_PER_CODE));
  if (left.size === 0) return problems;
  const more = createProblemList();
  const text = `${plural(left.size, 'more shard is', 'more shards are')} missing.`;
  more.add('error', 'shard-missing', null, text);
  return [...problems.filter((problem) => !left.has(problem)), ...more.list()];
}

/** Another shard of the model: it may be missing or unreadable without harm to the rest. */
function readShard(
  folder: ModelFolder,
  name: string,
  { index, count }: { readonly index: number; readonly count: number },
  signal: CancelSignal,
): GgufFile {
  const problems = createProblemList(index);
  try {
    const source = folder.open(name);
    const pointer = source === null ? null : readLfsPointer(source);
    if (source !== null && pointer !== null) {
      const text = `${name} is a Git LFS pointer to a file of ${formatBytes(pointer.size)}; fetch it with "git lfs pull".`;
      problems.add('error', 'file-is-lfs-pointer', 0, text);
      const file = { name, size: source.size, dataOffset: null, expectedSize: pointer.size };
      return { part: null, file, problems: problems.list() };
    }
    if (source !== null) return readGguf(source, { name, index }, signal);
    const text = `${name} is missing: part ${index + 1} of ${count}. Its tensors are not shown.`;
    problems.add('error', 'shard-missing', null, text);
  } catch (error) {
    if (!(error instanceof Failure) || error.code === 'cancelled') throw error;
    problems.add('error', 'file-unreadable', null, error.message);
  }
  const file: ModelFile = { name, size: null, dataOffset: null, expectedSize: null };
  return { part: null, file, problems: problems.list() };
}
