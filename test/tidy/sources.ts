// The tracked files of the repository and what the sources among them import.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** Paths from the root, with forward slashes. */
export const files: readonly string[] = execFileSync('git', ['ls-files', '-z'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\0')
  .filter((path) => path !== '' && existsSync(join(root, path)));

export const textOf = (path: string): string => readFileSync(join(root, path), 'utf8');

/** Programs, declarations apart. */
export const isSource = (path: string): boolean =>
  /\.(ts|tsx|mjs|cjs)$/.test(path) && !path.endsWith('.d.ts');

/** Imports of one file: paths from the root for its own files, names as written for packages and `node:*`. */
export function importsOf(path: string): string[] {
  return namesIn(path).map((name) => (name.startsWith('.') ? posix.join(posix.dirname(path), name) : name));
}

function namesIn(path: string): string[] {
  const text = textOf(path);
  if (path.endsWith('.css'))
    return [...text.matchAll(/@import\s+(?:url\()?['"]([^'"]+)/g)].map((match) => match[1] ?? '');
  return ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName);
}
