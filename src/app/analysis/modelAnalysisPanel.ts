// The panel of a tensor, with what the analysis of its model has kept: shown at once, computed again only where it can be more exact.
import { cancelled } from '../../core/base/failure.ts';
import type { AbortSignal } from '../../protocol/rpc.ts';
import type { TensorStatsView } from '../../protocol/tensorStats.ts';
import type { ModelAnalyzer, TensorAnalyzer } from '../ports.ts';

/**
 * What is kept takes the place of an estimate. The analysis of a model estimates how many weights are beyond 3 σ: such numbers
 * are shown until the exact ones are there, which are kept in their place.
 */
export function withKeptStats(
  analyzer: TensorAnalyzer,
  modelAnalyzer: Pick<ModelAnalyzer, 'keptStats' | 'keepStats'>,
): TensorAnalyzer {
  const keptStats = async (path: string, name: string, signal: AbortSignal) => {
    const kept = await modelAnalyzer.keptStats(path, name, signal).catch(() => null); // it can be computed all the same
    if (signal.aborted) throw cancelled();
    return kept;
  };
  return {
    ...analyzer,
    async tensorEstimate(path, name, signal) {
      return (await keptStats(path, name, signal)) ?? (await analyzer.tensorEstimate(path, name, signal));
    },
    async tensorStats(path, name, signal) {
      const kept = await keptStats(path, name, signal);
      if (kept !== null && isExact(kept)) return kept;
      const stats = await analyzer.tensorStats(path, name, signal);
      if (kept !== null && isExact(stats)) {
        modelAnalyzer.keepStats(path, stats).catch(() => undefined); // it is computed again another time
      }
      return stats;
    },
  };
}

const isExact = ({ summary }: TensorStatsView): boolean =>
  summary !== null && summary.outliers.every((outlier) => outlier.isExact);
