// The contract between the Quality page of a model and its host: what was measured of the model, what is being measured, what
// would be measured next. The page rebuilds from `open` at any time; a measurement goes on without it. What it gives VS Code with
// `setState` must have the `path` of `view.model`: by that it is opened again after a reload of the window (StoredPage).
import type {
  Comparison,
  DeviceList,
  DeviceSettings,
  DeviceUse,
  Estimate,
  Score,
  SpreadEstimate,
  TopChoice,
} from './engine.ts';
import type { AbortSignal } from './rpc.ts';

/** What the page asks. */
export interface QualityHost {
  /** Everything but curves and texts. */
  open(argument: null, signal: AbortSignal): Promise<QualityView>;
  /** The running perplexity of a measurement that is kept (`hasCurve`) or of the one that runs, whole. */
  curve(argument: { readonly id: string }, signal: AbortSignal): Promise<Curve>;
  /** Spreads and, with `hasDamage`, the worst tokens of a comparison (one with `figures`). */
  detail(argument: { readonly id: string }, signal: AbortSignal): Promise<MeasurementDetail>;
  /** Pieces of the text from `first` on, at most MAX_DAMAGE_PIECES and as many as fit a message. */
  damage(
    argument: { readonly id: string; readonly first: number; readonly count: number },
    signal: AbortSignal,
  ): Promise<DamagePage>;

  /** Measures as the plan says; answers when it is queued. Its statuses come as `run`. */
  measure(argument: null, signal: AbortSignal): Promise<null>;
  /** Stops the one of this model that runs or waits. */
  cancel(argument: null, signal: AbortSignal): Promise<null>;
  /** Forgets how the last one failed. */
  dismiss(argument: null, signal: AbortSignal): Promise<null>;
  /** Changes the plan: how much of the text is read. */
  setChunks(argument: { readonly chunkLimit: number | null }, signal: AbortSignal): Promise<null>;
  /** Lets the user choose in the editor's own list; the plan that follows is pushed. */
  pick(argument: { readonly what: PlanPart }, signal: AbortSignal): Promise<null>;
  /** What llama.cpp could compute on. Starts the engine for a moment: only for a click. */
  devices(argument: null, signal: AbortSignal): Promise<DeviceList>;

  /** Removes measurements from the history; `view.removed` offers to bring them back. */
  remove(argument: { readonly ids: readonly string[] }, signal: AbortSignal): Promise<null>;
  /** Brings back those removed last. */
  undoRemove(argument: null, signal: AbortSignal): Promise<null>;
  /** Puts measurements on the clipboard, or asks where to and writes them there. Their order is that of `ids`. */
  export(
    argument: {
      readonly ids: readonly string[];
      readonly format: ExportFormat;
      readonly to: 'clipboard' | 'file';
    },
    signal: AbortSignal,
  ): Promise<null>;

  /** Opens a model of a measurement: its layers, or its Quality page. */
  openModel(
    argument: {
      readonly id: string;
      readonly which: 'model' | 'base';
      readonly page: 'layers' | 'quality';
    },
    signal: AbortSignal,
  ): Promise<null>;
  /** Opens the layers of the model that the page is about. */
  showLayers(argument: null, signal: AbortSignal): Promise<null>;
  /** The editor's page about trust in this workspace. */
  manageTrust(argument: null, signal: AbortSignal): Promise<null>;
  /** The whole log of the engine, in the output panel. */
  showLog(argument: null, signal: AbortSignal): Promise<null>;
  /** Puts a text on the clipboard; with `more`, together with the parts that follow. */
  copy(argument: { readonly text: string; readonly more: boolean }, signal: AbortSignal): Promise<null>;
  /** Asks the user where to and writes a file there: the picture of a chart, its numbers. */
  saveFile(
    argument: { readonly name: string; readonly bytes: Uint8Array },
    signal: AbortSignal,
  ): Promise<null>;
  /** Saves the page's state for this model. */
  saveState(argument: { readonly state: unknown }, signal: AbortSignal): Promise<null>;
  /** Saves what the user prefers on all pages: the same value as the inspector's. */
  savePreferences(argument: { readonly preferences: unknown }, signal: AbortSignal): Promise<null>;
  [name: string]: (argument: never, signal: AbortSignal) => Promise<unknown>;
}

/** What the host tells the page. */
export interface QualityPushes {
  /** Ask `open` again: history, model or trust changed. */
  changed: null;
  /** What would be measured next. */
  plan: PlanView;
  /** Where the measurement stands now, whole; at most ten times a second. null: none runs. After its end comes
   * `changed`: one that succeeded is in the history then. */
  run: RunView | null;
  /** The running perplexity after chunks that were not told before: `values.first` on. Where the page has fewer than `first`
   * chunks of this id, it asks `curve`; where it has more, those told now replace them (a second pass begins at 0). */
  curve: Curve;
  /** Bring this measurement to the front. */
  show: { readonly id: string };
  [name: string]: unknown;
}

