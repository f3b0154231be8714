// One file of a model as it was found in the folder: read, missing, or a pointer to what should be there.
import type { CancelSignal } from '../../base/cancel.ts';
import { Failure } from '../../base/failure.ts';
import { MAX_PROBLEMS_PER_CODE } from '../../base/problem.ts';
import { createProblemList, type ProblemList } from '../../base/problemList.ts';
import { plural } from '../../base/units.ts';
import type { ByteSource, ModelFolder } from '../byteSource.ts';
import { pointerSentence, readLfsPointer } from '../lfsPointer.ts';
import type { Placer } from '../naming/hfNames.ts';
import { readShard, type Shard } from './shard.ts';
import type { ShardIndex } from './shardIndex.ts';

export interface FoundShard {
  readonly name: string;
  /** null: missing, unreadable or a pointer. */
  readonly size: number | null;
  /** null: no header could be read. */
  readonly shard: Shard | null;
  readonly problems: ProblemList;
}

/** Reads one file. Only the file the user asked for may fail as a whole; of the others that is a problem. */
export function findShard(
  folder: ModelFolder,
  name: string,
  file: number,
  place: Placer,
  isAskedFor: boolean,
  signal: CancelSignal,
): FoundShard {
  const problems = createProblemList(file);
  const nothing = { name, size: null, shard: null, problems };
  let source: ByteSource | null;
  try {
    source = folder.open(name);
    if (source === null) return nothing;
    const pointer = readLfsPointer(source);
    if (pointer === null)
      return { name, size: source.size, shard: readShard(source, file, place, problems, signal), problems };
    problems.add('error', 'file-is-lfs-pointer', null, pointerSentence(name, pointer));
    return nothing;
  } catch (error) {
    if (!(error instanceof Failure) || error.code === 'cancelled' || isAskedFor) throw error;
    problems.add('error', 'file-unreadable', null, error.message);
    return nothing;
  }
}

/** Names every missing file, and how many tensors the index has in it. */
export function reportMissing(
  found: readonly FoundShard[],
  index: ShardIndex | null,
  general: ProblemList,
): void {
  const missing = found.filter(({ size, problems }) => size === null && problems.list().length === 0);
  const counts = new Map<string, number>();
  for (const name of index?.weightMap.values() ?? []) counts.set(name, (counts.get(name) ?? 0) + 1);
  for (const { name, problems } of missing.slice(0, MAX_PROBLEMS_PER_CODE)) {
    const count = counts.get(name) ?? 0;
    const lost = count === 0 ? 'Its tensors are' : `It holds ${plural(count, 'tensor')} of the index,`;
    const text = `${name} is missing from the folder. ${lost} not shown.`;
    problems.add('error', 'shard-missing', null, text);
  }
  const more = missing.length - MAX_PROBLEMS_PER_CODE;
  if (more > 0)
    general.add(
      'error',
      'shard-missing',
      null,
      `${plural(more, 'more shard is', 'more shards are')} missing.`,
    );
}
