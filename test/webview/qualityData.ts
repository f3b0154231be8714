// Measurements for the tests of the Quality page's pure parts.
import type { ComparisonFigures, Curve, MeasurementView, ModelMark } from '../../src/protocol/quality.ts';

export const markOf = (shortLabel: string, more: Partial<ModelMark> = {}): ModelMark => ({
  ...{ path: `/models/${shortLabel}.gguf`, fileName: `${shortLabel}.gguf` },
  ...{ label: `SOTU-5M ${shortLabel}`, shortLabel, bitsPerWeight: 5.1, fileBytes: 3_440_000, stamp: '1' },
  ...more,
});

export const figuresWith = (more: Partial<ComparisonFigures> = {}): ComparisonFigures => ({
  base: { perplexity: 34.61, standardError: 0.64, meanNll: 3.54, tokensScored: 2032 },
  deltaPerplexity: { value: 0.132, error: 0.041 },
  logRatio: { value: 0.0038, error: 0.0012 },
  ...{ significant: true, correlation: 0.999 },
  rmsDeltaP: { value: 0.0147, error: 0.0006 },
  sameTop: { value: 0.9562, error: 0.0045 },
  meanKl: { value: 0.00442, error: 0.00009 },
  ...{ medianKl: 0.0034, p99Kl: 0.0197, maxKl: 0.0462 },
  ...more,
});

export const measurementWith = (more: Partial<MeasurementView> = {}): MeasurementView => ({
  ...{ id: 'one', date: new Date(2026, 10, 21, 9, 5).getTime(), model: markOf('Q4_K_M'), base: null },
  ...{ fileState: 'same', text: { name: 'English', sha256: '0123456789abcdef'.repeat(4) } },
  ...{ contextTokens: 256, chunks: 16, availableChunks: 175, figures: null },
  score: { perplexity: 34.742, standardError: 0.651, meanNll: 3.548, tokensScored: 2032 },
  device: {
    ...{ backend: 'CPU', names: [], gpuLayers: 0, layers: 5, threads: 3 },
    ...{ extraBuffers: false, notes: [] },
  },
  ...{ engineVersion: 'llama.cpp b1', seconds: 2.2, tokensPerSecond: 3723, twoPasses: false },
  ...{ notes: [], series: 'a', hasCurve: true, hasDamage: false },
  ...more,
});

export const curveWith = (values: readonly number[], more: Partial<Curve> = {}): Curve => ({
  ...{ id: 'one', pass: 'model', chunks: 8, first: 0 },
  perplexity: Float32Array.from(values),
  standardError: Float32Array.from(values, () => 1),
  ...{ basePerplexity: null, meanKl: null },
  ...more,
});
