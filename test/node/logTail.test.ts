import { describe, expect, it } from 'vitest';
import { createLogTail } from '../../src/node/logTail.ts';

const tailOf = (...pieces: readonly string[]) => {
  const tail = createLogTail();
  pieces.forEach((piece) => tail.add(piece));
  return tail;
};

describe('the tail of a log', () => {
  it('puts lines together that arrive in pieces', () => {
    expect(tailOf('one', ' line\ntwo\r\nthr', 'ee').lines()).toEqual(['one line', 'two', 'three']);
  });

  it('keeps the last 200 lines, and of a line without an end 4,000 characters', () => {
    const lines = tailOf(Array.from({ length: 500 }, (_item, at) => `line ${at}\n`).join('')).lines();
    expect([lines.length, lines[0], lines.at(-1)]).toEqual([200, 'line 300', 'line 499']);
    const long = tailOf('x'.repeat(10_000), 'y'.repeat(10_000)).lines();
    expect(long.map(({ length }) => length)).toEqual([4000]);
  });

  const causes: readonly (readonly [string, string, string | null])[] = [
    [
      'an assertion',
      'load: ok\nsrc/a.cpp:12: GGML_ASSERT(n > 0) failed\n',
      'src/a.cpp:12: GGML_ASSERT(n > 0) failed',
    ],
    [
      'the reason, not what follows from it',
      'llama_model_load: error loading model: tensor x has wrong shape\nllama_model_load_from_file_impl: failed to load model\n',
      'llama_model_load: error loading model: tensor x has wrong shape',
    ],
    ['nothing', 'load_tensors: CPU buffer size = 5 MiB\n', null],
  ];
  it.each(causes)('names %s', (_what, text, cause) => {
    expect(tailOf(text).cause()).toBe(cause);
  });
});
