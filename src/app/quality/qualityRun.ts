// One measurement under way: the engine's news as the state that pages show, and the curve that grows with it.
import type { EngineNews } from './engine.ts';
import type { Curve, RunProgress, RunState } from '../../protocol/quality.ts';

export interface RunningMeasurement {
  readonly state: RunState;
  /** Whole. */
  readonly curve: Curve;
  hear(news: EngineNews): void;
  /** What was not told since the last call; null: nothing. */
  newCurve(): Curve | null;
}

/** @param now in milliseconds */
export function followRun(
  { id, hasBase, contextTokens }: { id: string; hasBase: boolean; contextTokens: number },
  now: () => number,
): RunningMeasurement {
  let state: RunState = { state: 'checking' };
  let startedAt = 0;
  let modelIsLoaded = false;
  const values = emptyValues();
  let chunks = 0;
  let pass: Curve['pass'] = 'model';
  let told = 0;

  const curveFrom = (first: number): Curve => {
    const column = (numbers: readonly number[]): Float32Array => Float32Array.from(numbers.slice(first));
    return {
      ...{ id, pass, chunks, first },
      perplexity: column(values.perplexity),
      standardError: column(values.standardError),
      basePerplexity: pass === 'both' ? column(values.basePerplexity) : null,
      meanKl: hasBase && pass !== 'base' ? column(values.meanKl) : null,
    };
  };
  const begin = (next: Curve['pass'], count: number): void => {
    for (const column of Object.values(values)) column.length = 0;
    told = 0;
    pass = next;
    chunks = count;
    startedAt = now();
  };
  const started = ({ chunks: count, device }: EngineNews & { kind: 'started' }): void => {
    // Both models are loaded before the first chunk, or the base alone before its own pass.
    const isFirst = state.state !== 'running';
    const isSecondPass = pass === 'base' && modelIsLoaded;
    const next = !hasBase ? 'model' : modelIsLoaded ? 'both' : 'base';
    begin(next, count);
    state = {
      ...{ state: 'running', pass, passes: isFirst && next !== 'base' && !isSecondPass ? 1 : 2 },
      ...{ done: 0, chunks: count, score: null, base: null, meanKl: null, device },
      ...{ tokensPerSecond: 0, secondsLeft: null },
    };
  };
  return {
    get state() {
      return state;
    },
    get curve() {
      return curveFrom(0);
    },
    newCurve() {
      if (told === values.perplexity.length) return null;
      const curve = curveFrom(told);
      told = values.perplexity.length;
      return curve;
    },
    hear(news) {
      if (news.kind === 'loading') {
        modelIsLoaded ||= news.which === 'model';
        state = { state: 'loading', which: news.which, share: news.share };
      } else if (news.kind === 'started') started(news);
      else if (state.state === 'running') {
        const { score, base, meanKl } = news;
        values.perplexity.push(score.perplexity);
        values.standardError.push(score.standardError ?? NaN);
        values.basePerplexity.push(base?.perplexity ?? NaN);
        values.meanKl.push(meanKl ?? NaN);
        state = { ...state, ...progressOf(state, news, (now() - startedAt) / 1000, contextTokens) };
      }
    },
  };
}

const emptyValues = () => ({
  perplexity: [] as number[],
  standardError: [] as number[],
  basePerplexity: [] as number[],
  meanKl: [] as number[],
});

function progressOf(
  { pass, passes }: RunProgress,
  { done, chunks, score, base, meanKl }: EngineNews & { kind: 'chunk' },
  seconds: number,
  contextTokens: number,
): Partial<RunProgress> {
  const models = pass === 'both' && passes === 1 ? 2 : 1;
  const chunksLeft = chunks - done + (pass === 'base' && passes === 2 ? chunks : 0);
  return {
    done,
    score: pass === 'base' ? null : score,
    base: pass === 'base' ? score : base,
    meanKl,
    tokensPerSecond: seconds > 0 ? (models * done * contextTokens) / seconds : 0,
    secondsLeft: seconds > 0 ? (seconds / done) * chunksLeft : null,
  };
}
