// Results of analyses, kept on the disk.
import type { StatsStore } from '../app/ports.ts';

/** Keeps nothing. */
export const NO_STORE: StatsStore = {
  resultsOf: () => ({ read: () => new Map(), readView: () => null, keep: () => false }),
};
