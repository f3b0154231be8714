// What the engine is asked about memory, and what it answers: how much llama.cpp would allocate for a run, without allocating it.
import type { CheckedModel, DeviceSettings } from './engine.ts';

export interface MemoryJob {
  readonly model: CheckedModel;
  readonly device: DeviceSettings;
  readonly run: PlannedRun;
  /** Folders with llama.cpp's libraries, the most wanted one first; the first that has them is taken. */
  readonly engineFolders: readonly string[];
}

/** A run in llama.cpp's own words. */
export interface PlannedRun {
  /** -c: tokens of all sequences. */
  readonly contextTokens: number;
  readonly sequences: number;
  readonly unified: boolean;
  /** ggml's numbers of the types of the cache. */
  readonly keyType: number;
  readonly valueType: number;
  readonly batchTokens: number;
  readonly flashAttention: boolean;
  readonly outputTokens: number;
  readonly gpuLayers: number;
  /** --n-cpu-moe */
  readonly expertsOnCpu: number;
}

export interface MemoryResult {
  /** One entry for each kind of buffer that llama.cpp uses. */
  readonly buffers: readonly BufferBytes[];
  /** Layers that were on a GPU: 0 where there is none. */
  readonly gpuLayers: number;
  /** What the GPUs call themselves; none: the CPU. */
  readonly gpus: readonly string[];
  readonly engineVersion: string;
  /** Sentences: what was not as it was asked for, and why. */
  readonly notes: readonly string[];
}

export interface BufferBytes {
  /** As llama.cpp calls it: "CPU", "CUDA0", "Vulkan_Host". */
  readonly name: string;
  /** It lies in RAM. */
  readonly isHost: boolean;
  readonly weights: number;
  /** KV cache and states. */
  readonly context: number;
  readonly compute: number;
}
