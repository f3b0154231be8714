// What was measured, for as long as the program runs: errors by the keys of their questions, speeds by types.
import type { ErrorSums } from './errorEngine.ts';
import type { ErrorQuestion } from './errorQuestions.ts';
import type { MeasuredSpeeds } from './quantizeCost.ts';

export interface ErrorMemory extends MeasuredSpeeds {
  /** undefined: not measured; null: a weight is no finite number. */
  sums(key: string): ErrorSums | null | undefined;
  keep(question: ErrorQuestion, sums: ErrorSums | null): void;
  machineThreads: number | null;
}

/** @param limit of the errors that are remembered; the oldest go first */
export function createErrorMemory(limit: number): ErrorMemory {
  const kept = new Map<string, ErrorSums | null>();
  const speeds = new Map<string, { sum: number; count: number }>();
  const learn = (kind: string, nanoseconds: number | null): void => {
    if (nanoseconds === null) return;
    const speed = speeds.get(kind) ?? { sum: 0, count: 0 };
    speed.sum += nanoseconds;
    speed.count += 1;
    speeds.set(kind, speed);
  };
  const mean = (kind: string): number | null => {
    const speed = speeds.get(kind);
    return speed === undefined ? null : speed.sum / speed.count;
  };
  return {
    machineThreads: null,
    sums: (key) => kept.get(key),
    keep({ key, tensor, importance }, sums) {
      kept.delete(key);
      kept.set(key, sums);
      const [oldest] = kept.keys();
      if (kept.size > limit && oldest !== undefined) kept.delete(oldest);
      learn(`from ${tensor.from.name}`, sums?.dequantizeNanoseconds ?? null);
      learn(toKind(tensor.to.name, importance !== null), sums?.quantizeNanoseconds ?? null);
    },
    quantize: ({ tensor, importance }) => mean(toKind(tensor.to.name, importance !== null)),
    dequantize: ({ tensor: { from } }) => (from.name === 'F32' ? 0 : mean(`from ${from.name}`)),
  };
}

const toKind = (type: string, byImportance: boolean): string =>
  `to ${type}${byImportance ? ' by importance' : ''}`;
