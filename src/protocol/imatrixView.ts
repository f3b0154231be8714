// The contract between the page of an importance matrix and its host. Terms are those of llama-imatrix --show-statistics: Act² is
// the mean squared activation of a column. Definitions stand in core/analysis/importance.ts.
import type { Severity } from '../core/base/problem.ts';
import type { UnreadableView } from './modelView.ts';
import type { AbortSignal } from './rpc.ts';
import type { ChannelProfile } from './tensorStats.ts';

/** What the page asks. */
export interface ImatrixHost {
  /** Everything but the channels, with the first rows. */
  open(argument: null, signal: AbortSignal): Promise<ImatrixSnapshot>;
  /** Rows from `first` on, as many as fit a message. */
  rows(argument: { readonly first: number }, signal: AbortSignal): Promise<ImatrixRows>;
  /** The channels of one tensor; with `expert` those of that expert alone. */
  tensor(
    argument: { readonly row: number; readonly expert: number | null },
    signal: AbortSignal,
  ): Promise<TensorImportance>;
  /** Runs a command of the editor on this file. */
  run(argument: { readonly command: ImatrixCommand }, signal: AbortSignal): Promise<null>;
  /** Puts a text on the clipboard; with `more`, together with the parts that follow. */
  copy(argument: { readonly text: string; readonly more: boolean }, signal: AbortSignal): Promise<null>;
  /** Asks the user where to and writes a file there. */
  saveFile(
    argument: { readonly name: string; readonly bytes: Uint8Array },
    signal: AbortSignal,
  ): Promise<null>;
  saveState(argument: { readonly state: unknown }, signal: AbortSignal): Promise<null>;
  [name: string]: (argument: never, signal: AbortSignal) => Promise<unknown>;
}

/** What the host tells the page. */
export interface ImatrixPushes {
  /** The file is another than was read. */
  fileChanged: { readonly state: 'changed' | 'gone' | 'back' };
  [name: string]: unknown;
}

/** showTensors: the file as what it is underneath, a GGUF file with tensors and metadata. */
export type ImatrixCommand = 'showTensors' | 'reopenAsHex' | 'revealInExplorer';

export type ImatrixSnapshot = ImatrixView | UnreadableView;

export interface ImatrixView {
  readonly kind: 'imatrix';
  readonly fileName: string;
  readonly fileBytes: number;
  readonly format: 'gguf' | 'legacy';
  /** Names of the texts. Visible text. */
  readonly datasets: readonly string[];
  /** null: the file does not say. */
  readonly chunkCount: number | null;
  readonly chunkTokens: number | null;
  readonly tensorCount: number;
  /** Experts of all tensors that have some; 0: a dense model, or the old format, which does not tell them apart. */
  readonly expertCount: number;
  /** Of those, experts that no token was sent to. */
  readonly unseenCount: number;
  /** Layers as numbered: one more than the largest number, at most 4,096. */
  readonly layerCount: number;
  /** What is to be known before it is used, the worst first, at most MAX_NOTES; `noteCount` counts all. */
  readonly notes: readonly ImatrixNote[];
  readonly noteCount: number;
  /** Of the reader: they do not keep it from being used. */
  readonly problems: readonly { readonly severity: Severity; readonly text: string }[];
  /** The roles that occur, in the order of the model map. `ImatrixRows.role` indexes this. */
  readonly roles: readonly { readonly label: string; readonly title: string }[];
  readonly rows: ImatrixRows;
  readonly savedState: unknown;
}

export const MAX_NOTES = 100;

export interface ImatrixNote {
  readonly severity: Severity;
  readonly text: string;
  /** The first row concerned; −1: all. */
  readonly row: number;
}

/** Columns of one length: tensors by layer and role. NaN: not known. */
export interface ImatrixRows {
  readonly first: number;
  readonly names: readonly string[];
  readonly role: Uint16Array;
  /** −1: none. */
  readonly layer: Int32Array;
  /** Columns of the weight matrix. */
  readonly width: Float64Array;
  /** Matrices (experts), and those of them that were used. */
  readonly matrices: Uint32Array;
  readonly seen: Uint32Array;
  /** Tokens whose activations were counted, of all matrices together; of the old format NaN. */
  readonly tokens: Float64Array;
  /** Of the matrix that met the fewest. */
  readonly fewest: Float64Array;
  readonly numbers: { readonly [Name in ImportanceNumber]: Float64Array };
}

/**
 * Σ(Act²), Min, Max, μ, σ, % active, N, entropy, E(norm), ZD and CosSim as llama-imatrix has them; effective number of channels,
 * outlier channels, and of the strongest channel its index, its share of Σ(Act²) and its amplitude over the median one's.
 */
export const IMPORTANCE_NUMBERS = [
  'total',
  'min',
  'max',
  'mean',
  'std',
  'active',
  'count',
  'entropy',
  'entropyShare',
  'zScoreShare',
  'cosine',
  'effective',
  'outliers',
  'topChannel',
  'topShare',
  'topTimes',
] as const;
export type ImportanceNumber = (typeof IMPORTANCE_NUMBERS)[number];

export interface TensorImportance {
  readonly row: number;
  /** null: all together. */
  readonly expert: number | null;
  /** √Act² of every channel: amplitudes, as those of weights. */
  readonly profile: ChannelProfile;
  readonly effective: number;
  /** Rows that were counted; NaN: not known. */
  readonly tokens: number;
  /** The strongest channels, the largest first. */
  readonly top: readonly TopChannel[];
  /** null where there is one matrix. */
  readonly experts: ExpertImportance | null;
}

export const MAX_TOP_CHANNELS = 20;

export interface TopChannel {
  readonly channel: number;
  /** Act² */
  readonly meanSquare: number;
  /** Of the sum over all channels, 0 … 1. */
  readonly share: number;
  /** √Act² over the median channel's; null where that is 0. */
  readonly times: number | null;
}

export interface ExpertImportance {
  /** Tokens of each expert. */
  readonly tokens: Float64Array;
  /** Σ(Act²) of each; NaN for those never used. */
  readonly total: Float32Array;
}
