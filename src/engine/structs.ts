// The structures that llama.cpp takes and gives, as include/llama.h of v0.4.0 declares them, and the check that these are the
// ones of the library at hand: a field that moved would be a crash, or worse, wrong numbers.
import { Failure } from '../core/base/failure.ts';
import type { Koffi, Library } from './libraries.ts';

/** An address. Pointers to what llama.cpp owns are passed around as numbers: below 2^48 on every platform there is. */
export type Pointer = number;

/** What is set of llama_model_params; the rest stays as the library's defaults have it. */
export interface ModelParameters {
  devices: Pointer;
  n_gpu_layers: number;
  progress_callback: unknown;
  use_extra_bufts: boolean;
}

export interface ContextParameters {
  n_ctx: number;
  n_batch: number;
  n_ubatch: number;
  n_seq_max: number;
  n_outputs_max: number;
  n_threads: number;
  n_threads_batch: number;
  /** Called before and after every operation; 0: nobody listens. */
  cb_eval: Pointer;
  abort_callback: Pointer;
  abort_callback_data: Pointer;
}

export interface Batch {
  readonly n_tokens: number;
  readonly token: Pointer;
  readonly embd: Pointer;
  readonly pos: Pointer;
  readonly n_seq_id: Pointer;
  readonly seq_id: Pointer;
  readonly logits: Pointer;
}

/** Bytes of each structure where pointers have 64 bits. */
const SIZES = { llama_model_params: 80, llama_context_params: 160, llama_batch: 56 } as const;

/** The version whose header this file follows. */
const LLAMA_VERSION = /^0\.4\.0\b/;

export function defineStructs(koffi: Koffi): void {
  koffi.proto('bool llama_progress(float share, void *data)');
  koffi.struct('llama_model_params', {
    devices: 'uintptr_t',
    tensor_buft_overrides: 'uintptr_t',
    n_gpu_layers: 'int32_t',
    split_mode: 'int32_t',
    load_mode: 'int32_t',
    lazy_mode: 'int32_t',
    main_gpu: 'int32_t',
    tensor_split: 'uintptr_t',
    progress_callback: 'llama_progress *',
    progress_callback_user_data: 'uintptr_t',
    kv_overrides: 'uintptr_t',
    ...booleans('vocab_only', 'check_tensors', 'use_extra_bufts', 'no_host', 'no_alloc', 'load_mtp'),
  });
  koffi.struct('llama_context_params', {
    n_ctx: 'uint32_t',
    n_batch: 'uint32_t',
    n_ubatch: 'uint32_t',
    n_seq_max: 'uint32_t',
    n_rs_seq: 'uint32_t',
    n_outputs_max: 'uint32_t',
    n_outputs_max_per_seq: 'uint32_t',
    n_threads: 'int32_t',
    n_threads_batch: 'int32_t',
    ctx_type: 'int32_t',
    rope_scaling_type: 'int32_t',
    pooling_type: 'int32_t',
    attention_type: 'int32_t',
    flash_attn_type: 'int32_t',
    rope_freq_base: 'float',
    rope_freq_scale: 'float',
    yarn_ext_factor: 'float',
    yarn_attn_factor: 'float',
    yarn_beta_fast: 'float',
    yarn_beta_slow: 'float',
    yarn_orig_ctx: 'uint32_t',
    defrag_thold: 'float',
    cb_eval: 'uintptr_t',
    cb_eval_user_data: 'uintptr_t',
    type_k: 'int32_t',
    type_v: 'int32_t',
    abort_callback: 'uintptr_t',
    abort_callback_data: 'uintptr_t',
    ...booleans('embeddings', 'offload_kqv', 'no_perf', 'op_offload', 'swa_full', 'kv_unified'),
    samplers: 'uintptr_t',
    n_samplers: 'size_t',
    ctx_other: 'uintptr_t',
  });
  koffi.struct('llama_batch', {
    n_tokens: 'int32_t',
    token: 'uintptr_t',
    embd: 'uintptr_t',
    pos: 'uintptr_t',
    n_seq_id: 'uintptr_t',
    seq_id: 'uintptr_t',
    logits: 'uintptr_t',
  });
}

const booleans = (...names: readonly string[]): Record<string, 'bool'> =>
  Object.fromEntries(names.map((name) => [name, 'bool']));

/** What the defaults of that version are, at the beginning, in the middle and at the end of each structure. */
const DEFAULTS = {
  llama_model_default_params: { n_gpu_layers: -1, split_mode: 1, use_extra_bufts: true, no_alloc: false },
  llama_context_default_params: {
    n_ctx: 512,
    n_batch: 2048,
    n_ubatch: 512,
    type_k: 1,
    type_v: 1,
    no_perf: true,
  },
} as const;

/**
 * Called before anything else of the library.
 * @throws Failure when it is not the version this program was written for
 */
export function checkInterface(koffi: Koffi, llama: Library): string {
  const version = String(llama.func('const char *llama_version()')());
  if (!LLAMA_VERSION.test(version)) throw foreign(`it is version ${version}`);
  for (const [name, size] of Object.entries(SIZES))
    if (koffi.sizeof(name) !== size)
      throw foreign(`${name} has ${koffi.sizeof(name)} bytes here, not ${size}`);
  for (const [name, expected] of Object.entries(DEFAULTS)) {
    const type = name.replace('_default', '');
    const values = llama.func(`${type} ${name}()`)() as Record<string, unknown>;
    for (const [field, value] of Object.entries(expected))
      if (values[field] !== value)
        throw foreign(`${field} of ${name} is ${String(values[field])}, not ${value}`);
  }
  return version;
}

const foreign = (why: string): Failure =>
  new Failure(
    'internal',
    `This llama.cpp is not the one Quantscope was made for: ${why}. Install Quantscope again.`,
  );
