// The contract between the inspector page and its host.
import type { AbortSignal } from './rpc.ts';
import type { MemoryVerdict, ModelSnapshot, PartView, TensorColumns } from './modelView.ts';
import type { TensorHost } from './tensorStats.ts';
import type { AnalysisHost, AnalysisStatus } from './analysis.ts';

/** What the page asks. */
export interface InspectorHost extends TensorHost, AnalysisHost {
  /** The model as it stands on the disk now. */
  open(argument: null, signal: AbortSignal): Promise<ModelSnapshot>;
  /** Rows from `first` on, as many as fit a message (at least one while there are more). */
  tensors(argument: { readonly first: number }, signal: AbortSignal): Promise<TensorColumns>;
  /** The stored tensors of a packed matrix (full visible name), codes first; none of another tensor. */
  parts(argument: { readonly name: string }, signal: AbortSignal): Promise<readonly PartView[]>;
  /** Items of an array of the metadata. */
  arrayPage(argument: ArrayPageQuery, signal: AbortSignal): Promise<ArrayPage>;
  /** A long text of the metadata, whole (up to MAX_TEXT characters). */
  metadataText(argument: { readonly key: string }, signal: AbortSignal): Promise<string>;
  /** Puts a text on the clipboard; with `more`, together with the parts that follow. */
  copy(argument: { readonly text: string; readonly more: boolean }, signal: AbortSignal): Promise<null>;
  /** Saves the page's state for this file. */
  saveState(argument: { readonly state: unknown }, signal: AbortSignal): Promise<null>;
  /** Saves what the user prefers in all files. */
  savePreferences(argument: { readonly preferences: unknown }, signal: AbortSignal): Promise<null>;
  /** Asks the user where to and writes a file there. The host tells the user how it went. */
  saveFile(
    argument: { readonly name: string; readonly bytes: Uint8Array },
    signal: AbortSignal,
  ): Promise<null>;
  /** Runs one of the extension's own commands on this file. */
  run(argument: { readonly command: PageCommand }, signal: AbortSignal): Promise<null>;
  /** Tells the host what the page measured of itself, in milliseconds since its navigation began: the editor test reads it. */
  painted(
    argument: { readonly firstContent: number; readonly tableRows: number },
    signal: AbortSignal,
  ): Promise<null>;
  [name: string]: (argument: never, signal: AbortSignal) => Promise<unknown>;
}

export type PageCommand =
  | 'copyReport'
  | 'exportReport'
  | 'measurePerplexity'
  | 'requantize'
  | 'planMemory'
  | 'reopenAsText'
  | 'reopenAsHex'
  | 'revealInExplorer'
  | 'reload';

/** What the host tells the page. */
export interface InspectorPushes {
  /** The file changed or vanished on the disk; the page keeps what it shows and offers to reload. */
  fileChanged: { readonly state: 'changed' | 'gone' | 'back' };
  /** Select this tensor (full visible name). */
  reveal: { readonly name: string };
  /** Read everything again: the host has a fresh model. */
  reload: null;
  /** Where the analysis of the model stands now. */
  analysis: AnalysisStatus;
  /** What the header says of memory, after the settings changed. */
  memory: MemoryVerdict | null;
  /** Put the focus into the filter. */
  focusFilter: null;
  [name: string]: unknown;
}

export interface ArrayPageQuery {
  readonly key: string;
  readonly first: number;
  readonly count: number;
  /** Search: only items whose text contains this, case-insensitively; or whose index is this number. '' for all. */
  readonly query: string;
}

export interface ArrayPage {
  readonly total: number;
  /** How many items match the query in all; equals total without one. */
  readonly matching: number;
  /** For a search this is capped; true when more match than were counted. */
  readonly matchingIsCapped: boolean;
  readonly items: readonly { readonly index: number; readonly text: string; readonly meaning: string }[];
}

export const MAX_TEXT = 262_144;
export const MAX_ARRAY_PAGE = 500;
