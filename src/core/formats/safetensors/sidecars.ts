// The small JSON files beside a checkpoint, flattened into metadata: {"rope_scaling": {"type": "yarn"}} → rope_scaling.type.
import { Failure, messageOf } from '../../base/failure.ts';
import type { ProblemList } from '../../base/problemList.ts';
import { formatBytes, formatCount } from '../../base/units.ts';
import { memorySource, type ByteSource, type ModelFolder } from '../byteSource.ts';
import type { MetadataEntry } from '../model.ts';
import type { ConfigDocument } from '../packed/declared.ts';
import { createJsonReader, JsonDamage, type Flaw } from './jsonReader.ts';

/** transformers, GPTQModel, AutoAWQ, ModelOpt, EXL2 and EXL3, PEFT. The first is the model's own description. */
const SIDECARS = [
  'config.json',
  'generation_config.json',
  'quantize_config.json',
  'quant_config.json',
  'hf_quant_config.json',
  'quantization_config.json',
  'adapter_config.json',
] as const;

/** Real ones have below 1 MB, even with a quantization entry for every module. */
const MAX_SIDECAR_BYTES = 4 << 20;
/** Entries kept of one file; labels of classifiers and quantization per module can be thousands. */
const MAX_ENTRIES = 5000;
/** Objects deeper than this stay one JSON text. */
const MAX_FLAT_DEPTH = 6;

export interface Sidecars {
  readonly entries: readonly MetadataEntry[];
  /** The same whole, as it was parsed: the entries are capped and flat. */
  readonly documents: readonly ConfigDocument[];
}

/** What the files beside the model say. A damaged one is a problem, never an obstacle. */
export function readSidecars(folder: ModelFolder, problems: ProblemList): Sidecars {
  const documents = SIDECARS.flatMap((name): ConfigDocument[] => {
    try {
      const source = folder.open(name);
      return source === null ? [] : [{ name, value: parse(source) }];
    } catch (error) {
      if (error instanceof Failure && error.code === 'cancelled') throw error;
      const where = error instanceof JsonDamage ? `at byte ${formatCount(error.byteOffset)}: ` : '';
      problems.add('warning', 'config-invalid', null, `${name} is left out: ${where}${messageOf(error)}.`);
      return [];
    }
  });
  return { entries: documents.flatMap(entriesOf), documents };
}

function entriesOf({ name, value }: ConfigDocument): MetadataEntry[] {
  const entries: MetadataEntry[] = [];
  flatten(value, '', 0, (key, item) => {
    if (entries.length < MAX_ENTRIES) entries.push({ key, ...typed(item), source: name, byteOffset: null });
  });
  return entries;
}

/** Throws an Error whose message is the end of a sentence, without a full stop. */
function parse(source: ByteSource): object {
  if (source.size > MAX_SIDECAR_BYTES)
    throw new Error(
      `it has ${formatBytes(source.size)}, more than the ${formatBytes(MAX_SIDECAR_BYTES)} that are read`,
    );
  const bytes = new Uint8Array(source.size);
  const text = new TextDecoder().decode(bytes.subarray(0, source.read(0, bytes)));
  createJsonReader(memorySource(bytes), 0, bytes.length, refuseMalformed).skipValue(); // says where, and how deep it is
  const value: unknown = JSON.parse(text);
  if (!isRecord(value)) throw new Error('it holds no object');
  return value;
}

function refuseMalformed(flaw: Flaw, byteOffset: number, text: string): void {
  if (flaw === 'malformed') throw new JsonDamage(byteOffset, text);
}

function flatten(
  value: object,
  prefix: string,
  depth: number,
  add: (key: string, value: unknown) => void,
): void {
  for (const [name, item] of Object.entries(value)) {
    const key = `${prefix}${name}`;
    if (isRecord(item) && depth < MAX_FLAT_DEPTH && Object.keys(item).length > 0)
      flatten(item, `${key}.`, depth + 1, add);
    else add(key, item);
  }
}

function typed(value: unknown): Pick<MetadataEntry, 'type' | 'value'> {
  if (typeof value === 'string') return { type: 'string', value };
  if (typeof value === 'boolean') return { type: 'bool', value };
  if (typeof value === 'number') return { type: Number.isInteger(value) ? 'int64' : 'float64', value };
  return { type: 'json', value: JSON.stringify(value) };
}

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
