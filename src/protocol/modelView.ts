// A model as the pages see it: plain and small, made of visible text (hostile characters are already named), without bigint.
// A message stays below 1 MiB: long lists travel in pages, number columns as typed arrays.
import type { Severity } from '../core/base/problem.ts';

/** What `open` answers. */
export type ModelSnapshot = ModelView | PointerView | UnreadableView;

export interface ModelView {
  readonly kind: 'model';
  readonly fileName: string;
  /** Model name from the metadata, else the file name without its ending. */
  readonly title: string;
  /** "GGUF v3", "safetensors". */
  readonly container: string;
  /** Which dimension stands first in `TensorColumns.dims`: the row length (GGUF), or the number of rows (safetensors). */
  readonly firstDimension: 'in' | 'out';
  readonly architecture: string | null;
  readonly parameterCount: number;
  /** All bytes of all shards on the disk. */
  readonly fileBytes: number;
  /** What the headers promise; null where not known. Larger than fileBytes: the file is cut. */
  readonly expectedBytes: number | null;
  /** Bytes of all tensors whose size is known. */
  readonly tensorBytes: number;
  /** All tensor bytes × 8 / all weights, over tensors of known type; null where there is none. */
  readonly bitsPerWeight: number | null;
  /** The fact line, most important first; it is cut from the end. */
  readonly facts: readonly Fact[];
  /** What it fits, in one line; null where nothing can be said, or not yet. */
  readonly memory: MemoryVerdict | null;
  /** One sentence under the facts when something must be known at once ("Bits per weight leave out 6 tensors of unknown type …"). */
  readonly note: { readonly severity: Severity; readonly text: string } | null;
  /** The types that occur, by bytes, most first. `TensorColumns.type` indexes this. */
  readonly types: readonly TypeView[];
  /** The roles that occur, in map order. `TensorColumns.role` indexes this. */
  readonly roles: readonly RoleView[];
  /** Groups in table order. `TensorColumns.group` indexes this. */
  readonly groups: readonly GroupView[];
  readonly files: readonly FileView[];
  /** The first entries; `metadataCount` says how many there are. */
  readonly metadata: readonly MetadataView[];
  readonly metadataCount: number;
  /** Worst first, at most some hundreds. */
  readonly problems: readonly ProblemView[];
  /** Counts over all problems. */
  readonly errorCount: number;
  readonly warningCount: number;
  readonly tensorCount: number;
  /** The first rows, in table order; the rest comes with `tensors`. */
  readonly tensors: TensorColumns;
  /** What the page saved for this file, if it did. */
  readonly savedState: unknown;
  /** What the user prefers in all files, if the page saved it. */
  readonly preferences: unknown;
}

/** A Git LFS pointer in place of the model. */
export interface PointerView {
  readonly kind: 'pointer';
  readonly fileName: string;
  readonly pointerBytes: number;
  readonly size: number;
  readonly oid: string;
  /** The command that fetches it. */
  readonly command: string;
}

/** Nothing could be read. */
export interface UnreadableView {
  readonly kind: 'unreadable';
  readonly fileName: string;
  readonly fileBytes: number | null;
  readonly problems: readonly ProblemView[];
}

export interface MemoryVerdict {
  readonly fits: boolean;
  /** "fits 24 GB with 32k context, q8_0 KV" */
  readonly text: string;
  /** What it is made of, for a hover. */
  readonly detail: string;
}

export interface Fact {
  /** The value, drawn in the foreground: "8,030,261,248", "llama". */
  readonly value: string;
  /** The word behind it: "parameters"; '' for none. A word before it stands in `lead`: "license". */
  readonly word: string;
  readonly lead: string;
  /** Where it comes from: "general.license in the header". */
  readonly title: string;
}

export interface TypeView {
  /** "Q4_K", "unknown (139)". */
  readonly name: string;
  /** null: not known. */
  readonly bitsPerWeight: number | null;
  readonly tensorCount: number;
  readonly bytes: number;
  readonly weights: number;
  readonly block: BlockView | null;
  /** One or two sentences: what it is. */
  readonly summary: string;
  /** How weights are computed, also where there is no block to draw; [] for plain numbers. */
  readonly formula: BlockView['formula'];
  /** What makes its bits per weight, in the order of `block`: the fields of a block; of a packed type the parts of all its
   * matrices. [] for plain numbers. */
  readonly costs: readonly CostView[];
  /** Why it costs more than its codes, one sentence with the sum: "4 bits of code + 0.375 + 0.125 = 4.5". '' for plain numbers. */
  readonly cost: string;
  /** Matrices that are stored as several tensors. Their bits per weight differ with their shapes; those here are of all together. */
  readonly isPacked: boolean;
  readonly source: string;
}

