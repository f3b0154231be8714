// A list of problems stays readable, whatever is added to it.
import { expect, it } from 'vitest';
import { MAX_PROBLEMS_PER_CODE } from '../../../src/core/base/problem.ts';
import { createProblemList } from '../../../src/core/base/problemList.ts';

it('keeps problems in the order they were found, with their file', () => {
  const problems = createProblemList(2);
  problems.add('error', 'tensor-overlap', 7, 'One.', 'a');
  problems.add('warning', 'tensor-gap', null, 'Two.');
  expect(problems.list()).toEqual([
    { code: 'tensor-overlap', severity: 'error', byteOffset: 7, text: 'One.', file: 2, tensor: 'a' },
    { code: 'tensor-gap', severity: 'warning', byteOffset: null, text: 'Two.', file: 2 },
  ]);
});

it('counts what it does not list', () => {
  const problems = createProblemList();
  for (let index = 0; index < MAX_PROBLEMS_PER_CODE + 3; index += 1)
    problems.add('error', 'tensor-overlap', index, 'Again.');
  problems.add('warning', 'tensor-gap', 1, 'Another.');
  const all = problems.list();
  expect(all).toHaveLength(MAX_PROBLEMS_PER_CODE + 2);
  expect(all.at(-1)?.text).toBe('3 more problems of this kind (tensor-overlap) not listed.');
});

it('makes names from the file visible and short', () => {
  const problems = createProblemList();
  problems.add('error', 'tensor-name-invalid', 0, `"\u202e${'x'.repeat(10_000)}"`);
  const [problem] = problems.list();
  expect(problem?.text).toMatch(/^"⟨U\+202E⟩x+…$/);
  expect(problem?.text).toHaveLength(400);
});
