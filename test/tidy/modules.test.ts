// How files hang together: what one exports, another one imports, and none needs itself.
import { describe, expect, it } from 'vitest';
import { posix } from 'node:path';
import ts from 'typescript';
import { files, isSource, textOf } from './sources.ts';

/** Compiled by AssemblyScript, which exports to its host, or loaded by a name that is put together (test/support/tools.ts). */
const APART = /^(src\/kernel|src\/rows|tools)\//;
/** Called by VS Code. */
const CALLED = 'src/extension/main.ts activate';

interface Module {
  readonly path: string;
  /** "path name" of its values. A type that a signature needs may be exported with it. */
  readonly exported: readonly string[];
  /** "path name" of values and types. */
  readonly imported: readonly string[];
  /** Files whose values it imports: they run before it. */
  readonly needs: readonly string[];
}

const modules = files
  .filter((path) => isSource(path) && !APART.test(path))
  .map((path) => moduleOf(path, textOf(path)));

function moduleOf(path: string, text: string): Module {
  const exported: string[] = [];
  const imported: string[] = [];
  const needs = new Set<string>();
  for (const statement of ts.createSourceFile(path, text, ts.ScriptTarget.Latest, false).statements) {
    if (ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement)) {
      const { moduleSpecifier } = statement;
      if (moduleSpecifier === undefined || !ts.isStringLiteral(moduleSpecifier)) continue;
      const from = posix.join(posix.dirname(path), moduleSpecifier.text);
      const names = namesIn(statement);
      imported.push(...names.map(({ name, propertyName }) => `${from} ${(propertyName ?? name).text}`));
      const clause = ts.isImportDeclaration(statement) ? statement.importClause : statement;
      const isType =
        clause?.isTypeOnly === true || (names.length > 0 && names.every((one) => one.isTypeOnly));
      if (!isType) needs.add(from);
    } else if (isExported(statement)) {
      if (ts.isVariableStatement(statement)) {
        for (const { name } of statement.declarationList.declarations)
          if (ts.isIdentifier(name)) exported.push(`${path} ${name.text}`);
      } else if (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) {
        exported.push(`${path} ${statement.name?.text ?? 'default'}`);
      }
    }
  }
  return { path, exported, imported, needs: [...needs] };
}

function namesIn(statement: ts.ImportDeclaration | ts.ExportDeclaration) {
  const names = ts.isImportDeclaration(statement)
    ? statement.importClause?.namedBindings
    : statement.exportClause;
  if (names === undefined || !(ts.isNamedImports(names) || ts.isNamedExports(names))) return [];
  return [...names.elements];
}

function isExported(statement: ts.Statement): boolean {
  const modifiers = ts.canHaveModifiers(statement) ? ts.getModifiers(statement) : undefined;
  return modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true;
}

/** Files that need themselves through what they need. */
function inCircles(all: readonly Pick<Module, 'path' | 'needs'>[]): string[] {
  const needs = new Map(all.map((module) => [module.path, module.needs]));
  // What needs nothing that is left is in no circle; what remains at the end is, or leads into one.
  for (let left = -1; left !== needs.size;) {
    left = needs.size;
    for (const [path, own] of needs) if (!own.some((other) => needs.has(other))) needs.delete(path);
  }
  return [...needs.keys()];
}

describe('files', () => {
  it('export nothing that no other file imports', () => {
    const imported = new Set(modules.flatMap((module) => module.imported));
    const exported = modules.flatMap((module) => module.exported);
    expect(exported.length).toBeGreaterThan(1000);
    expect(exported.filter((name) => !imported.has(name) && name !== CALLED)).toEqual([]);
  });

  it('do not need each other in a circle', () => {
    expect(inCircles(modules)).toEqual([]);
    const circle = [
      { path: 'a', needs: ['b', 'elsewhere'] },
      { path: 'b', needs: ['a'] },
      { path: 'c', needs: [] },
    ];
    expect(inCircles(circle)).toEqual(['a', 'b']);
  });

  it('are seen through in whatever way imports and exports are written', () => {
    const text = `import { one, type Two as Too } from '../base/three.ts';
      import type { Four } from './five.ts';
      import { type Six } from './seven.ts';
      import './eight.css';
      export { nine } from './ten.ts';
      export async function eleven() {}
      export const twelve = 12;
      export interface Thirteen {}
      const fourteen = 14;`;
    expect(moduleOf('src/core/file.ts', text)).toEqual({
      path: 'src/core/file.ts',
      imported: [
        'src/base/three.ts one',
        'src/base/three.ts Two',
        'src/core/five.ts Four',
        'src/core/seven.ts Six',
        'src/core/ten.ts nine',
      ],
      exported: ['src/core/file.ts eleven', 'src/core/file.ts twelve'],
      needs: ['src/base/three.ts', 'src/core/eight.css', 'src/core/ten.ts'],
    });
  });
});
