// The functions of llama.cpp that measuring needs, typed. Long ones are called on a thread of koffi's, so that this one hears
// a cancel meanwhile.
import { Failure } from '../core/base/failure.ts';
import type { Libraries } from './libraries.ts';
import {
  type Batch,
  checkInterface,
  type ContextParameters,
  defineStructs,
  type ModelParameters,
  type Pointer,
} from './structs.ts';

/** llama.cpp did not do what it was asked for; why stands in its log. */
export class LlamaFailure extends Failure {}

export interface Llama {
  readonly version: string;
  loadBackends(): void;
  readonly devices: DeviceFunctions;
  modelParameters(): ModelParameters;
  contextParameters(): ContextParameters;
  /** 0 when it could not be loaded; the log says why. @param tell hears the share that is loaded; false from it stops */
  loadModel(path: string, parameters: ModelParameters, tell: (share: number) => boolean): Promise<Pointer>;
  freeModel(model: Pointer): void;
  /** 0 when there is not enough memory. */
  createContext(model: Pointer, parameters: ContextParameters): Promise<Pointer>;
  freeContext(context: Pointer): void;
  layerCount(model: Pointer): number;
  readonly vocabulary: VocabularyFunctions;
  clearMemory(context: Pointer): void;
  /** 0 when done, 2 when aborted, else an error. */
  decode(context: Pointer, batch: Batch): Promise<number>;
  /** Rows of logits of the last decode, one after the other. */
  logits(context: Pointer): Pointer;
  /** Copies native memory. External buffers would spare it, but Electron forbids them. */
  copy(target: ArrayBufferView, source: Pointer, bytes: number): void;
  /** Address of what stands in an array; the array must live as long as it is used. */
  addressOf(array: ArrayBufferView): Pointer;
  /** A C function that answers 0 for a byte 0 at its argument, and 1 for a byte 1 with a 0 after it. */
  readonly flagReader: Pointer;
  /** Between float32 and float16, `count` of them. */
  toHalf(source: Float32Array, target: Uint16Array, count: number): void;
  fromHalf(source: Uint16Array, target: Float32Array, count: number): void;
}

export interface DeviceFunctions {
  count(): number;
  get(index: number): Pointer;
  name(device: Pointer): string;
  description(device: Pointer): string;
  /** 0 CPU, 1 GPU, 2 integrated GPU, 3 accelerator of the CPU. */
  type(device: Pointer): number;
  backend(device: Pointer): string;
  memory(device: Pointer): { readonly free: number; readonly total: number };
}

export interface VocabularyFunctions {
  of(model: Pointer): Pointer;
  size(vocabulary: Pointer): number;
  addsBos(vocabulary: Pointer): boolean;
  bos(vocabulary: Pointer): number;
  /** Writes tokens; a negative answer is minus the number that would be needed. */
  tokenize(vocabulary: Pointer, utf8: Uint8Array, target: Int32Array): Promise<number>;
  /** Writes the UTF-8 of a token; a negative answer is minus the bytes that would be needed. */
  piece(vocabulary: Pointer, token: number, target: Uint8Array): number;
}

