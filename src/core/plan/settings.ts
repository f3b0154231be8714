// The settings of llama.cpp and Ollama that make a run what was planned.
import type { CacheType } from './cacheTypes.ts';
import type { MemoryRequest } from './memoryPlan.ts';

/** llama-server's, after the program's name; `layers` of the model tell whether all are on the GPU. */
export function llamaCppSettings(request: MemoryRequest): string {
  const { contextTokens, sequences, unified, keyType, valueType, gpuLayers, expertsOnCpu, batchTokens } =
    request;
  return [
    `-c ${contextTokens * sequences}`,
    `-np ${sequences}`,
    ...(sequences > 1 ? [unified ? '-kvu' : '-no-kvu'] : []),
    `-ngl ${gpuLayers}`,
    ...(expertsOnCpu > 0 ? [`--n-cpu-moe ${expertsOnCpu}`] : []),
    ...(keyType === 'f16' ? [] : [`-ctk ${keyType}`]),
    ...(valueType === 'f16' ? [] : [`-ctv ${valueType}`]),
    `-fa ${request.flashAttention ? 'on' : 'off'}`,
    // -ub is cut to -b.
    ...(batchTokens > DEFAULT_BATCH_LIMIT ? [`-b ${batchTokens}`] : []),
    ...(batchTokens === DEFAULT_BATCH_TOKENS ? [] : [`-ub ${batchTokens}`]),
  ].join(' ');
}

/** What a server takes besides, as it comes (common/common.h, cache_ram_mib). */
export const SERVER_KEEPS =
  'llama-server also keeps prompts it has read in RAM, up to 8 GiB of them (--cache-ram); they are not counted.';

/** @param path of the model; of several files the first */
export const llamaServerCommand = (request: MemoryRequest, path: string): string =>
  `llama-server -m ${shellWord(path)} ${llamaCppSettings(request)}`;

/** Stands for a path that no shell would read as it is, or that is no GGUF. */
const SOME_MODEL = 'MODEL.gguf';

/** A path as one word of a command: a name may hold anything, and must not run. */
function shellWord(path: string): string {
  if (!/\.gguf$/i.test(path) || hasControls(path)) return SOME_MODEL;
  if (/^[\w./:@+,=-]+$/.test(path)) return path;
  // Of Windows: no quote can be in a name, but what its shells expand inside of quotes.
  if (/^([a-z]:)?\\/i.test(path)) return /[$`%"!^&|<>]/.test(path) ? SOME_MODEL : `"${path}"`;
  return `'${path.replaceAll("'", `'\\''`)}'`;
}

const hasControls = (text: string): boolean =>
  [...text].some((character) => {
    const code = character.codePointAt(0) ?? 0;
    return code < 0x20 || (code >= 0x7f && code < 0xa0) || /\p{Cf}|\p{Zl}|\p{Zp}/u.test(character);
  });

/** llama.cpp's default of -ub, and Ollama's of num_batch. */
export const DEFAULT_BATCH_TOKENS = 512;
/** llama.cpp's default of -b. */
const DEFAULT_BATCH_LIMIT = 2048;

export interface OllamaSettings {
  /** Lines of a Modelfile. */
  readonly modelfile: readonly string[];
  /** Variables of the server's environment. */
  readonly environment: readonly string[];
  /** What Ollama cannot be told; null when it can be told everything. */
  readonly missing: string | null;
}

/** Ollama has one type for keys and values, and knows these. */
const OLLAMA_TYPES: readonly CacheType[] = ['f16', 'q8_0', 'q4_0'];

/** @param path of the model, for a Modelfile of its own; left out where it is not known */
export function ollamaSettings(request: MemoryRequest, path?: string): OllamaSettings {
  const { contextTokens, sequences, keyType, valueType, gpuLayers, flashAttention, batchTokens } = request;
  const hasType = keyType === valueType && OLLAMA_TYPES.includes(keyType);
  const missing = [
    ...(hasType ? [] : [`a cache of ${keyType === valueType ? keyType : `${keyType} and ${valueType}`}`]),
    ...(request.expertsOnCpu > 0 ? ['experts in RAM'] : []),
    ...(request.unified && sequences > 1 ? ['one cache for all sequences'] : []),
  ];
  return {
    modelfile: [
      ...(path === undefined ? [] : [`FROM ${hasControls(path) ? SOME_MODEL : path}`]),
      `PARAMETER num_ctx ${contextTokens}`,
      `PARAMETER num_gpu ${gpuLayers}`,
      ...(batchTokens === DEFAULT_BATCH_TOKENS ? [] : [`PARAMETER num_batch ${batchTokens}`]),
    ],
    environment: [
      `OLLAMA_NUM_PARALLEL=${sequences}`,
      `OLLAMA_FLASH_ATTENTION=${flashAttention ? 1 : 0}`,
      ...(hasType ? [`OLLAMA_KV_CACHE_TYPE=${keyType}`] : []),
    ],
    missing: missing.length === 0 ? null : `Ollama has no setting for ${missing.join(' and ')}.`,
  };
}
