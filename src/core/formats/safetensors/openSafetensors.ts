// A safetensors model: one file, or all its shards from any of them or from their index, with the configuration beside it.
import type { CancelSignal } from '../../base/cancel.ts';
import { cancelled, Failure } from '../../base/failure.ts';
import { createProblemList, type ProblemList } from '../../base/problemList.ts';
import { plural } from '../../base/units.ts';
import type { ModelFolder } from '../byteSource.ts';
import type { MetadataEntry, ModelFile, Opened } from '../model.ts';
import { createHfPlacer, placeInCompany } from '../naming/hfNames.ts';
import { recognisePacked, type Checkpoint } from '../packed/recognise.ts';
import { smallParts } from '../packed/smallParts.ts';
import { architectureOf, nameOf } from './identity.ts';
import { findShard, reportMissing, type FoundShard } from './foundShard.ts';
import { checkIndex, invalidateDuplicates } from './indexChecks.ts';
import { INDEX_ENDING, MAX_SHARDS, parseShardName, readShardIndex, type ShardIndex } from './shardIndex.ts';
import { readSidecars } from './sidecars.ts';

/** Opens `fileName` (a .safetensors file or an index) of the folder. Throws a Failure only when that file cannot be read or
 * `signal` is aborted. */
export function openSafetensors(folder: ModelFolder, fileName: string, signal: CancelSignal): Opened {
  const general = createProblemList();
  const { fileNames, index } = findFiles(folder, fileName, general, signal);
  const place = createHfPlacer();
  const found = fileNames.map((name, file): FoundShard => {
    if (signal.aborted) throw cancelled();
    return findShard(folder, name, file, place, name === fileName, signal);
  });
  reportMissing(found, index, general);
  const all = found.flatMap(({ shard }) => shard?.tensors ?? []);
  const problems = (): Opened['problems'] => [
    ...general.list(),
    ...found.flatMap((file) => file.problems.list()),
  ];
  if (found.every(({ shard }) => shard === null)) return { model: null, problems: problems() };

  const tensors = invalidateDuplicates(all, found);
  if (index !== null) checkIndex(index, found, general);
  const sidecars = readSidecars(folder, general);
  const texts = textsOf(found);
  const metadata = [...texts, ...sidecars.entries];
  const files = found.map(fileOf);
  const textByKey = new Map(texts.map(({ key, value }) => [key, value]));
  const checkpoint: Checkpoint = {
    tensors,
    documents: sidecars.documents,
    parts: smallParts(folder, files),
    place,
    headerText: (key) => textByKey.get(key),
  };
  const logical = recognisePacked(checkpoint, general);
  return {
    model: {
      container: 'safetensors',
      version: null,
      endianness: 'little',
      files,
      name: nameOf(metadata),
      architecture: architectureOf(metadata),
      metadata,
      tensors: placeInCompany(logical),
    },
    problems: problems(),
  };
}

interface FileSet {
  readonly fileNames: readonly string[];
  readonly index: ShardIndex | null;
}

/** Which files belong together. An index decides; without one the numbers in the names do. */
function findFiles(
  folder: ModelFolder,
  fileName: string,
  problems: ProblemList,
  signal: CancelSignal,
): FileSet {
  const readIndex = (name: string): ShardIndex | null => {
    const report = (text: string): void => {
      problems.add('error', 'index-invalid', null, `${name}: ${text}`);
    };
    try {
      const source = folder.open(name);
      return source === null ? null : readShardIndex(source, report, signal);
    } catch (error) {
      if (!(error instanceof Failure) || error.code === 'cancelled' || name === fileName) throw error;
      report(error.message);
      return null;
    }
  };
  if (fileName.endsWith(INDEX_ENDING)) {
    const index = readIndex(fileName);
    return { fileNames: index?.fileNames ?? [], index };
  }
  const shard = parseShardName(fileName);
  if (shard === null) return { fileNames: [fileName], index: null };
  const indexName = `${shard.prefix}${INDEX_ENDING}`;
  const index = readIndex(indexName);
  if (index?.fileNames.includes(fileName) === true) return { fileNames: index.fileNames, index };
  if (index !== null) {
    const text = `${indexName} does not name this file; the shards are found by their numbers.`;
    problems.add('warning', 'shard-mismatch', null, text);
  }
  if (shard.count > MAX_SHARDS) {
    const text = `The name says ${plural(shard.count, 'shard')}; only this one is read.`;
    problems.add('warning', 'shard-mismatch', null, text);
    return { fileNames: [fileName], index: null };
  }
  const fileNames = Array.from({ length: shard.count }, (_none, at) => shard.sibling(at + 1));
  return { fileNames, index: null };
}

/** `__metadata__` of all shards; what several say the same stands once. */
function textsOf(found: readonly FoundShard[]): (MetadataEntry & { readonly value: string })[] {
  const seen = new Map<string, string>();
  const isSingle = found.length === 1;
  return found.flatMap(({ shard }) =>
    (shard?.texts ?? []).flatMap(
      ({ key, value, byteOffset }): (MetadataEntry & { readonly value: string })[] => {
        if (!isSingle && seen.get(key) === value) return [];
        seen.set(key, value);
        return [{ key, type: 'string', value, source: 'header', byteOffset: isSingle ? byteOffset : null }];
      },
    ),
  );
}

function fileOf({ name, size, shard }: FoundShard): ModelFile {
  return { name, size, dataOffset: shard?.dataOffset ?? null, expectedSize: shard?.expectedSize ?? null };
}