/** At least this is in the page's own state. */
export interface StoredPage {
  readonly path: string;
}

export type PlanPart = 'text' | 'base' | 'device' | 'context';
export type ExportFormat = 'json' | 'csv' | 'markdown';

/** How much of the text is read, by name. Others are possible: a plan may hold any number. */
export const CHUNK_CHOICES = [
  { label: 'Quick', chunks: 16 },
  { label: 'Standard', chunks: 64 },
  { label: 'Full', chunks: null },
] as const;

export interface QualityView {
  readonly model: ModelMark;
  /** Why this file cannot be measured, a sentence ("The data of blk.3.ffn_up is not all there."); null: it can. */
  readonly unfit: string | null;
  /** false: the workspace is not trusted, so nothing is started; the history can be read. */
  readonly isTrusted: boolean;
  readonly plan: PlanView;
  readonly run: RunView | null;
  /** Of this model, the latest first. */
  readonly measurements: readonly MeasurementView[];
  /** Of other models in the history, the latest of each model and series, only in series of `measurements`. */
  readonly others: readonly MeasurementView[];
  /** The latest of this model first. What is in one series can be compared. */
  readonly series: readonly SeriesView[];
  /** Measurements that `undoRemove` would bring back; 0: none. */
  readonly removed: number;
  readonly savedState: unknown;
  readonly preferences: unknown;
}

/** A model, as much of it as a measurement keeps. */
export interface ModelMark {
  /** Absolute path; two measurements are of the same model when it is the same, and their `stamp`. */
  readonly path: string;
  readonly fileName: string;
  /** Name and type, to tell it from others: "SOTU-5M Q4_K_M". Visible text. */
  readonly label: string;
  /** The type alone where the header names one, else the file name: "Q4_K_M". */
  readonly shortLabel: string;
  readonly bitsPerWeight: number | null;
  readonly fileBytes: number;
  /** Changes with the file; of the first of several. */
  readonly stamp: string;
}

/** What is measured next when the user says so. */
export interface PlanView {
  readonly text: {
    /** "English", "selection of notes.md", "wiki.test.raw". */
    readonly name: string;
    /** "200.00 kB, speeches in the public domain". */
    readonly detail: string;
  };
  readonly chunkLimit: number | null;
  readonly contextTokens: number;
  /** Why it is not what the setting says; '' where it is: "This model was trained on contexts of 256 tokens". */
  readonly contextNote: string;
  readonly base: ModelMark | null;
  readonly device: {
    readonly settings: DeviceSettings;
    /** "Automatic", "CPU · 3 threads", "Vulkan · NVIDIA … · 20 layers". */
    readonly label: string;
  };
  /** From the speed of this model in its history on such a device; null: not known. Show it as "≈". */
  readonly seconds: number | null;
}

/** A measurement under way, or the failure of the last one. */
export type RunView = {
  readonly id: string;
  /** What is read and how: as in the plan when it was started. */
  readonly text: string;
  readonly chunkLimit: number | null;
  readonly contextTokens: number;
  /** Label of the base. */
  readonly against: string | null;
} & RunState;

export type RunState =
  /** Others come first: so many, and the one that runs. */
  | { readonly state: 'waiting'; readonly ahead: number; readonly behind: string }
  /** Our own reader looks at the file before llama.cpp does. */
  | { readonly state: 'checking' }
  | { readonly state: 'loading'; readonly which: 'model' | 'base'; readonly share: number }
  | ({ readonly state: 'running' } & RunProgress)
  | { readonly state: 'cancelling' }
  | {
      readonly state: 'failed';
      /** "The engine stopped (SIGKILL)." */
      readonly why: string;
      /** What llama.cpp said last, at most 200 lines of visible text. */
      readonly log: readonly string[];
    };

export interface RunProgress {
  /** 'model': there is no base. Where both models do not fit into memory the base is read first ('base'), then the model beside
   * what is known of the base ('both'). */
  readonly pass: 'base' | 'model' | 'both';
  readonly passes: 1 | 2;
  /** Chunks of this pass; done is 0 until the first is scored. */
  readonly done: number;
  readonly chunks: number;
  /** Of all chunks so far; in the pass of the base null. */
  readonly score: Score | null;
  readonly base: Score | null;
  readonly meanKl: number | null;
  readonly device: DeviceUse;
  /** 0 and null while nothing can be said. */
  readonly tokensPerSecond: number;
  /** Of all passes. */
  readonly secondsLeft: number | null;
}

