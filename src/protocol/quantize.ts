// Between the extension and the engine: jobs that write a file. One that quantizes a model again, and one that collects an
// importance matrix.
import type { CheckedModel, DeviceSettings, DeviceUse } from './engine.ts';

/** Tensors whose name a pattern finds get a type of their own. */
export interface TensorTypeRule {
  /** ECMAScript, searched in the name, as std::regex reads it. */
  readonly pattern: string;
  /** ggml's id of the type. */
  readonly type: number;
}

/** llama.cpp makes a uint32 of every whole number: −42 would become 42. */
export const MAX_WHOLE_VALUE = 2 ** 32 - 1;

/** A value of the header, set anew. Key and text have at most 127 bytes of UTF-8; floats become float32. */
export type MetadataOverride =
  | { readonly key: string; readonly type: 'int'; readonly value: number }
  | { readonly key: string; readonly type: 'float'; readonly value: number }
  | { readonly key: string; readonly type: 'bool'; readonly value: boolean }
  | { readonly key: string; readonly type: 'str'; readonly value: string };

/** Where the importance of a tensor's columns stands in an importance matrix file. */
export interface ImportanceRange {
  readonly name: string;
  /** Position of rowLength × counts.length float32, little-endian. */
  readonly byteOffset: number;
  readonly rowLength: number;
  /** Of each matrix (expert): what its values are divided by; where it is 0 every column counts 1. */
  readonly counts: readonly number[];
}

export interface ImportanceSource {
  readonly path: string;
  readonly ranges: readonly ImportanceRange[];
}

export interface OutputTarget {
  /** Absolute. Nothing else is in it, and it goes when this process ends without its parent. */
  readonly folder: string;
  /** ASCII, without ending where the shards are kept: llama.cpp adds theirs. */
  readonly fileName: string;
}

/** Tensors are worked on in pieces of rows that take no more: half the memory, and progress inside of a tensor. */
export const QUANTIZE_BUFFER_BYTES = 64 * 2 ** 20;

export interface QuantizeJob {
  /** Absolute path; of the first shard where there are several. */
  readonly source: string;
  /** Null: decides the types of all tensors and writes nothing. */
  readonly output: OutputTarget | null;
  /** llama.cpp's number of the mix (llama_ftype). */
  readonly fileType: number;
  /** ggml's ids; null: by the rules of the mix. */
  readonly outputType: number | null;
  readonly embeddingType: number | null;
  readonly pure: boolean;
  readonly keepSplit: boolean;
  readonly allowRequantize: boolean;
  readonly leaveOutput: boolean;
  /** The first one that fits a name counts. */
  readonly tensorTypes: readonly TensorTypeRule[];
  readonly metadata: readonly MetadataOverride[];
  /** Numbers of layers that are left out, rising. */
  readonly pruneLayers: readonly number[];
  readonly importance: ImportanceSource | null;
  /** Null: all that the machine has. They change no byte of the result. */
  readonly threads: number | null;
  readonly engineFolders: readonly string[];
}

/** What llama.cpp decides for one tensor, in the order it writes them. */
export interface TensorDecision {
  /** As it stands in the output. */
  readonly name: string;
  /** Names of types as ggml writes them: "q4_K", "f16". */
  readonly from: string;
  readonly to: string;
  /** Index of the rule whose pattern finds the name; null: none does. */
  readonly rule: number | null;
  /** The type that was meant for it, where its rows have no whole number of that type's blocks. */
  readonly fellBackFrom: string | null;
}

export type QuantizeNews =
  /** A tensor is being worked on: number `index` (from 1) of `count`. */
  | {
      readonly kind: 'tensor';
      readonly index: number;
      readonly count: number;
      readonly name: string;
      readonly from: string;
      /** Null until it is known, and where the tensor stays as it is. */
      readonly to: string | null;
    }
  /** Bytes in all output files. */
  | { readonly kind: 'written'; readonly bytes: number };

export interface QuantizeResult {
  /** Of a dry run; empty otherwise. */
  readonly decisions: readonly TensorDecision[];
  readonly seconds: number;
  readonly engineVersion: string;
}

export interface ImatrixJob {
  readonly model: CheckedModel;
  readonly text: string;
  /** Written into the file as the text's name. */
  readonly textName: string;
  readonly contextTokens: number;
  readonly chunkLimit: number | null;
  readonly device: DeviceSettings;
  readonly output: OutputTarget;
  /** null: nothing is kept of a run that does not come to its end. */
  readonly partial: PartialOrder | null;
  readonly engineFolders: readonly string[];
}

/** Where and when it is written down how far a run is. */
export interface PartialOrder {
  /** Absolute; not in the folder of the output. Whoever starts the engine removes it when it is no longer needed. */
  readonly path: string;
  /** Of model, text and settings. */
  readonly identity: string;
  /** It is written down after so many chunks, or after a minute. */
  readonly everyChunks: number;
  /** Go on from what is there, if it is of the same identity. */
  readonly resume: boolean;
}

export type ImatrixNews =
  | { readonly kind: 'loading'; readonly which: 'model'; readonly share: number }
  /** `from`: chunks that were read before. */
  | {
      readonly kind: 'reading';
      readonly chunks: number;
      readonly from: number;
      readonly device: DeviceUse;
    }
  /** `kept`: chunks that a later run need not read again. */
  | { readonly kind: 'read'; readonly done: number; readonly kept: number; readonly chunks: number };

export interface ImatrixResult {
  readonly chunks: number;
  /** Chunks that an earlier run had read. */
  readonly resumedFrom: number;
  readonly contextTokens: number;
  readonly tensorCount: number;
  readonly device: DeviceUse;
  readonly engineVersion: string;
  readonly seconds: number;
}
