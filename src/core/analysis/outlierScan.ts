// The kernel's search for outliers: strip after strip, with a list that stays short because its limit rises.
import { insideOf, type Interval, narrowest, reachesOutside } from './inside.ts';
import { MAX_WORST, type OutlierLimits, type Outliers, type PlacedWeight, worstOf } from './outliers.ts';
import { OUTLIER_SIGMAS } from './summary.ts';

export interface OutlierScan {
  /** Begins anew. */
  begin(limits: OutlierLimits): void;
  /** Can there be anything to find among weights between these? */
  isWorthwhile(least: number, most: number): boolean;
  /** Looks at the first `count` floats of the strip; the strips of a tensor come in the order of its bytes.
   * @param first place in the tensor of the first of them */
  scan(count: number, first: number): void;
  /** What was found since the beginning. */
  found(): Outliers;
}

/** The list is cut to MAX_WORST when it is longer than this. */
const MAX_LISTED = 4096;

/** All floats. */
const EVERYTHING: Interval = { low: -Infinity, high: Infinity };

/** @param find looks at the first floats of the strip; answers how many it listed */
export function createOutlierScan(
  { buffer }: WebAssembly.Memory,
  address: (name: string) => number,
  find: (count: number) => number,
): OutlierScan {
  const pairs = new Float32Array(buffer, address('OUTLIER_LIMITS'), 2 * (OUTLIER_SIGMAS.length + 2));
  const counted = new Uint32Array(buffer, address('OUTLIER_COUNTS'), OUTLIER_SIGMAS.length);
  const stripWeights = address('STRIP_WEIGHTS');
  const listedIndexes = new Uint32Array(buffer, address('OUTLIERS'), 2 * stripWeights);
  const listedWeights = new Float32Array(buffer, address('OUTLIERS'), 2 * stripWeights);

  let limits: OutlierLimits = { mean: 0, std: 1, exactBeyond: 3, worstBeyond: Infinity };
  let counting: readonly Interval[] = [];
  let gate = EVERYTHING;
  const counts = new Float64Array(OUTLIER_SIGMAS.length);
  let listed: PlacedWeight[] = [];

  const listBeyond = (distance: number): void => {
    const listing = insideOf(limits.mean, distance);
    gate = narrowest([...counting, listing]);
    pairs.set([gate, ...counting, listing].flatMap(({ low, high }) => [low, high]));
  };
  return {
    begin(given) {
      limits = given;
      const { mean, std, exactBeyond, worstBeyond } = limits;
      counting = OUTLIER_SIGMAS.map((sigmas) =>
        sigmas < exactBeyond ? EVERYTHING : insideOf(mean, sigmas * std),
      );
      counts.fill(0);
      listed = [];
      listBeyond(worstBeyond);
    },
    isWorthwhile: (least, most) => reachesOutside(gate, least, most),
    scan(count, first) {
      counted.fill(0);
      const listedCount = find(count);
      for (let k = 0; k < counts.length; k++) counts[k] = (counts[k] ?? 0) + (counted[k] ?? 0);
      for (let at = 0; at < 2 * listedCount; at += 2)
        listed.push({ index: first + (listedIndexes[at] ?? NaN), value: listedWeights[at + 1] ?? NaN });
      if (listed.length <= MAX_LISTED) return;
      listed = worstOf(listed, limits.mean);
      // Of what is equally far the earlier ones are listed already.
      listBeyond(Math.abs((listed[MAX_WORST - 1]?.value ?? NaN) - limits.mean));
    },
    found: () => ({
      counts: OUTLIER_SIGMAS.map((sigmas, k) => (sigmas < limits.exactBeyond ? NaN : (counts[k] ?? NaN))),
      worst: worstOf(listed, limits.mean),
    }),
  };
}
