// Do the files of a split GGUF model agree with their names and with each other?
import type { Problem } from '../../base/problem.ts';
import { createProblemList, type ProblemList } from '../../base/problemList.ts';
import { formatCount, plural } from '../../base/units.ts';
import type { MetadataEntry } from '../model.ts';
import { MAX_SHARDS } from './limits.ts';
import type { GgufFile, GgufPart } from './readGguf.ts';

/** @param files all of them in the order of their numbers */
export function checkShards(files: readonly GgufFile[]): Problem[] {
  const first = files.find(({ part }) => part !== null)?.part ?? null;
  if (first === null) return [];
  const names = new Set<string>();
  const found = files.map(({ part, file }, index) => {
    const problems = createProblemList(index);
    if (part === null) return problems;
    checkPlace(part, file.name, index, files.length, problems);
    if (
      part.encoding.version !== first.encoding.version ||
      part.encoding.endianness !== first.encoding.endianness
    ) {
      const text = `${file.name} is GGUF version ${part.encoding.version}, ${part.encoding.endianness} endian, unlike the first file.`;
      problems.add('error', 'shard-mismatch', null, text);
    }
    checkNames(part, file.name, names, problems);
    return problems;
  });
  checkTensorCount(files, first, found[0] ?? createProblemList());
  return found.flatMap((problems) => problems.list());
}

/** A file that is part of a split model by its metadata but not by its name, or one of too many: the others are not found. */
export function checkLonelyFile(part: GgufPart, fileName: string): Problem[] {
  const count = numberOf(part.metadata, 'split.count');
  if (count === null || count <= 1) return [];
  const problems = createProblemList();
  const number = (numberOf(part.metadata, 'split.no') ?? 0) + 1;
  const why = /-\d{5}-of-\d{5}\.gguf$/i.test(fileName)
    ? `the others are not looked for: its name does not say which of 2 to ${formatCount(MAX_SHARDS)} files it is.`
    : 'but its name is not of the form NAME-00001-of-00005.gguf: the other parts cannot be found.';
  const text = `This is part ${formatCount(number)} of ${formatCount(count)}, ${why}`;
  problems.add('warning', 'shard-mismatch', null, text);
  return problems.list();
}

/** split.no counts from 0, the names from 1 (llama.cpp, tools/gguf-split). */
function checkPlace(part: GgufPart, name: string, index: number, files: number, problems: ProblemList): void {
  const count = numberOf(part.metadata, 'split.count');
  const number = numberOf(part.metadata, 'split.no');
  const complain = (text: string): void => problems.add('error', 'shard-mismatch', null, `${name} ${text}`);
  if (count === null) complain('does not say that it is part of a split model: split.count is missing.');
  else if (count !== files)
    complain(`says it is one of ${plural(count, 'file')}; by its name it is one of ${formatCount(files)}.`);
  if (number !== null && number !== index)
    complain(`says it is part ${formatCount(number + 1)}; by its name it is part ${formatCount(index + 1)}.`);
}

/** A name that stands twice in one file was reported when that file was read. */
function checkNames(part: GgufPart, fileName: string, names: Set<string>, problems: ProblemList): void {
  const own = new Set(part.tensors.map(({ name }) => name));
  for (const name of own) {
    if (names.has(name)) {
      const text = `The tensor "${name}" stands in ${fileName} and in a file before it.`;
      problems.add('error', 'tensor-name-duplicate', null, text, name);
    }
    names.add(name);
  }
}

function checkTensorCount(files: readonly GgufFile[], first: GgufPart, problems: ProblemList): void {
  const promised = numberOf(first.metadata, 'split.tensors.count');
  if (promised === null || files.some(({ part }) => part === null)) return;
  const count = files.reduce((sum, { part }) => sum + (part?.tensors.length ?? 0), 0);
  if (count === promised) return;
  const text = `The files have ${plural(count, 'tensor')} together; split.tensors.count promises ${formatCount(promised)}.`;
  problems.add('error', 'shard-mismatch', null, text);
}

export function textOf(metadata: readonly MetadataEntry[], key: string): string | null {
  const value = metadata.find((entry) => entry.key === key)?.value;
  return typeof value === 'string' ? value : null;
}

function numberOf(metadata: readonly MetadataEntry[], key: string): number | null {
  const value = metadata.find((entry) => entry.key === key)?.value;
  return typeof value === 'number' ? value : null;
}
