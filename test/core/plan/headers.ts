// Makes GGUF headers in memory from the few numbers that a configuration has, and opens them with the real reader.
import { readArrayItems } from '../../../src/core/formats/gguf/arrays.ts';
import { isArrayRef, type Model } from '../../../src/core/formats/model.ts';
import { openModel } from '../../../src/core/formats/openModel.ts';
import type { ReadNumbers } from '../../../src/core/plan/shapeKeys.ts';
import {
  arrayOf,
  sparseSource,
  text,
  uint32,
  writeGguf,
  type GgufSpec,
  type TensorSpec,
  type ValueSpec,
} from '../../support/ggufWriter.ts';

const F32 = 0;
const Q8_0 = 8;
export const Q4_K = 12;
const Q6_K = 14;
export const MXFP4 = 39;

export interface Spec {
  readonly architecture: string;
  readonly layers: number;
  readonly embedding: number;
  readonly vocabulary: number;
  readonly context: number;
  /** Keys behind the architecture's name; a list is one number a layer. */
  readonly keys: Readonly<Record<string, number | readonly number[]>>;
  readonly hasOutput: boolean;
  /** Where the last norm has another name than output_norm. */
  readonly outputNorm?: string;
  /** ggml type of the matrices; norms are F32. */
  readonly type?: number;
  readonly layer: (index: number) => readonly (readonly [name: string, ...dims: number[]])[];
}

export function specOf(spec: Spec): GgufSpec {
  const { architecture, layers, embedding, vocabulary, type = Q8_0 } = spec;
  const keys = Object.entries({
    block_count: layers,
    embedding_length: embedding,
    context_length: spec.context,
    vocab_size: vocabulary,
    ...spec.keys,
  }).map(([key, value]) => ({
    key: `${architecture}.${key}`,
    value: valueOf(key, value),
  }));
  const typed = (name: string, dims: readonly number[]): TensorSpec => ({
    name,
    dims,
    type:
      dims.length === 1 ||
      /ssm_(a|d|conv1d|norm)|shortconv.conv|gate_inp/.test(name) ||
      name.endsWith('.bias')
        ? F32
        : typeOf(name, type),
  });
  return {
    metadata: [
      { key: 'general.architecture', value: text(architecture) },
      ...keys,
      { key: 'tokenizer.ggml.model', value: text('no_vocab') },
    ],
    tensors: [
      typed('token_embd.weight', [embedding, vocabulary]),
      ...Array.from({ length: layers }, (_, index) =>
        spec.layer(index).map(([name, ...dims]) => typed(`blk.${index}.${name}`, dims)),
      ).flat(),
      typed(`${spec.outputNorm ?? 'output_norm'}.weight`, [embedding]),
      ...(spec.hasOutput ? [typed('output.weight', [embedding, vocabulary])] : []),
    ],
  };
}

const typeOf = (name: string, type: number): number =>
  name === 'output.weight' && type === Q4_K
    ? Q6_K
    : /_exps\.weight/.test(name) && type === MXFP4
      ? MXFP4
      : type === MXFP4
        ? Q8_0
        : type;

function valueOf(key: string, value: number | readonly number[]): ValueSpec {
  if (typeof value !== 'number') return arrayOf(key.includes('pattern') ? 'bool' : 'uint32', value);
  return /epsilon|scale$/.test(key) ? { type: 'float32', value } : uint32(value);
}

/** A model of any header, its data all zeros. */
export function modelOf(spec: GgufSpec): {
  readonly model: Model;
  readonly readNumbers: ReadNumbers;
} {
  const { header, fileSize } = writeGguf(spec);
  const source = sparseSource(header, fileSize);
  const { model, problems } = openModel({ open: () => source }, 'model.gguf');
  const worst = problems.find(({ severity }) => severity === 'error');
  if (model === null || worst !== undefined) throw new Error(worst?.text ?? 'There is no model.');
  return {
    model,
    readNumbers(key) {
      const array = model.metadata.find((entry) => entry.key === key)?.value;
      if (array === undefined || !isArrayRef(array)) return null;
      const items = readArrayItems(source, array, { version: 3, endianness: 'little' }, 0, array.count);
      return items.map(({ value }) => Number(value));
    },
  };
}
