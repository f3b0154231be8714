// What a file exports, another one imports. Types stand apart: one that a signature needs may be exported with it.
import { describe, expect, it } from 'vitest';
import { posix } from 'node:path';
import ts from 'typescript';
import { files, isSource, textOf } from './sources.ts';

/** Compiled by AssemblyScript, which exports to its host, or loaded by a name that is put together (test/support/tools.ts). */
const APART = /^(src\/kernel|src\/rows|tools)\//;
/** Called by VS Code. */
const CALLED = 'src/extension/main.ts activate';

const sources = files.filter((path) => isSource(path) && !APART.test(path));

interface Uses {
  /** "path name" */
  readonly exported: readonly string[];
  readonly imported: readonly string[];
}

function usesIn(path: string, text: string): Uses {
  const exported: string[] = [];
  const imported: string[] = [];
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, false);
  const from = (specifier: ts.Expression | undefined): string =>
    specifier !== undefined && ts.isStringLiteral(specifier)
      ? posix.join(posix.dirname(path), specifier.text)
      : '';
  for (const statement of file.statements) {
    if (ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement)) {
      const names = ts.isImportDeclaration(statement)
        ? statement.importClause?.namedBindings
        : statement.exportClause;
      if (names !== undefined && (ts.isNamedImports(names) || ts.isNamedExports(names)))
        for (const { name, propertyName } of names.elements)
          imported.push(`${from(statement.moduleSpecifier)} ${(propertyName ?? name).text}`);
    }
    const isExported =
      ts.canHaveModifiers(statement) &&
      ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true;
    if (!isExported) continue;
    if (ts.isVariableStatement(statement)) {
      for (const { name } of statement.declarationList.declarations)
        exported.push(...(ts.isIdentifier(name) ? [`${path} ${name.text}`] : []));
    } else if (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) {
      exported.push(`${path} ${statement.name?.text ?? 'default'}`);
    }
  }
  return { exported, imported };
}

describe('exports', () => {
  it('are imported by another file', () => {
    const uses = sources.map((path) => usesIn(path, textOf(path)));
    const imported = new Set(uses.flatMap((one) => one.imported));
    const exported = uses.flatMap((one) => one.exported);
    expect(exported.length).toBeGreaterThan(1000);
    expect(exported.filter((name) => !imported.has(name) && name !== CALLED)).toEqual([]);
  });

  it('and imports are found in whatever way they are written', () => {
    const text = `import { one, type Two as Too } from '../base/three.ts';
      export { four } from './five.ts';
      export async function six() {}
      export const seven = 7;
      export interface Eight {}
      const nine = 9;`;
    expect(usesIn('src/core/file.ts', text)).toEqual({
      imported: ['src/base/three.ts one', 'src/base/three.ts Two', 'src/core/five.ts four'],
      exported: ['src/core/file.ts six', 'src/core/file.ts seven'],
    });
  });
});
