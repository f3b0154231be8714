// What llama_model_quantize takes, as include/llama.h of v0.4.0 declares it, laid out in memory that lives as long as the call.
import { Failure } from '../core/base/failure.ts';
import {
  type MetadataOverride,
  QUANTIZE_BUFFER_BYTES,
  type QuantizeJob,
  type TensorTypeRule,
} from '../protocol/quantize.ts';
import type { Importance } from './importance.ts';
import type { Koffi, Library } from './libraries.ts';
import type { Llama } from './llama.ts';
import type { Pointer } from './structs.ts';

export type QuantizeParameters = Record<string, number | boolean>;

export interface QuantizeFunctions {
  defaults(): QuantizeParameters;
  /** 0 when done, 1 when not: the log says why. Runs on a thread of koffi's. */
  run(source: string, output: string, parameters: QuantizeParameters): Promise<number>;
  /** llama.cpp's messages, in pieces, for the rest of the process. */
  onLog(hear: (text: string) => void): void;
}

/** GGML_TYPE_COUNT, which stands for "not set". */
const NO_TYPE = 43;
const PARAMETERS_BYTES = 64;

/** @throws Failure when the library's structure is not the one that stands here */
export function bindQuantize(koffi: Koffi, llama: Library): QuantizeFunctions {
  koffi.struct('llama_model_quantize_params', {
    nthread: 'int32_t',
    ftype: 'int32_t',
    output_tensor_type: 'int32_t',
    token_embedding_type: 'int32_t',
    allow_requantize: 'bool',
    quantize_output_tensor: 'bool',
    only_copy: 'bool',
    pure: 'bool',
    keep_split: 'bool',
    dry_run: 'bool',
    imatrix: 'uintptr_t',
    kv_overrides: 'uintptr_t',
    tt_overrides: 'uintptr_t',
    prune_layers: 'uintptr_t',
    max_buf_size: 'size_t',
  });
  koffi.proto('void llama_log(int level, const char *text, void *data)');
  const defaults = llama.func('llama_model_quantize_params llama_model_quantize_default_params()');
  const values = defaults() as QuantizeParameters;
  const isKnown =
    koffi.sizeof('llama_model_quantize_params') === PARAMETERS_BYTES &&
    values['output_tensor_type'] === NO_TYPE &&
    values['token_embedding_type'] === NO_TYPE &&
    values['quantize_output_tensor'] === true &&
    values['max_buf_size'] === 2 ** 33;
  if (!isKnown)
    throw new Failure('internal', 'This llama.cpp quantizes with other settings than Quantscope knows.');
  const quantize = llama.func(
    'uint32_t llama_model_quantize(const char *source, const char *output, const llama_model_quantize_params *parameters)',
  );
  const setLog = llama.func('void llama_log_set(llama_log *hear, void *data)');
  return {
    defaults: () => defaults() as QuantizeParameters,
    run: (source, output, parameters) =>
      new Promise((resolve, reject) => {
        quantize.async(source, output, parameters, (error: Error | null, code: number) =>
          error === null ? resolve(code) : reject(error),
        );
      }),
    onLog(hear) {
      const heard = koffi.register(
        (_level: number, text: string) => hear(text),
        koffi.pointer(koffi.type('llama_log')),
      );
      setLog(heard, null);
    },
  };
}

/** Arrays that native code reads while it works. A process has one job, so they live as long as the process. */
const kept: ArrayBufferView[] = [];

