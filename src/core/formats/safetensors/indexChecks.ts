// Does the index agree with the shards it speaks of, and do the shards agree with each other?
import type { ProblemList } from '../../base/problemList.ts';
import { formatCount } from '../../base/units.ts';
import { shorten } from '../../base/visibleText.ts';
import type { Tensor } from '../model.ts';
import type { FoundShard } from './foundShard.ts';
import type { ShardIndex } from './shardIndex.ts';

const MAX_NAME_SHOWN = 120;

/** A name that an earlier shard has already makes the later tensor invalid, and is reported in its file. */
export function invalidateDuplicates(
  tensors: readonly Tensor[],
  found: readonly FoundShard[],
): readonly Tensor[] {
  if (found.length === 1) return tensors; // its header was checked
  const files = new Map<string, number>();
  return tensors.map((tensor): Tensor => {
    const before = files.get(tensor.name) ?? tensor.file;
    files.set(tensor.name, before);
    if (before === tensor.file) return tensor;
    const text = `"${shorten(tensor.name, MAX_NAME_SHOWN)}" lies in ${found[before]?.name ?? ''} too.`;
    found[tensor.file]?.problems.add('error', 'tensor-name-duplicate', tensor.byteOffset, text, tensor.name);
    return { ...tensor, state: 'invalid' };
  });
}

export function checkIndex(index: ShardIndex, found: readonly FoundShard[], problems: ProblemList): void {
  const report = (tensor: string, text: string): void => {
    problems.add('error', 'index-mismatch', null, `"${shorten(tensor, MAX_NAME_SHOWN)}" ${text}`, tensor);
  };
  const fileOf = new Map<string, string>();
  for (const { name, shard } of found)
    for (const tensor of shard?.tensors ?? []) {
      if (!fileOf.has(tensor.name)) fileOf.set(tensor.name, name);
      if (!index.weightMap.has(tensor.name))
        report(tensor.name, `lies in ${name}, but the index does not name it.`);
    }
  // What a damaged shard has behind its damage nobody knows.
  const whole = new Set(found.filter(({ shard }) => shard?.isWhole === true).map(({ name }) => name));
  for (const [tensor, fileName] of index.weightMap) {
    const actual = fileOf.get(tensor);
    if (actual === fileName || !whole.has(fileName)) continue;
    report(
      tensor,
      `lies in ${fileName} by the index, but ${actual === undefined ? 'is not there' : `is in ${actual}`}.`,
    );
  }

  const bytes = found
    .flatMap(({ shard }) => shard?.tensors ?? [])
    .reduce((sum, { byteLength }) => sum + (byteLength ?? 0), 0);
  if (whole.size === found.length && index.totalSize !== null && index.totalSize !== bytes) {
    const text = `The index says that all tensors have ${formatCount(index.totalSize)} bytes; they have ${formatCount(bytes)}.`;
    problems.add('info', 'index-mismatch', null, text);
  }
}
