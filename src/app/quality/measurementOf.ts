// What is kept of the engine's result.
import type { Comparison, EngineResult } from '../../protocol/engine.ts';
import type { ComparisonFigures, ModelMark } from '../../protocol/quality.ts';
import { SPREAD_LEVELS } from '../../protocol/quality.ts';
import type { KeptMeasurement } from './keptMeasurement.ts';

export interface MeasuredWhat {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly date: number;
  readonly model: ModelMark;
  readonly base: ModelMark | null;
  readonly text: { readonly name: string; readonly sha256: string };
  /** Beside those of the device. */
  readonly notes: readonly string[];
}

export function measurementOf(result: EngineResult, what: MeasuredWhat): KeptMeasurement {
  const { score, contextTokens, chunks, availableChunks, device, comparison } = result;
  const { engineVersion, seconds, tokensPerSecond, twoPasses } = result;
  return {
    ...what,
    notes: [...what.notes, ...device.notes],
    ...{ score, contextTokens, chunks, availableChunks, device },
    ...{ engineVersion, seconds, tokensPerSecond, twoPasses },
    figures: comparison === null ? null : figuresOf(comparison),
    spreads: comparison === null ? null : { kl: comparison.kl, deltaP: comparison.deltaP },
    isRemoved: false,
  };
}

const quantile = (quantiles: readonly number[], level: (typeof SPREAD_LEVELS)[number]): number =>
  quantiles[SPREAD_LEVELS.indexOf(level)] ?? NaN;

function figuresOf({ kl, ...comparison }: Comparison): ComparisonFigures {
  const { base, deltaPerplexity, logRatio, significant, correlation, rmsDeltaP, sameTop } = comparison;
  return {
    ...{ base, deltaPerplexity, logRatio, significant, correlation, rmsDeltaP, sameTop },
    meanKl: { value: kl.value, error: kl.error },
    medianKl: quantile(kl.quantiles, 0.5),
    p99Kl: quantile(kl.quantiles, 0.99),
    maxKl: kl.max,
  };
}
