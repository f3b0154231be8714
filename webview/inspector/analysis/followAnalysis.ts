// How the numbers of the analysis come into the page: where it stands is asked when the model has been drawn and told by the
// host from then on; what it computed is fetched behind it, page by page, as long as there is more.
import { effect } from '@preact/signals';
import type { AnalysisStatus } from '../../../src/protocol/analysis.ts';
import type { ModelView } from '../../../src/protocol/modelView.ts';
import { afterPaint } from '../../shared/afterPaint.ts';
import { isRunning } from '../../../src/protocol/analysisProgress.ts';
import type { InspectorState } from '../state.ts';
import { addStats, emptyStats, type Stats } from '../stats.ts';

/** Map and table are drawn anew with every update: so often an eye can still follow. */
const UPDATE_MS = 200;
/** The header is drawn, then map and table are laid out, then the rows are drawn: nothing is asked before. */
const FRAMES_BEFORE_ASKING = 3;

/** Keeps `state.analysis` and `state.stats` in step with the host, for every model that the page shows. */
export function followAnalysis(state: InspectorState): void {
  let shown: { readonly model: ModelView; take(status: AnalysisStatus): void; stop(): void } | null = null;
  effect(() => {
    const model = state.model.value;
    if (model === shown?.model || (model !== null && !state.loaded.value)) return;
    shown?.stop(); // with the model go the numbers that were computed from it
    state.analysis.value = null;
    state.stats.value = null;
    shown = model === null ? null : { model, ...followModel(state, model) };
  });
  state.link.onPush('analysis', (status) => shown?.take(status));
}

function followModel(state: InspectorState, model: ModelView) {
  const { ask } = state.link;
  const stopped = new AbortController();
  let latest: AnalysisStatus | null = null;
  let stats: Stats | null = null;
  let isFetching = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  /** One ask at a time; what came is shown when there is no more, or when it has been a while. */
  const fetchStats = async (): Promise<void> => {
    if (isFetching) return; // it looks itself whether more has come meanwhile
    isFetching = true;
    try {
      let shownAt = performance.now();
      for (let more = true; more || (latest?.serial ?? 0) > (stats?.serial ?? 0);) {
        const before: Stats | null = stats;
        const columns = await ask.statsColumns({ since: stats?.serial ?? 0 }, stopped.signal);
        if (stats !== before) continue; // they were thrown away meanwhile
        const isStuck = columns.count === 0 && columns.serial === (stats?.serial ?? 0);
        stats = addStats(stats ?? emptyStats(model.tensorCount), columns);
        more = columns.more && !isStuck;
        if (more && performance.now() - shownAt < UPDATE_MS) continue;
        state.stats.value = stats;
        if (isStuck) return;
        shownAt = performance.now();
        if (!more) await rest(UPDATE_MS, stopped.signal);
      }
    } catch {
      // The numbers stay what they are; the next status asks again.
    } finally {
      isFetching = false;
    }
  };
  const show = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (latest === null || stopped.signal.aborted) return;
    const isOutdated = state.fileState.peek() !== 'same';
    if (isOutdated && isRunning(latest)) return; // of the file as it is now, not as it is shown
    state.analysis.value = latest;
    if (isOutdated) return;
    if (latest.serial < (stats?.serial ?? 0)) state.stats.value = stats = null; // another's numbers: all anew
    if (latest.serial > (stats?.serial ?? 0)) void fetchStats(); // does not reject
  };
  const take = (status: AnalysisStatus): void => {
    latest = status;
    if (status.state === state.analysis.peek()?.state) timer ??= setTimeout(show, UPDATE_MS);
    else show();
  };
  const askAfter = (frames: number): void => {
    if (frames > 0) return afterPaint(() => askAfter(frames - 1));
    ask
      .analysis(null, stopped.signal)
      .then((status) => {
        if (latest === null) take(status); // else a newer one was told while it was on its way
      })
      .catch(() => undefined); // there is nothing to tell of it then; the command still starts it
  };
  askAfter(FRAMES_BEFORE_ASKING);
  return {
    take,
    stop: (): void => {
      clearTimeout(timer);
      stopped.abort();
    },
  };
}

const rest = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
