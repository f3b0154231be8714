// Which folder may import which. ARCHITECTURE.md quotes the table.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { everything } from '../support/tools.ts';
import { files, importsOf, isSource, root, textOf } from './sources.ts';

/** Folders → what they may import besides themselves. */
const LAYERS: Readonly<Record<string, string>> = {
  'src/core/base': 'nothing',
  'src/core/quant': 'src/core/base',
  'src/core/formats': 'src/core/base, src/core/quant, @huggingface/gguf',
  'src/core/analysis': 'src/core/base, src/core/quant',
  'src/core/quality': 'src/core/base',
  'src/core/plan': 'src/core/base, src/core/quant, src/core/formats',
  'src/kernel': 'nothing',
  'src/rows': 'nothing',
  'src/protocol': 'src/core/base, src/core/plan',
  'src/app': 'src/core/*, src/protocol',
  'src/node': 'src/core/*, src/app, src/protocol, node:*',
  'src/engine': 'src/core/base, src/core/quality, src/protocol, koffi, node:*',
  'src/extension': 'src/app, src/node, src/protocol, src/core/base, vscode, node:*',
  'src/cli': 'src/app, src/node, src/core/*, node:*',
  webview:
    'src/protocol, src/core/base, src/core/plan, preact, @preact/signals, chart.js, @vscode/webview-ui-toolkit',
  'test, bench, tools': 'everything',
};

const ARCHITECTURE = textOf('ARCHITECTURE.md');

/** A name stands for itself and what lies under it; "*" for anything. */
const covers = (name: string, path: string): boolean =>
  name === 'everything' ||
  path === name ||
  path.startsWith(name.endsWith('*') ? name.slice(0, -1) : `${name}/`);

const listed = (names: string, path: string): boolean => names.split(', ').some((name) => covers(name, path));

/** null: the file belongs to no layer. */
function mayImport(path: string, target: string): boolean | null {
  const row = Object.entries(LAYERS).find(([folders]) => listed(folders, path));
  return row === undefined ? null : listed(row[0], target) || listed(row[1], target);
}

describe('layers', () => {
  it('every source file in a folder belongs to a layer', () => {
    const inFolders = files.filter((path) => isSource(path) && path.includes('/'));
    expect(inFolders.filter((path) => mayImport(path, path) === null)).toEqual([]);
  });

  it('no file imports from a layer that its own does not know', () => {
    const breaches = files.filter(isSource).flatMap((path) =>
      importsOf(path)
        .filter((target) => mayImport(path, target) === false)
        .map((target) => `${path} imports ${target}`),
    );
    expect(breaches).toEqual([]);
  });

  it('the rule lets a known layer pass and finds a breach', () => {
    expect(mayImport('src/core/quant/scheme.ts', 'src/core/base/units.ts')).toBe(true);
    expect(mayImport('src/core/quant/scheme.ts', 'src/core/formats/model.ts')).toBe(false);
    expect(mayImport('src/node/fileSource.ts', 'node:fs')).toBe(true);
    expect(mayImport('webview/inspector/main.tsx', 'node:fs')).toBe(false);
    expect(mayImport('src/extension/main.ts', 'test/support/page.ts')).toBe(false);
    expect(mayImport('elsewhere/file.ts', 'node:fs')).toBe(null);
  });

  it('every file of src and webview is reached from a program or a page', () => {
    const reached = new Set<string>();
    const visit = (path: string): void => {
      if (reached.has(path) || !existsSync(join(root, path))) return;
      reached.add(path);
      if (isSource(path) || path.endsWith('.css')) importsOf(path).forEach(visit);
    };
    const entries = everything({}).flatMap(({ entryPoints }) => entryPoints as { readonly in: string }[]);
    entries.forEach((entry) => visit(entry.in));
    // Compiled by tools/kernel.mjs.
    files.filter((path) => listed('src/kernel, src/rows', path)).forEach(visit);
    const shipped = files.filter(
      (path) => /^(src|webview)\/.*\.(tsx?|css)$/.test(path) && !path.endsWith('.d.ts'),
    );
    expect(shipped.filter((path) => !reached.has(path))).toEqual([]);
  });

  it('ARCHITECTURE.md names only files and folders that are there', () => {
    const paths = /`([\w./*-]+(?:\/|\.tsx?|\.mjs)|(?:src|webview|test|tools)\/[\w/-]+)`/g;
    const named = [...ARCHITECTURE.matchAll(paths)].map((match) => match[1] ?? '');
    expect(named.length).toBeGreaterThan(50);
    const isThere = (name: string): boolean => {
      const end = /\.\w+$/.test(name) ? '$' : '(/|$)';
      const pattern = name.replace(/\/$/, '').replaceAll('.', '\\.').replaceAll('*', '[^/]*');
      return files.some((path) => new RegExp(`(^|/)${pattern}${end}`).test(path));
    };
    expect(named.filter((name) => !isThere(name))).toEqual([]);
  });

  it('ARCHITECTURE.md quotes the table as it is, in at most 300 lines', () => {
    expect(ARCHITECTURE.split('\n').length).toBeLessThanOrEqual(300);
    const rows = ARCHITECTURE.split('\n').filter((line) => line.startsWith('| ') && line.endsWith(' |'));
    const cells = rows.map((row) => row.slice(2, -2).replaceAll('`', '').split(' | '));
    const quoted = cells.filter(([folders = '']) => folders in LAYERS).map((row) => [row[0], row[2]]);
    expect(quoted).toEqual(Object.entries(LAYERS));
  });
});
