// Problems of open models as VS Code diagnostics on their file.
import * as vscode from 'vscode';
import type { Severity } from '../core/base/problem.ts';
import { formatCount } from '../core/base/units.ts';
import type { OpenModels } from './openModels.ts';

const SEVERITIES: Record<Severity, vscode.DiagnosticSeverity> = {
  error: vscode.DiagnosticSeverity.Error,
  warning: vscode.DiagnosticSeverity.Warning,
  info: vscode.DiagnosticSeverity.Information,
};

export function createProblemMarks(models: OpenModels): vscode.Disposable {
  const marks = vscode.languages.createDiagnosticCollection('quantscope');
  const subscription = models.onDidRead(({ uri, snapshot }) => {
    if (snapshot === null || snapshot.kind === 'pointer') return marks.delete(uri);
    const start = new vscode.Range(0, 0, 0, 0); // a binary file has no lines
    marks.set(
      uri,
      snapshot.problems.map(({ text, severity, code, byteOffset, file }) => {
        const where = [file, byteOffset === null ? '' : `byte ${formatCount(byteOffset)}`].filter(
          (part) => part !== '',
        );
        const message = where.length === 0 ? text : `${text} (${where.join(', ')})`;
        const mark = new vscode.Diagnostic(start, message, SEVERITIES[severity]);
        mark.source = 'Quantscope';
        mark.code = code;
        return mark;
      }),
    );
  });
  return vscode.Disposable.from(marks, subscription);
}
