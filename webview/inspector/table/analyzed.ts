// What the analysis has found so far, from the state of the page.
import type { InspectorState } from '../state.ts';
import { decimalsOf, type Analyzed } from './statColumns.ts';

/** Tensors are being analyzed now: what is not known may still come. */
export function isAnalyzing({ analysis }: InspectorState): boolean {
  const state = analysis.value?.state;
  return state === 'estimating' || state === 'running';
}

export function analyzedOf(state: InspectorState): Analyzed {
  const stats = state.stats.value;
  return { stats, isRunning: isAnalyzing(state), decimals: decimalsOf(stats) };
}
