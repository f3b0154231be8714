// What is wrong with a file, as data: a damaged file opens, with its problems listed.

export type Severity = 'error' | 'warning' | 'info';

/** Every code a reader can report, in kebab case. A code names one check; its sentence carries the numbers. */
export type ProblemCode =
  // any container
  | 'file-empty'
  | 'file-truncated'
  | 'file-is-lfs-pointer'
  | 'file-unreadable'
  | 'format-unknown'
  | 'header-truncated'
  | 'header-too-large'
  | 'tensor-out-of-file'
  | 'tensor-overlap'
  | 'tensor-gap'
  | 'tensor-size-mismatch'
  | 'tensor-name-duplicate'
  | 'tensor-name-invalid'
  | 'tensor-shape-invalid'
  | 'tensor-offset-invalid'
  | 'trailing-bytes'
  | 'type-unknown'
  | 'shard-missing'
  | 'shard-mismatch'
  // GGUF
  | 'gguf-version-unsupported'
  | 'gguf-count-impossible'
  | 'gguf-key-invalid'
  | 'gguf-key-duplicate'
  | 'gguf-value-invalid'
  | 'gguf-array-invalid'
  | 'gguf-alignment-invalid'
  | 'gguf-row-not-blocks'
  // safetensors
  | 'safetensors-header-length'
  | 'safetensors-header-not-json'
  | 'safetensors-key-duplicate'
  | 'safetensors-metadata-invalid'
  | 'safetensors-entry-invalid'
  | 'index-invalid'
  | 'index-mismatch'
  | 'config-invalid'
  // matrices of several tensors
  | 'packing-contradiction'
  | 'packing-invalid'
  | 'packing-assumed'
  | 'packing-unknown';

export interface Problem {
  readonly code: ProblemCode;
  readonly severity: Severity;
  /** Position in the file where the check failed, in bytes; null where no single position is to blame. */
  readonly byteOffset: number | null;
  /** One sentence a person understands, with the numbers, made of visible text only. */
  readonly text: string;
  /** The file of a sharded model: index into `Model.files`. 0 for a single file. */
  readonly file: number;
  /** Name of the tensor concerned, when one is. */
  readonly tensor?: string;
}

/** A reader stops adding problems of one code after this many and says how many more there were: a hostile file of 60,000
 * broken tensors must not become 60,000 sentences. */
export const MAX_PROBLEMS_PER_CODE = 50;
