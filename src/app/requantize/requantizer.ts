// Plans and runs of re-quantization as the host sees them: its main thread asks, another reads files and starts engines.
import type {
  ImatrixChoice,
  LoadedRecipe,
  PlanColumns,
  PlanView,
  PredictedErrors,
  RecipeView,
} from '../../protocol/requantize.ts';
import type { QuantizeNews } from '../../protocol/quantize.ts';
import type { AbortSignal } from '../../protocol/rpc.ts';
import type { SourceReading } from './sourceModels.ts';

export interface Requantizer {
  /** What a model is before anything is planned. @param path of any of its files */
  source(path: string, signal: AbortSignal): Promise<SourceReading>;
  /** RequantizeHost.plan of a model. */
  plan(order: PlanOrder, signal: AbortSignal): Promise<PlanView>;
  planColumns(plan: string, first: number, signal: AbortSignal): Promise<PlanColumns>;
  predictedErrors(plan: string, since: number, signal: AbortSignal): Promise<PredictedErrors>;
  /** Ends the prediction for a model: nobody looks at it any more. */
  endPrediction(path: string): Promise<void>;
  /** The whole llama-quantize command, to paste. */
  command(plan: string, signal: AbortSignal): Promise<string>;
  /** What a recipe file would hold. @param file absolute path it will have */
  recipeText(order: RecipeOrder, file: string, signal: AbortSignal): Promise<string>;
  /** @param file absolute path @throws wrong-usage where it is no recipe */
  readRecipe(path: string, file: string, signal: AbortSignal): Promise<LoadedRecipe>;
  /** @throws not-readable where it is no importance matrix */
  imatrix(file: string, signal: AbortSignal): Promise<ImatrixChoice>;
  /** Quantizes; what it wrote in part is gone when this settles. It never rejects for what a model or a disk can do. */
  run(order: RunOrder): Promise<RunEnd>;
  /** Stops the run with this id: it ends as 'cancelled'. */
  cancelRun(id: string): Promise<void>;
  onErrors(tell: (news: { readonly plan: string; readonly serial: number }) => void): () => void;
  onRun(tell: (news: RunNews) => void): () => void;
}

export interface RecipeOrder {
  /** Of any file of the model. */
  readonly path: string;
  readonly recipe: RecipeView;
  /** With how many threads it is written; all that the machine has, unless told. They change no byte. */
  readonly threads?: number | null;
}

export interface PlanOrder extends RecipeOrder {
  /** Absolute; null: beside the source. */
  readonly output: string | null;
}

export interface RunOrder extends RecipeOrder {
  readonly id: string;
  readonly output: string;
  /** Of the source when it was planned: of another one it would be another plan. */
  readonly stamp: string;
  /** Whether a file that is there may be replaced: the user was asked. */
  readonly force: boolean;
}

export interface RunNews {
  readonly id: string;
  readonly news: QuantizeNews;
}

export type RunEnd =
  | {
      readonly kind: 'done';
      readonly output: string;
      readonly fileBytes: number;
      readonly bitsPerWeight: number;
      /** Of the engine. */
      readonly seconds: number;
    }
  | { readonly kind: 'failed'; readonly why: string; readonly log: readonly string[] }
  | { readonly kind: 'cancelled' };
