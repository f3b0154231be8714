// The engine as the prediction of errors sees it.
import type { ErrorsJob, ErrorsNews, ErrorsResult } from '../../protocol/quantizeErrors.ts';
import type { AbortSignal } from '../../protocol/rpc.ts';

export type { ErrorSample, ErrorsNews, ErrorSums, ErrorsResult } from '../../protocol/quantizeErrors.ts';

/** A job without what only the engine's own side knows: where its parts lie. */
export type ErrorsRequest = Omit<ErrorsJob, 'engineFolders'>;

export interface ErrorEngine {
  /**
   * One process, which has ended when this settles.
   * @throws EngineFailure when the process dies; Failure not-readable when a file is shorter than it was, cancelled after an abort
   */
  measureErrors(
    request: ErrorsRequest,
    tell: (news: ErrorsNews) => void,
    signal: AbortSignal,
  ): Promise<ErrorsResult>;
}