export interface CostView {
  /** "codes", "scales", "d". */
  readonly label: string;
  readonly colors: readonly FieldColor[];
  /** Of one block; of a packed type of all its matrices. */
  readonly bytes: number;
  readonly bitsPerWeight: number;
}

export type FieldColor = 'superScale' | 'scale' | 'superMin' | 'min' | 'code' | 'other';

export interface BlockView {
  readonly weights: number;
  readonly bytes: number;
  /** Fields in byte order, drawn to scale. */
  readonly fields: readonly {
    readonly label: string;
    readonly bytes: number;
    readonly colors: readonly FieldColor[];
    /** "8 scales and 8 mins of 6 bits". */
    readonly detail: string;
    readonly pieces: number;
    /** What it adds to the bits of a weight. */
    readonly bitsPerWeight: number;
  }[];
  readonly formula: readonly { readonly text: string; readonly color?: FieldColor }[];
}

export type RoleSection = 'input' | 'attention' | 'feedForward' | 'experts' | 'ssm' | 'output' | 'other';

export interface RoleView {
  /** Row label in the map: "attn_q"; with its stack where there are several: "v.attn_q". Unique. */
  readonly label: string;
  /** The stack of layers it belongs to: '' for the language model's own, 'v' for a vision tower, … */
  readonly stack: string;
  readonly section: RoleSection;
  /** Norms and vectors: 6 px rows. */
  readonly thin: boolean;
  /** Does it belong to layers (a row of the map) or stand beside them (embeddings, head, others)? */
  readonly layered: boolean;
  readonly title: string;
  /** What it does, with this model's numbers where they are known: "…; 32 heads of 128." */
  readonly sentence: string;
}

export interface GroupView {
  /** "Layer 3", "v layer 3", "mm". '' for tensors that stand alone. */
  readonly label: string;
  /** Layer number, for `layer:` in the filter; -1 for none. */
  readonly layer: number;
  readonly tensorCount: number;
}

export interface FileView {
  readonly name: string;
  /** null: missing. */
  readonly size: number | null;
  readonly expectedSize: number | null;
}

/** State codes in `TensorColumns.state`. */
export const TENSOR_STATES = ['whole', 'cut', 'missing', 'invalid'] as const;

/** Rows first … first+count−1 in table order (embeddings, layers, head, others; inside a layer by role). */
export interface TensorColumns {
  readonly first: number;
  readonly count: number;
  /** Full names, visible text. */
  readonly names: readonly string[];
  readonly type: Uint16Array;
  readonly role: Uint16Array;
  readonly group: Uint32Array;
  /** −1: no layer. */
  readonly layer: Int32Array;
  /** Number of dimensions of each row, and all dimensions one after the other, in container order. */
  readonly rank: Uint8Array;
  readonly dims: Float64Array;
  readonly weights: Float64Array;
  /** NaN: not known. */
  readonly bytes: Float64Array;
  readonly offset: Float64Array;
  readonly file: Uint16Array;
  /** Index into TENSOR_STATES. */
  readonly state: Uint8Array;
  /** How many stored tensors it is made of; 0: it is stored as it is. `parts` has them. */
  readonly parts: Uint8Array;
}

/** A stored tensor that a packed matrix is made of. */
export interface PartView {
  /** Its name without that of the matrix: "qweight". */
  readonly name: string;
  /** What it is to the matrix: "codes", "zero points". */
  readonly use: string;
  readonly color: FieldColor;
  /** Type of the stored numbers: "I32". */
  readonly type: string;
  /** As the header has it, outermost first. */
  readonly shape: readonly number[];
  /** NaN: not known. */
  readonly bytes: number;
  readonly offset: number;
  /** Index into the files of the model. */
  readonly file: number;
  readonly state: (typeof TENSOR_STATES)[number];
}

export interface MetadataView {
  readonly key: string;
  /** "uint32", "string", "array of string". */
  readonly type: string;
  /** As shown; cut to MAX_VALUE_SHOWN characters. For an array "262,144 items". */
  readonly text: string;
  /** Meaning of an enum value or unit: "MOSTLY_Q4_K_M"; '' for none. */
  readonly meaning: string;
  /** 'header' or the file beside the model it was read from. */
  readonly source: string;
  /** Number of items of an array; -1 when it is none. */
  readonly itemCount: number;
  /** The text was cut; `metadataText` has the whole. */
  readonly cut: boolean;
  readonly byteOffset: number | null;
}
export const MAX_VALUE_SHOWN = 300;

export interface ProblemView {
  readonly code: string;
  readonly severity: Severity;
  readonly text: string;
  readonly byteOffset: number | null;
  /** File name of the shard; '' for a single file. */
  readonly file: string;
  /** Row in table order of the tensor concerned; -1 for none. */
  readonly tensor: number;
}
