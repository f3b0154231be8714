// How the numbers of the analysis come into the page: where it stands is asked when the model has been drawn and told by the
// host from then on; what it computed is fetched behind it, page by page, as long as there is more.
import { batch, effect } from '@preact/signals';
import type { AnalysisStatus } from '../../../src/protocol/analysis.ts';
import type { ModelView } from '../../../src/protocol/modelView.ts';
import { afterPaint } from '../../shared/afterPaint.ts';
import type { InspectorState } from '../state.ts';
import { addStats, emptyStats, type Stats } from '../stats.ts';

/** Map and table are drawn anew with every update: so often an eye can still follow. */
const UPDATE_MS = 200;
/** The header is drawn, then map and table are laid out, then the rows are drawn: nothing is asked before. */
const FRAMES_BEFORE_ASKING = 3;

interface Followed {
  readonly model: ModelView;
  take(status: AnalysisStatus): void;
  /** The file is another by now: its numbers are no longer those of the model that is shown. */
  outdate(): void;
  stop(): void;
}

/** Keeps `state.analysis` and `state.stats` in step with the host, for every model that the page shows. */
export function followAnalysis(state: InspectorState): void {
  let followed: Followed | null = null;
  effect(() => {
    const model = state.model.value;
    const isComplete = state.loaded.value;
    if (state.fileState.value === 'changed') followed?.outdate();
    if (model === followed?.model || (model !== null && !isComplete)) return;
    followed?.stop();
    batch(() => {
      state.analysis.value = null;
      state.stats.value = null;
    });
    followed = model === null ? null : followModel(state, model);
  });
  state.link.onPush('analysis', (status) => followed?.take(status));
}

function followModel(state: InspectorState, model: ModelView): Followed {
  const { ask } = state.link;
  const stopped = new AbortController();
  let latest: AnalysisStatus | null = null;
  let stats: Stats | null = null;
  let isFetching = false;
  let isOutdated = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const isBehind = (): boolean => !isOutdated && (latest?.serial ?? 0) > (stats?.serial ?? 0);
  /** One ask at a time; what came is shown when there is no more, or when it has been a while. */
  const fetchStats = async (): Promise<void> => {
    if (isFetching) return; // it looks itself whether more has come meanwhile
    isFetching = true;
    try {
      let shownAt = performance.now();
      while (isBehind()) {
        const before = stats;
        const since = before?.serial ?? 0;
        const columns = await ask.statsColumns({ since }, stopped.signal);
        if (stats !== before) continue; // they were thrown away meanwhile
        if (isOutdated || (columns.count === 0 && columns.serial <= since)) return;
        stats = addStats(stats ?? emptyStats(model.tensorCount), columns);
        if (columns.more && performance.now() - shownAt < UPDATE_MS) continue;
        state.stats.value = stats;
        shownAt = performance.now();
        if (!columns.more) await rest(UPDATE_MS, stopped.signal);
      }
    } catch {
      // The numbers stay what they are; the next status asks again.
    } finally {
      isFetching = false;
    }
  };
  const forget = (): void => {
    state.stats.value = stats = null;
  };
  const show = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (latest === null) return;
    // Of a file that changed only the failure is worth a word: whatever else is told is of the file as it is now.
    state.analysis.value = isOutdated && latest.state !== 'failed' ? null : latest;
    if (latest.serial < (stats?.serial ?? 0)) forget();
    if (isBehind()) void fetchStats(); // does not reject
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
    model,
    take,
    outdate() {
      isOutdated = true;
      forget();
      show();
    },
    stop() {
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
