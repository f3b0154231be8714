// Collects the problems of one file, so many of each kind and no more, with texts made visible.
import { MAX_PROBLEMS_PER_CODE, type Problem, type ProblemCode, type Severity } from './problem.ts';
import { plural } from './units.ts';
import { shorten, visibleText } from './visibleText.ts';

/** A sentence quotes names from the file; beyond this many characters it is cut. */
const MAX_PROBLEM_TEXT = 400;

export interface ProblemList {
  add(severity: Severity, code: ProblemCode, byteOffset: number | null, text: string, tensor?: string): void;
  /** The problems in the order they were found; for a code that was capped one more line says how many are not listed. */
  list(): Problem[];
}

/** @param file index of the file in the model, written into every problem. */
export function createProblemList(file = 0): ProblemList {
  const problems: Problem[] = [];
  const counts = new Map<ProblemCode, number>();
  return {
    add(severity, code, byteOffset, text, tensor) {
      const count = (counts.get(code) ?? 0) + 1;
      counts.set(code, count);
      if (count > MAX_PROBLEMS_PER_CODE) return;
      const sentence = shorten(visibleText(text), MAX_PROBLEM_TEXT);
      problems.push({
        code,
        severity,
        byteOffset,
        text: sentence,
        file,
        ...(tensor === undefined ? {} : { tensor }),
      });
    },
    list() {
      const all = [...problems];
      for (const [code, count] of counts) {
        const left = count - MAX_PROBLEMS_PER_CODE;
        const last = problems.findLast((problem) => problem.code === code);
        if (left <= 0 || last === undefined) continue;
        all.push({
          code,
          severity: last.severity,
          byteOffset: null,
          file,
          text: `${plural(left, 'more problem')} of this kind (${code}) not listed.`,
        });
      }
      return all;
    },
  };
}
