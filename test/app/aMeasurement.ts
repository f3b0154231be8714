// Measurements for tests that need no engine: small, with every field of its own value.
import type { KeptMeasurement } from '../../src/app/quality/keptMeasurement.ts';
import type { TokenDamage } from '../../src/protocol/engine.ts';
import type { Curve, ModelMark } from '../../src/protocol/quality.ts';

export interface MeasurementSpec {
  readonly id: string;
  readonly date?: number;
  readonly path?: string;
  readonly bits?: number | null;
  readonly withBase?: boolean;
  readonly perplexity?: number;
  readonly chunks?: number;
  readonly sha256?: string;
}

const score = (perplexity: number) => ({
  perplexity,
  standardError: 0.65,
  meanNll: Math.log(perplexity),
  tokensScored: 4080,
});

const mark = (path: string, bits: number | null): ModelMark => ({
  path,
  fileName: path.slice(1),
  label: `Model ${path.slice(1)}`,
  shortLabel: path.slice(1),
  bitsPerWeight: bits,
  fileBytes: 3_439_168,
  stamp: '1:2:3',
});

const spread = (value: number) => ({
  ...{ value, error: value / 10, min: 0, max: value * 100 },
  quantiles: Array.from({ length: 11 }, (_item, at) => value * at),
});

export function aKept({
  id,
  date = 0,
  path = '/model.gguf',
  bits = 5.1,
  withBase = false,
  perplexity = 34.74,
  chunks = 16,
  sha256 = 'ab'.repeat(32),
}: MeasurementSpec): KeptMeasurement {
  return {
    ...{ id, date, contextTokens: 512, chunks, availableChunks: 40, seconds: 1.5, tokensPerSecond: 5461 },
    model: mark(path, bits),
    base: withBase ? mark('/base.gguf', 16) : null,
    text: { name: 'English', sha256 },
    score: score(perplexity),
    figures: withBase
      ? {
          base: score(34.61),
          deltaPerplexity: { value: 0.13, error: 0.04 },
          logRatio: { value: 0.0037, error: 0.0012 },
          ...{ significant: true, correlation: 0.999 },
          rmsDeltaP: { value: 0.0213, error: 0.001 },
          sameTop: { value: 0.9415, error: 0.0037 },
          meanKl: { value: 0.0046, error: 0.0002 },
          ...{ medianKl: 0.0023, p99Kl: 0.04, maxKl: 0.31 },
        }
      : null,
    device: {
      ...{ backend: 'CPU', names: ['Some CPU'], gpuLayers: 0, layers: 5, threads: 3, extraBuffers: false },
      notes: [],
    },
    ...{ engineVersion: 'llama.cpp 0.4.0', twoPasses: false, notes: [], isRemoved: false },
    spreads: withBase ? { kl: spread(0.0046), deltaP: spread(0.01) } : null,
  };
}

export const aCurve = (id: string): Curve => ({
  ...{ id, pass: 'both', chunks: 3, first: 0 },
  perplexity: Float32Array.of(30, 35, 34.5),
  standardError: Float32Array.of(NaN, 2, 1.5),
  basePerplexity: Float32Array.of(29, 34, 33.5),
  meanKl: Float32Array.of(0.01, 0.02, 0.015),
});

/** "Hé日!": the middle token ends inside of a character, as two tokens make it. */
export function aDamage(): TokenDamage {
  const bytes = new TextEncoder().encode('Hé日!');
  return {
    bytes,
    // H | é | first byte of 日 | its other two | !
    ends: Uint32Array.of(1, 3, 4, 6, 7),
    scored: Uint32Array.of(2, 3, 4),
    kl: Float32Array.of(0.5, 0.25, 2),
    nll: Float32Array.of(1, 2, 4),
    baseNll: Float32Array.of(0.5, 1, 1.5),
    worst: [
      {
        ...{ token: 4, text: '!', kl: 2, nll: 4, baseNll: 1.5 },
        choices: [{ text: '?', probability: 0.5 }],
        baseChoices: [{ text: '!', probability: 0.25 }],
      },
      {
        ...{ token: 3, text: '\ufffd\ufffd', kl: 0.25, nll: 2, baseNll: 1 },
        ...{ choices: [], baseChoices: [] },
      },
    ],
  };
}