/** After each chunk, of all chunks so far. All arrays are of one length; NaN: not known. */
export interface Curve {
  readonly id: string;
  /** In the pass of the base the values are the base's. */
  readonly pass: 'base' | 'model' | 'both';
  /** Chunks there will be. */
  readonly chunks: number;
  /** The values are those after chunk `first` (from 0) and the ones that follow. */
  readonly first: number;
  readonly perplexity: Float32Array;
  readonly standardError: Float32Array;
  /** null without a base, and in the pass of the base. */
  readonly basePerplexity: Float32Array | null;
  readonly meanKl: Float32Array | null;
}

export interface MeasurementView {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly date: number;
  readonly model: ModelMark;
  readonly base: ModelMark | null;
  /** Whether the file of the model is still what was measured. */
  readonly fileState: 'same' | 'changed' | 'gone';
  readonly text: { readonly name: string; readonly sha256: string };
  readonly contextTokens: number;
  readonly chunks: number;
  readonly availableChunks: number;
  readonly score: Score;
  readonly figures: ComparisonFigures | null;
  readonly device: DeviceUse;
  readonly engineVersion: string;
  readonly seconds: number;
  readonly tokensPerSecond: number;
  readonly twoPasses: boolean;
  /** Sentences that belong to the number: of the device, of the context. */
  readonly notes: readonly string[];
  /** Which series it belongs to. */
  readonly series: string;
  readonly hasCurve: boolean;
  /** Whether `damage` has an answer, and `detail` has worst tokens: kept of the last comparisons only. */
  readonly hasDamage: boolean;
}

/** A comparison without its spreads. Shares are 0…1, divergences in nat. */
export interface ComparisonFigures extends Pick<
  Comparison,
  'base' | 'deltaPerplexity' | 'logRatio' | 'significant' | 'correlation' | 'rmsDeltaP' | 'sameTop'
> {
  readonly meanKl: Estimate;
  readonly medianKl: number;
  readonly p99Kl: number;
  readonly maxKl: number;
}

/** Measurements on the same text, context and number of chunks. */
export interface SeriesView {
  readonly key: string;
  /** "English · 16 chunks of 512". */
  readonly label: string;
  /** One for each model with known bits per weight: its latest, whether measured for itself or as a base. By bits, fewest first. */
  readonly points: readonly SeriesPoint[];
}

export interface SeriesPoint {
  /** The measurement it comes from, of `measurements` or `others`. */
  readonly id: string;
  readonly model: ModelMark;
  /** The model was the base there. */
  readonly asBase: boolean;
  readonly isThis: boolean;
  readonly bitsPerWeight: number;
  readonly perplexity: number;
  readonly standardError: number | null;
}

export interface MeasurementDetail {
  readonly id: string;
  readonly kl: SpreadEstimate;
  readonly deltaP: SpreadEstimate;
  /** Pieces of the text in all; 0 without `hasDamage`. */
  readonly pieceCount: number;
  readonly tokenCount: number;
  readonly scoredCount: number;
  /** The worst first. */
  readonly worst: readonly WorstToken[];
}

/** Shares at which `SpreadEstimate.quantiles` stand. */
export const SPREAD_LEVELS = [0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999] as const;

/** Texts are visible text, with line feeds and tabs as they are. */
export interface WorstToken {
  /** Where it stands in the text: index of its piece. */
  readonly piece: number;
  readonly text: string;
  /** Some words before and after it. */
  readonly before: string;
  readonly after: string;
  readonly kl: number;
  readonly nll: number;
  readonly baseNll: number;
  /** What each model expected most, the likeliest first. */
  readonly choices: readonly TopChoice[];
  readonly baseChoices: readonly TopChoice[];
}

/** A piece is a token, or the tokens that together make whole characters. Columns of one length. */
export interface DamagePage {
  readonly first: number;
  /** In all. */
  readonly pieceCount: number;
  readonly texts: readonly string[];
  /** Tokens of the piece. */
  readonly tokens: Uint8Array;
  /** Chunk it is read in. */
  readonly chunk: Uint32Array;
  /** The largest of its tokens; NaN where none was scored: the first half of every chunk is only context. */
  readonly kl: Float32Array;
  /** Sums over its tokens: −ln p of the piece by the model and its base; NaN where one was not scored. */
  readonly nll: Float32Array;
  readonly baseNll: Float32Array;
}

export const MAX_DAMAGE_PIECES = 4000;

export type { DeviceList };