/** @throws Failure when the libraries are not those this program was written for */
export function bindLlama({ koffi, folder, ggmlBase, ggml, llama, c }: Libraries): Llama {
  defineStructs(koffi);
  const version = checkInterface(koffi, llama);
  const asynchronous = <T>(name: string, ...values: readonly unknown[]): Promise<T> =>
    new Promise((resolve, reject) => {
      functions[name]?.async(...values, (error: Error | null, answer: T) =>
        error === null ? resolve(answer) : reject(error),
      );
    });
  const functions = Object.fromEntries(
    [
      'uintptr_t llama_model_load_from_file(const char *path, llama_model_params parameters)',
      'uintptr_t llama_init_from_model(uintptr_t model, llama_context_params parameters)',
      'int32_t llama_decode(uintptr_t context, llama_batch batch)',
      'int32_t llama_tokenize(uintptr_t vocabulary, const uint8_t *text, int32_t bytes, int32_t *tokens, int32_t limit, bool special, bool parse)',
    ].map((declaration) => [/(\w+)\(/.exec(declaration)?.[1] ?? '', llama.func(declaration)]),
  );
  const bind = <F>(library: { func(declaration: string): unknown }, declaration: string): F =>
    library.func(declaration) as F;
  const deviceBackend = bind<(device: Pointer) => Pointer>(
    ggmlBase,
    'uintptr_t ggml_backend_dev_backend_reg(uintptr_t device)',
  );
  const backendName = bind<(backend: Pointer) => string>(
    ggmlBase,
    'const char *ggml_backend_reg_name(uintptr_t backend)',
  );
  const deviceMemory = bind<(device: Pointer, free: BigUint64Array, total: BigUint64Array) => void>(
    ggmlBase,
    'void ggml_backend_dev_memory(uintptr_t device, uint64_t *free, uint64_t *total)',
  );
  const memory = bind<(context: Pointer) => Pointer>(llama, 'uintptr_t llama_get_memory(uintptr_t context)');
  const clear = bind<(memory: Pointer, data: boolean) => void>(
    llama,
    'void llama_memory_clear(uintptr_t memory, bool data)',
  );
  const memcpy = bind<(target: ArrayBufferView, source: Pointer, bytes: number) => void>(
    c,
    'void *memcpy(void *target, uintptr_t source, size_t bytes)',
  );
  const piece = bind<
    (
      vocabulary: Pointer,
      token: number,
      target: Uint8Array,
      length: number,
      strip: number,
      special: boolean,
    ) => number
  >(
    llama,
    'int32_t llama_token_to_piece(uintptr_t vocabulary, int32_t token, uint8_t *target, int32_t length, int32_t strip, bool special)',
  );
  return {
    version,
    loadBackends: () =>
      bind<(folder: string) => void>(
        ggml,
        'void ggml_backend_load_all_from_path(const char *folder)',
      )(folder),
    devices: {
      count: bind(ggml, 'size_t ggml_backend_dev_count()'),
      get: bind(ggml, 'uintptr_t ggml_backend_dev_get(size_t index)'),
      name: bind(ggmlBase, 'const char *ggml_backend_dev_name(uintptr_t device)'),
      description: bind(ggmlBase, 'const char *ggml_backend_dev_description(uintptr_t device)'),
      type: bind(ggmlBase, 'int ggml_backend_dev_type(uintptr_t device)'),
      backend: (device) => backendName(deviceBackend(device)),
      memory(device) {
        const [free, total] = [new BigUint64Array(1), new BigUint64Array(1)];
        deviceMemory(device, free, total);
        return { free: Number(free[0]), total: Number(total[0]) };
      },
    },
    modelParameters: bind(llama, 'llama_model_params llama_model_default_params()'),
    contextParameters: bind(llama, 'llama_context_params llama_context_default_params()'),
    async loadModel(path, parameters, tell) {
      const heard = koffi.register(
        (share: number) => tell(share),
        koffi.pointer(koffi.type('llama_progress')),
      );
      try {
        return await asynchronous<Pointer>('llama_model_load_from_file', path, {
          ...parameters,
          progress_callback: heard,
        });
      } finally {
        koffi.unregister(heard);
      }
    },
    freeModel: bind(llama, 'void llama_model_free(uintptr_t model)'),
    createContext: (model, parameters) => asynchronous('llama_init_from_model', model, parameters),
    freeContext: bind(llama, 'void llama_free(uintptr_t context)'),
    layerCount: bind(llama, 'int32_t llama_model_n_layer(uintptr_t model)'),
    vocabulary: {
      of: bind(llama, 'uintptr_t llama_model_get_vocab(uintptr_t model)'),
      size: bind(llama, 'int32_t llama_vocab_n_tokens(uintptr_t vocabulary)'),
      addsBos: bind(llama, 'bool llama_vocab_get_add_bos(uintptr_t vocabulary)'),
      bos: bind(llama, 'int32_t llama_vocab_bos(uintptr_t vocabulary)'),
      // Special tokens that stand in the text are text: as llama-perplexity reads a file.
      tokenize: (vocabulary, utf8, target) =>
        asynchronous('llama_tokenize', vocabulary, utf8, utf8.length, target, target.length, true, false),
      piece: (vocabulary, token, target) => piece(vocabulary, token, target, target.length, 0, true),
    },
    clearMemory: (context) => clear(memory(context), true),
    decode: (context, batch) => asynchronous('llama_decode', context, batch),
    logits: bind(llama, 'uintptr_t llama_get_logits(uintptr_t context)'),
    copy: memcpy,
    addressOf: (array) => Number(koffi.address(array)),
    flagReader: Number(koffi.address(c.symbol?.('strlen', 'void *'))),
    toHalf: bind(
      ggmlBase,
      'void ggml_fp32_to_fp16_row(const float *source, uint16_t *target, int64_t count)',
    ),
    fromHalf: bind(
      ggmlBase,
      'void ggml_fp16_to_fp32_row(const uint16_t *source, float *target, int64_t count)',
    ),
  };
}
