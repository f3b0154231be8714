// Which layers look only at a window of the last tokens, by the rules of llama.cpp v0.4.0 (src/models/*.cpp, load_arch_hparams;
// set_swa_pattern in src/llama-hparams.cpp).
import type { ShapeKeys } from './shapeKeys.ts';

export interface WindowedLayers {
  readonly windowTokens: number;
  /** One a layer: true where it looks only at the window. */
  readonly isWindowed: readonly boolean[];
}

interface WindowRule {
  /** Every so-manieth layer is dense; 'listed': the file says it layer by layer; 'all': none is. */
  readonly pattern: number | 'listed' | 'listed or 4' | 'all';
  /** The dense layer stands first in its group, not last. */
  readonly denseFirst?: boolean;
  /** Without a window in the file: this one; 'none': all layers are dense. */
  readonly missing: number | 'none';
  /** Whatever the file says. */
  readonly fixedTokens?: number;
  /** Only with so many layers. */
  readonly onlyLayers?: number;
}

const RULES: ReadonlyMap<string, WindowRule> = new Map<string, WindowRule>([
  ['afmoe', { pattern: 4, missing: 'none' }],
  ['cohere2', { pattern: 4, missing: 'none' }],
  ['cohere2moe', { pattern: 'listed or 4', denseFirst: true, missing: 'none' }],
  ['exaone4', { pattern: 4, missing: 4096, onlyLayers: 64 }],
  ['exaone-moe', { pattern: 4, missing: 128 }],
  ['gemma2', { pattern: 2, missing: 4096 }],
  ['gemma3', { pattern: 6, missing: 'none' }],
  ['gemma3n', { pattern: 5, missing: 'none' }],
  ['gemma4', { pattern: 'listed', missing: 'none' }],
  ['gpt-oss', { pattern: 2, missing: 'none' }],
  ['granite_swa', { pattern: 'listed', missing: 'none' }],
  ['laguna', { pattern: 4, denseFirst: true, missing: 'none' }],
  ['lfm2', { pattern: 'all', missing: 'none' }],
  // Chunks, not a sliding window: the cache is as large.
  ['llama4', { pattern: 4, missing: 8192, fixedTokens: 8192 }],
  ['mellum', { pattern: 'listed or 4', missing: 'none' }],
  ['mimo2', { pattern: 'listed', missing: 'none' }],
  ['muse-glimmer', { pattern: 'listed or 4', missing: 'none' }],
  ['olmo2', { pattern: 4, missing: 'none' }],
  ['plamo3', { pattern: 8, missing: 'none' }],
  ['smallthinker', { pattern: 4, denseFirst: true, missing: 'none', fixedTokens: 4096 }],
  ['step35', { pattern: 'listed', missing: 'none' }],
]);

/** Null where all layers are dense. @param layers without those that only draft tokens */
export function windowedLayers(keys: ShapeKeys, layers: number): WindowedLayers | null {
  const rule = RULES.get(keys.architecture);
  if (rule === undefined || (rule.onlyLayers !== undefined && rule.onlyLayers !== layers)) return null;
  const stored = keys.number('attention.sliding_window');
  if (stored === 0 || (stored === null && rule.missing === 'none')) return null;
  const windowTokens = rule.fixedTokens ?? stored ?? Number(rule.missing);
  const isWindowed = pattern(keys, rule, layers);
  return isWindowed === null || !isWindowed.includes(true) ? null : { windowTokens, isWindowed };
}

const PATTERN = 'attention.sliding_window_pattern';

function pattern(keys: ShapeKeys, rule: WindowRule, layers: number): boolean[] | null {
  const indexes = Array.from({ length: layers }, (_, index) => index);
  if (rule.pattern === 'all') return indexes.map(() => true);
  const listed = typeof rule.pattern === 'number' ? null : keys.numbers(PATTERN);
  if (listed !== null) return indexes.map((index) => (listed[index] ?? 0) !== 0);
  const stored = keys.number(PATTERN);
  // Where a list is expected, one number stands for all layers.
  if (rule.pattern === 'listed') return stored === null ? null : indexes.map(() => stored !== 0);
  const period = stored ?? (rule.pattern === 'listed or 4' ? 4 : rule.pattern);
  // A period of 0 makes every layer windowed, 1 none.
  return indexes.map(
    (index) =>
      period === 0 || (rule.denseFirst === true ? index % period !== 0 : index % period < period - 1),
  );
}
