// A measurement as the object that the terminal prints and the editor exports. Shares are 0…1, divergences in nat.
import type { QualityMeasurement } from './measureChecked.ts';

/** Places of the quantiles in a spread: 0.1, 1, 5, 10, 25, 50, 75, 90, 95, 99 and 99.9 %. */
const MEDIAN = 5;
const P99 = 9;

export function qualityReport({ model, base, text, result }: QualityMeasurement): object {
  const { score, comparison } = result;
  return {
    ...score,
    chunks: result.chunks,
    contextTokens: result.contextTokens,
    device: result.device,
    seconds: result.seconds,
    tokensPerSecond: result.tokensPerSecond,
    engineVersion: result.engineVersion,
    model,
    text,
    ...(comparison !== null && {
      base: {
        ...base,
        perplexity: comparison.base.perplexity,
        standardError: comparison.base.standardError,
        deltaPerplexity: comparison.deltaPerplexity.value,
        deltaStandardError: comparison.deltaPerplexity.error,
        significant: comparison.significant,
        meanKl: comparison.kl.value,
        meanKlStandardError: comparison.kl.error,
        medianKl: comparison.kl.quantiles[MEDIAN],
        p99Kl: comparison.kl.quantiles[P99],
        maxKl: comparison.kl.max,
        sameTop: comparison.sameTop.value,
        sameTopStandardError: comparison.sameTop.error,
        rmsDeltaP: comparison.rmsDeltaP.value,
      },
    }),
  };
}
