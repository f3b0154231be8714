// Which folder may import which: the one table of layers. ARCHITECTURE.md quotes it.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { everything } from '../support/tools.ts';
import { files, importsOf, isSource, root, textOf } from './sources.ts';

const EVERYTHING = ['everything'];

/** Folder → what it may import besides itself. The first row that fits a file counts. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  'src/core/base': [],
  'src/core/quant': ['src/core/base'],
  'src/core/formats': ['src/core/base', 'src/core/quant'],
  'src/protocol': ['src/core/base'],
  'src/app': ['src/core', 'src/protocol'],
  'src/node': ['src/core', 'src/app', 'src/protocol', 'node:*'],
  'src/extension': ['src/app', 'src/node', 'src/protocol', 'src/core/base', 'vscode', 'node:*'],
  'src/cli': ['src/app', 'src/node', 'src/core', 'node:*'],
  webview: [
    ...['src/protocol', 'src/core/base'],
    ...[
      'preact',
      '@preact/signals',
      '@tanstack/virtual-core',
      '@vscode/webview-ui-toolkit',
      '@vscode/codicons',
    ],
  ],
  test: EVERYTHING,
  bench: EVERYTHING,
  tools: EVERYTHING,
};

const layerOf = (path: string): string | undefined =>
  Object.keys(LAYERS).find((layer) => path.startsWith(`${layer}/`));

function mayImport(layer: string, target: string): boolean {
  const allowed = LAYERS[layer] ?? [];
  if (allowed === EVERYTHING) return true;
  return [layer, ...allowed].some((name) =>
    name.endsWith('*')
      ? target.startsWith(name.slice(0, -1))
      : target === name || target.startsWith(`${name}/`),
  );
}

describe('layers', () => {
  it('every source file in a folder belongs to a layer', () => {
    const inFolders = files.filter((path) => isSource(path) && path.includes('/') && !path.startsWith('.'));
    expect(inFolders.filter((path) => layerOf(path) === undefined)).toEqual([]);
  });

  it('no file imports from a layer that its own does not know', () => {
    const breaches = files.filter(isSource).flatMap((path) => {
      const layer = layerOf(path);
      if (layer === undefined) return [];
      return importsOf(path)
        .filter((target) => !mayImport(layer, target))
        .map((target) => `${path} imports ${target}`);
    });
    expect(breaches).toEqual([]);
  });

  it('the rule finds a breach and lets a known layer pass', () => {
    expect(mayImport('src/core/quant', 'src/core/base/units.ts')).toBe(true);
    expect(mayImport('src/core/quant', 'src/core/formats/model.ts')).toBe(false);
    expect(mayImport('webview', 'node:fs')).toBe(false);
    expect(mayImport('src/node', 'node:fs')).toBe(true);
    expect(mayImport('src/extension', 'test/support/page.ts')).toBe(false);
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
    const shipped = files.filter(
      (path) => /^(src|webview)\/.*\.(tsx?|css)$/.test(path) && !path.endsWith('.d.ts'),
    );
    expect(shipped.filter((path) => !reached.has(path))).toEqual([]);
  });

  it('ARCHITECTURE.md quotes the table as it is, in at most 300 lines', () => {
    const text = textOf('ARCHITECTURE.md');
    expect(text.split('\n').length).toBeLessThanOrEqual(300);
    const quoted = text
      .split('\n')
      .filter((line) => /^\| `[^|]+` \|.*\|$/.test(line))
      .map((line) =>
        line
          .replaceAll('`', '')
          .split('|')
          .map((cell) => cell.trim()),
      )
      .map((cells) => [cells[1] ?? '', cells.at(-2) ?? '']);
    const table = Object.entries(LAYERS).map(([layer, allowed]) => [layer, allowed.join(', ') || 'nothing']);
    expect(quoted.filter(([folder = '']) => folder in LAYERS)).toEqual(table);
  });
});