export function layOutParameters(
  llama: Pick<Llama, 'addressOf'>,
  defaults: QuantizeParameters,
  job: QuantizeJob,
  threads: number,
  importance: readonly Importance[],
): QuantizeParameters {
  const keep = (bytes: ArrayBufferView): Pointer => {
    kept.push(bytes);
    return llama.addressOf(bytes);
  };
  return {
    ...defaults,
    nthread: threads,
    ftype: job.fileType,
    output_tensor_type: job.outputType ?? NO_TYPE,
    token_embedding_type: job.embeddingType ?? NO_TYPE,
    allow_requantize: job.allowRequantize,
    quantize_output_tensor: !job.leaveOutput,
    pure: job.pure,
    keep_split: job.keepSplit,
    dry_run: job.output === null,
    imatrix: importance.length === 0 ? 0 : importanceList(keep, importance),
    kv_overrides: job.metadata.length === 0 ? 0 : overrideList(keep, job.metadata),
    tt_overrides: job.tensorTypes.length === 0 ? 0 : ruleList(keep, job.tensorTypes),
    prune_layers: job.pruneLayers.length === 0 ? 0 : layerList(keep, job.pruneLayers),
    max_buf_size: QUANTIZE_BUFFER_BYTES,
  };
}

type Keep = (bytes: ArrayBufferView) => Pointer;

/** V8 keeps small arrays in its heap, where they would move. */
const outside = (bytes: number): Buffer => Buffer.from(new ArrayBuffer(Math.max(256, bytes)));

function cText(keep: Keep, text: string): bigint {
  const utf8 = Buffer.from(text, 'utf8');
  const target = outside(utf8.length + 1);
  utf8.copy(target);
  return BigInt(keep(target));
}

/** llama_model_tensor_override: pattern, type. Ends with {NULL, 43}. */
function ruleList(keep: Keep, rules: readonly TensorTypeRule[]): Pointer {
  const list = outside(16 * (rules.length + 1));
  rules.forEach(({ pattern, type }, index) => {
    list.writeBigUInt64LE(cText(keep, lowerCase(pattern)), 16 * index);
    list.writeInt32LE(type, 16 * index + 8);
  });
  list.writeInt32LE(NO_TYPE, 16 * rules.length + 8);
  return keep(list);
}

/** As llama-quantize does it, because names are in lower case; but \S stays \S, which it would make \s. */
export const lowerCase = (pattern: string): string =>
  pattern.replace(/\\.|[^\\]+/gs, (piece) => (piece.startsWith('\\') ? piece : piece.toLowerCase()));

/** llama_model_imatrix_data: name, values, count. Ends with zeros. */
function importanceList(keep: Keep, importance: readonly Importance[]): Pointer {
  const list = outside(24 * (importance.length + 1));
  importance.forEach(({ name, values }, index) => {
    list.writeBigUInt64LE(cText(keep, name), 24 * index);
    list.writeBigUInt64LE(BigInt(keep(values)), 24 * index + 8);
    list.writeBigUInt64LE(BigInt(values.length), 24 * index + 16);
  });
  return keep(list);
}

/** Ends with −1. */
function layerList(keep: Keep, layers: readonly number[]): Pointer {
  const list = outside(4 * (layers.length + 1));
  [...layers, -1].forEach((layer, index) => list.writeInt32LE(layer, 4 * index));
  return keep(list);
}

const OVERRIDE_BYTES = 264;
const TEXT_BYTES = 128;
const OVERRIDE_TAGS = { int: 0, float: 1, bool: 2, str: 3 } as const;

/** llama_model_kv_override: tag at 0, key at 4, value at 136. Ends with an empty key. Texts are cut to 127 bytes, as there. */
function overrideList(keep: Keep, overrides: readonly MetadataOverride[]): Pointer {
  const list = outside(OVERRIDE_BYTES * (overrides.length + 1));
  overrides.forEach((override, index) => {
    const at = OVERRIDE_BYTES * index;
    const value = at + 136;
    list.writeInt32LE(OVERRIDE_TAGS[override.type], at);
    Buffer.from(override.key, 'utf8').copy(list, at + 4, 0, TEXT_BYTES - 1);
    if (override.type === 'int') list.writeBigInt64LE(BigInt(override.value), value);
    else if (override.type === 'float') list.writeDoubleLE(override.value, value);
    else if (override.type === 'bool') list.writeUInt8(override.value ? 1 : 0, value);
    else Buffer.from(override.value, 'utf8').copy(list, value, 0, TEXT_BYTES - 1);
  });
  return keep(list);
}
