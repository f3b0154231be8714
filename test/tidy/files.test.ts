// Habits that every file of the repository keeps.
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { files, isSource, root, textOf } from './sources.ts';

/** Beyond this a file knows more than one thing. */
const MAX_LINES = 400;
/** Models, fonts and pictures. */
const BINARY = /\.(gguf|safetensors|png|ttf|ico|jpg|gif)$/;

const sources = files.filter(isSource);
const tests = sources.filter((path) => /\.test\.tsx?$/.test(path));

describe('files', () => {
  it('are short enough to be about one thing', () => {
    const lines = (path: string): number => textOf(path).split('\n').length;
    expect(sources.filter((path) => lines(path) > MAX_LINES)).toEqual([]);
  });

  it('say in their first line what they know, where the tests in them do not', () => {
    const silent = sources.filter((path) => !tests.includes(path) && !/^(\/\/|\/\*|#!)/.test(textOf(path)));
    expect(silent).toEqual([]);
  });

  it('leave no test out and single none out', () => {
    const marked = /\b(?:it|test|describe)\.(?:only|skip|todo)\b(?!If)/;
    expect(tests.filter((path) => marked.test(textOf(path)))).toEqual([]);
  });

  it('name no folder of the machine they were written on', () => {
    const folders = [root.replace(/\/$/, ''), dirname(root)].filter(
      (path) => path !== '/' && path !== tmpdir(),
    );
    const naming = files
      .filter((path) => !BINARY.test(path))
      .filter((path) => folders.some((folder) => textOf(path).includes(`${folder}/`)));
    expect(naming).toEqual([]);
  });

  it('lock packages by integrity, from whatever registry npm is set to', () => {
    expect(textOf('package-lock.json')).not.toContain('"resolved"');
  });
});
