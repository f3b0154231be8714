// model.safetensors.index.json: which tensor lies in which shard. And the names of shards: model-00002-of-00005.safetensors.
//   {"metadata": {"total_size": 9731786240}, "weight_map": {"lm_head.weight": "model-00002-of-00002.safetensors", …}}
import type { CancelSignal } from '../../base/cancel.ts';
import { cancelled } from '../../base/failure.ts';
import { formatCount } from '../../base/units.ts';
import { shorten } from '../../base/visibleText.ts';
import type { ByteSource } from '../byteSource.ts';
import { MAX_HEADER_BYTES } from './header.ts';
import { MAX_TENSORS } from './headerMembers.ts';
import { createJsonReader, eachMember, JsonDamage, type JsonReader } from './jsonReader.ts';

/** The largest published checkpoints have below 300 shards. A name may claim 99,999 and make us look for each. */
export const MAX_SHARDS = 1024;
export const INDEX_ENDING = '.safetensors.index.json';

const SHARD_NAME = /^(.*)-(\d{5,6})-of-(\d{5,6})\.safetensors$/;

export interface ShardName {
  /** "model" of model-00002-of-00005.safetensors. */
  readonly prefix: string;
  /** From 1 on. */
  readonly number: number;
  readonly count: number;
  /** The name of another shard of the same model. */
  sibling(number: number): string;
}

/** The pieces of a shard's name; null for a file that stands alone. */
export function parseShardName(fileName: string): ShardName | null {
  const [, prefix, number, count] = SHARD_NAME.exec(fileName) ?? [];
  if (prefix === undefined || number === undefined || count === undefined) return null;
  if (Number(number) < 1 || Number(number) > Number(count)) return null;
  const sibling = (other: number): string =>
    `${prefix}-${String(other).padStart(number.length, '0')}-of-${count}.safetensors`;
  return { prefix, number: Number(number), count: Number(count), sibling };
}

export interface ShardIndex {
  /** Tensor name → file name, a single path component. */
  readonly weightMap: ReadonlyMap<string, string>;
  /** File names in shard order. */
  readonly fileNames: readonly string[];
  /** Bytes of all tensors as the index says; null when it does not. */
  readonly totalSize: number | null;
}

/** @param onProblem gets each thing that is wrong, as a sentence. Whatever could be read is returned. */
export function readShardIndex(
  source: ByteSource,
  onProblem: (text: string) => void,
  signal: CancelSignal,
): ShardIndex {
  const weightMap = new Map<string, string>();
  let totalSize: number | null = null;
  let hasMap = false;
  const end = Math.min(source.size, MAX_HEADER_BYTES);
  const json = createJsonReader(source, 0, end, (_flaw, byteOffset, text) => {
    onProblem(`Byte ${formatCount(byteOffset)}: ${text}`);
  });
  try {
    eachMember(json, (key) => {
      if (key === 'weight_map' && json.peek() === OPEN_BRACE) {
        hasMap = true;
        readWeightMap(json, weightMap, onProblem, signal);
      } else if (key === 'metadata' && json.peek() === OPEN_BRACE)
        totalSize = readTotalSize(json) ?? totalSize;
      else json.skipValue();
    });
  } catch (error) {
    if (!(error instanceof JsonDamage)) throw error;
    onProblem(`It is damaged at byte ${formatCount(error.byteOffset)}: ${error.message}.`);
  }
  if (!hasMap) onProblem('It has no "weight_map".');
  else if (weightMap.size === 0) onProblem('Its "weight_map" names no tensor.');
  const fileNames = [...new Set(weightMap.values())].sort(byShardNumber);
  if (fileNames.length > MAX_SHARDS)
    onProblem(
      `It names ${formatCount(fileNames.length)} files; the first ${formatCount(MAX_SHARDS)} are read.`,
    );
  return { weightMap, fileNames: fileNames.slice(0, MAX_SHARDS), totalSize };
}

const OPEN_BRACE = 0x7b;
const QUOTE = 0x22;
const ENTRIES_BETWEEN_CANCEL_CHECKS = 1024;

function readWeightMap(
  json: JsonReader,
  weightMap: Map<string, string>,
  onProblem: (text: string) => void,
  signal: CancelSignal,
): void {
  let count = 0;
  let dropped = 0;
  eachMember(json, (tensor) => {
    if (++count % ENTRIES_BETWEEN_CANCEL_CHECKS === 0 && signal.aborted) throw cancelled();
    const shown = shorten(tensor, 120);
    if (weightMap.size === MAX_TENSORS && !weightMap.has(tensor)) {
      dropped += 1;
      json.skipValue();
      return;
    }
    if (json.peek() !== QUOTE) {
      json.skipValue();
      onProblem(`The file of "${shown}" is not a text.`);
      return;
    }
    const fileName = json.string();
    if (weightMap.has(tensor)) onProblem(`"${shown}" stands in it twice.`);
    if (isPlainName(fileName)) weightMap.set(tensor, fileName);
    else
      onProblem(
        `"${shown}" lies in "${shorten(fileName, 120)}", which is not the name of a file in this folder.`,
      );
  });
  if (dropped > 0)
    onProblem(
      `It names ${formatCount(MAX_TENSORS + dropped)} tensors; the first ${formatCount(MAX_TENSORS)} are read.`,
    );
}

function readTotalSize(json: JsonReader): number | null {
  let totalSize: number | null = null;
  eachMember(json, (key) => {
    if (key === 'total_size') totalSize = json.wholeNumber();
    else json.skipValue();
  });
  return totalSize;
}

/** A single path component: nothing that leads out of the folder, no drive, no stream, no control character. */
function isPlainName(name: string): boolean {
  // eslint-disable-next-line no-control-regex -- no file of a model has one in its name
  return name.length <= 255 && /^[^/\\:\u0000-\u001f]+\.safetensors$/.test(name) && name !== '..safetensors';
}

function byShardNumber(left: string, right: string): number {
  const a = parseShardName(left);
  const b = parseShardName(right);
  if (a !== null && b !== null && a.prefix === b.prefix) return a.number - b.number;
  return left < right ? -1 : left > right ? 1 : 0;
}
