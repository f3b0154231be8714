// What every measurement works with.
import type { ChunkPlan } from '../core/quality/chunkPlan.ts';
import type { RowKernel } from '../core/quality/rowKernel.ts';
import type { EngineNews } from '../protocol/engine.ts';
import type { CancelFlag } from './cancelFlag.ts';
import type { Llama } from './llama.ts';
import type { LoadedModel } from './loadedModel.ts';
import type { TokenizedText } from './tokens.ts';

export interface Measuring {
  readonly llama: Llama;
  /** The model, and its base where both are open. */
  readonly models: readonly LoadedModel[];
  readonly plan: ChunkPlan;
  readonly text: TokenizedText;
  /** With room for the rows of a part, and for those of a base when there is one. */
  readonly kernel: RowKernel;
  readonly flag: CancelFlag;
  readonly tell: (news: EngineNews) => void;
}
