// The engine as the jobs that write files see it.
import type {
  ImatrixJob,
  ImatrixNews,
  ImatrixResult,
  QuantizeJob,
  QuantizeNews,
  QuantizeResult,
} from '../../protocol/quantize.ts';
import type { AbortSignal } from '../../protocol/rpc.ts';

export type { ImatrixNews, ImatrixResult, QuantizeNews } from '../../protocol/quantize.ts';

/** A job without what only the engine's own side knows: where its parts lie. */
export type QuantizeRequest = Omit<QuantizeJob, 'engineFolders'>;
export type ImatrixRequest = Omit<ImatrixJob, 'engineFolders'>;

/** Every call is a process of its own, which has ended when it settles. */
export interface QuantizeEngine {
  /** @throws EngineFailure when llama.cpp refuses or the process dies; Failure cancelled after an abort */
  quantize(
    request: QuantizeRequest,
    tell: (news: QuantizeNews) => void,
    signal: AbortSignal,
  ): Promise<QuantizeResult>;
  /** @throws as quantize does */
  imatrix(
    request: ImatrixRequest,
    tell: (news: ImatrixNews) => void,
    signal: AbortSignal,
  ): Promise<ImatrixResult>;
}
