// A quantization before anything is written: every tensor with its type, why, and its bytes.
import { Failure, internal } from '../../core/base/failure.ts';
import { visibleText } from '../../core/base/visibleText.ts';
import type { MetadataEntry, Model, Tensor } from '../../core/formats/model.ts';
import type { Scheme } from '../../core/quant/scheme.ts';
import type { MetadataOverride, TensorDecision } from '../../protocol/quantize.ts';
import { headerBytes, type WrittenMetadata } from './headerBytes.ts';
import { type Reason, reasonOf, reasonText } from './reasons.ts';
import type { Recipe } from './recipe.ts';
import { type QuantizeTarget, schemeOfGgmlName } from './targets.ts';

export interface PlannedTensor {
  /** As it stands in the output. */
  readonly name: string;
  readonly source: Tensor;
  readonly from: Scheme;
  readonly to: Scheme;
  readonly reason: string;
  readonly why: Reason;
  /** Index of the rule for tensors whose pattern finds it, whether it had its way or not; null: none does. */
  readonly rule: number | null;
  readonly bytesBefore: number;
  readonly bytesAfter: number;
}

export interface QuantizePlan {
  readonly tensors: readonly PlannedTensor[];
  /** Of all files, headers included. */
  readonly fileBytes: number;
  readonly tensorBytes: number;
  readonly bitsPerWeight: number;
  /** Sentences: what is not as one might think. */
  readonly notes: readonly string[];
}

/** @throws Failure when llama.cpp decided for other tensors than the model has */
export function planOf(
  model: Model,
  recipe: Recipe,
  target: QuantizeTarget,
  decisions: readonly TensorDecision[],
  added: readonly WrittenMetadata[],
): QuantizePlan {
  const kept = keptTensors(model, recipe.pruneLayers);
  if (decisions.length !== kept.size)
    throw internal(`llama.cpp planned ${decisions.length} tensors of ${kept.size}.`);
  const tensors = decisions.map((decision): PlannedTensor => {
    const source = kept.get(decision.name);
    const to = schemeOfGgmlName(decision.to);
    const bytesAfter = to === null || source === undefined ? null : bytesIn(to, source);
    if (source === undefined || to === null || bytesAfter === null)
      throw internal(`llama.cpp planned ${visibleText(decision.name)} in a way that is not known here.`);
    const why = reasonOf({ source, to, decision, recipe, target });
    return {
      name: decision.name,
      source,
      from: source.scheme,
      to,
      reason: reasonText(why),
      ...{ why, rule: decision.rule },
      bytesBefore: source.byteLength ?? 0,
      bytesAfter,
    };
  });
  const tensorBytes = tensors.reduce((sum, { bytesAfter }) => sum + bytesAfter, 0);
  const weights = tensors.reduce((sum, { source }) => sum + source.elementCount, 0);
  return {
    tensors,
    fileBytes: fileBytesOf(model, recipe, tensors, added),
    tensorBytes,
    bitsPerWeight: (8 * tensorBytes) / Math.max(1, weights),
    notes: notesOf(model, recipe, decisions),
  };
}

/** Tensors by their name in the output, where the layers that are left move up. */
export function keptTensors(model: Model, pruned: readonly number[]): ReadonlyMap<string, Tensor> {
  const gone = new Set(pruned);
  const kept = new Map<string, Tensor>();
  for (const tensor of model.tensors) {
    const [text = '', digits] = /blk\.(\d+)\./.exec(tensor.name) ?? [];
    const layer = Number(digits);
    if (digits === undefined || gone.size === 0) kept.set(tensor.name, tensor);
    else if (!gone.has(layer)) {
      const above = pruned.filter((one) => one < layer).length;
      kept.set(tensor.name.replace(text, `blk.${layer - above}.`), tensor);
    }
  }
  if (kept.size === 0) throw new Failure('wrong-usage', 'No tensor is left.');
  return kept;
}

/** null where rows are no whole number of blocks. */
function bytesIn({ blockBytes, blockWeights }: Scheme, { shape, elementCount }: Tensor): number | null {
  const rowLength = shape[0] ?? 1;
  return blockBytes === null || rowLength % blockWeights !== 0
    ? null
    : (elementCount / blockWeights) * blockBytes;
}

const ALIGNMENT = 32;
const padded = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

function fileBytesOf(
  model: Model,
  { keepSplit }: Recipe,
  tensors: readonly PlannedTensor[],
  added: readonly WrittenMetadata[],
): number {
  const data = tensors.reduce((sum, { bytesAfter }) => sum + padded(bytesAfter), 0);
  const files = keepSplit ? model.files.map((_file, index) => index) : [null];
  const headers = files.map((file) => {
    const inside = tensors.filter(({ source }) => file === null || source.file === file);
    return padded(
      headerBytes(model, inside, { added, hasMetadata: (file ?? 0) === 0, isSplit: files.length > 1 }),
    );
  });
  return data + headers.reduce((sum, bytes) => sum + bytes, 0);
}

function notesOf(
  model: Model,
  { tensorTypes, pruneLayers, metadata }: Recipe,
  decisions: readonly TensorDecision[],
): string[] {
  const used = new Set(decisions.map(({ rule }) => rule));
  const layers = new Set(model.tensors.map(({ name }) => Number(/blk\.(\d+)\./.exec(name)?.[1] ?? NaN)));
  const isCopy = pruneLayers.length + metadata.length === 0 && decisions.every(({ from, to }) => from === to);
  const fallbacks = decisions.filter(({ fellBackFrom }) => fellBackFrom !== null).length;
  return [
    ...(isCopy ? ['Every tensor has its type already, and stays as it is.'] : []),
    ...tensorTypes
      .filter((_rule, index) => !used.has(index))
      .map(({ pattern }) => `The pattern "${visibleText(pattern)}" decides about no tensor.`),
    ...metadata.flatMap((override) => {
      const entry = model.metadata.find(({ key }) => key === override.key);
      return entry === undefined ? [] : otherKind(entry, override);
    }),
    ...pruneLayers
      .filter((layer) => !layers.has(layer))
      .map((layer) => `There is no layer ${layer} to leave out.`),
    ...(fallbacks === 0
      ? []
      : [
          `${fallbacks} of ${decisions.length} tensors cannot have their type, because of the length of their rows.`,
        ]),
  ];
}

const KINDS: Readonly<Record<MetadataOverride['type'], readonly [types: RegExp, words: string]>> = {
  int: [/int/, 'a whole number'],
  float: [/^float/, 'a float'],
  bool: [/^bool$/, 'a boolean'],
  str: [/^string$/, 'a text'],
};

/** llama.cpp writes it all the same; who loads the file expects the kind it knows. */
function otherKind({ key, type: before }: MetadataEntry, { type }: MetadataOverride): string[] {
  if (KINDS[type][0].test(before)) return [];
  const [, was] = Object.values(KINDS).find(([types]) => types.test(before)) ?? [null, 'a list'];
  return [
    `"${visibleText(key)}" is ${was} in the source, and would become ${KINDS[type][1]}: programs may refuse to load it.`,
  ];
}
