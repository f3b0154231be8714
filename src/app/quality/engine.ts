// The engine as the use-cases see it: one job in, news while it works, a result or a failure.
import { Failure } from '../../core/base/failure.ts';
import type { DeviceList, EngineJob, EngineNews, EngineResult } from '../../protocol/engine.ts';
import type { AbortSignal } from '../../protocol/rpc.ts';

export { DEFAULT_DEVICE, DEVICE_CHOICES } from '../../protocol/engine.ts';
export type {
  CheckedModel,
  DeviceChoice,
  DeviceSettings,
  DeviceUse,
  EngineNews,
  EngineResult,
} from '../../protocol/engine.ts';

/** A job without what only the engine's own side knows: where its parts lie. */
export type EngineRequest = Omit<EngineJob, 'engineFolders' | 'rowsFile' | 'temporaryFolder'>;

export interface Engine {
  /**
   * Every call is a process of its own, which has ended when this settles.
   * @throws EngineFailure when llama.cpp refuses or the process dies; Failure cancelled after an abort
   */
  measure(
    request: EngineRequest,
    tell: (news: EngineNews) => void,
    signal: AbortSignal,
  ): Promise<EngineResult>;
  /** @throws as measure does */
  devices(signal: AbortSignal): Promise<DeviceList>;
}

/** Carries what llama.cpp logged last: what it says about a model is more than one sentence. */
export class EngineFailure extends Failure {
  /** At most 200 lines, as they came: a stranger's text. */
  readonly log: readonly string[];

  constructor(failure: Failure, log: readonly string[]) {
    super(failure.code, failure.message);
    this.log = log;
  }
}
