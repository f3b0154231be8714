// Random rows of logits, and what they say in doubles: written without a look at the reference.
import { createRandom, type Random } from '../../support/random.ts';

/** Roughly normal with standard deviation 1. */
export function normal(random: Random): number {
  let sum = 0;
  for (let term = 0; term < 12; term++) sum += random.below(2 ** 31) / 2 ** 31;
  return sum - 6;
}

/** Logits as models have them: many around a mean, a few high above. */
export function randomRow(vocabulary: number, spread: number, seed: number): Float32Array {
  const random = createRandom(seed);
  return Float32Array.from({ length: vocabulary }, () => (random.once(50) ? 3 : 1) * spread * normal(random));
}

/** The row with some noise on each logit, and all of them shifted. */
export function disturbed(row: Float32Array, noise: number, shift: number, seed: number): Float32Array {
  const random = createRandom(seed);
  return row.map((logit) => logit + shift + noise * normal(random));
}

/** ln p of every token. */
export function logChances(row: Float32Array): Float64Array {
  const logits = Float64Array.from(row);
  const most = logits.reduce((a, b) => Math.max(a, b));
  const total = logits.reduce((sum, logit) => sum + Math.exp(logit - most), 0);
  return logits.map((logit) => logit - most - Math.log(total));
}

/** Σ p (ln p − ln q) in doubles. */
export function slowDivergence(base: Float32Array, other: Float32Array): number {
  const [p, q] = [logChances(base), logChances(other)];
  return p.reduce((sum, lnP, token) => sum + (lnP < -700 ? 0 : Math.exp(lnP) * (lnP - q[token]!)), 0);
}
