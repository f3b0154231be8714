// The analyses that run, seen from VS Code: a notification with a cancel button, an item of the status bar, and the end of
// those whose last editor is closed.
import { basename } from 'node:path';
import * as vscode from 'vscode';
import type { ModelAnalyzer } from '../app/ports.ts';
import type { AnalysisStatus } from '../protocol/analysis.ts';
import { isRunning, progressLine, progressParts, shareDone } from '../protocol/analysisProgress.ts';
import { COMMANDS, CONTEXT_KEYS } from './ids.ts';
import type { OpenModels } from './openModels.ts';

/** Most analyses of small models are over before a notification could be read. */
const NOTIFY_AFTER_MS = 1000;

interface Run {
  status: AnalysisStatus;
  /** Set while its notification is shown. */
  report: (status: AnalysisStatus) => void;
  /** Ends the notification, or keeps it from being shown. */
  end: () => void;
}

export function createAnalysisProgress(analyzer: ModelAnalyzer, models: OpenModels): vscode.Disposable {
  const runs = new Map<string, Run>();
  const item = vscode.window.createStatusBarItem('quantscope.analysis', vscode.StatusBarAlignment.Left);
  item.name = 'Quantscope Analysis';

  const cancel = (path: string): void => {
    analyzer.cancel(path).catch(() => undefined); // it has ended with its thread, which its status tells
  };
  const showItem = (): void => {
    const [path, run] = [...runs].at(-1) ?? [];
    if (path === undefined || run === undefined) return item.hide();
    const parts = progressParts(run.status);
    item.text = `$(pulse) ${parts.doing}`;
    item.tooltip = `${basename(path)}\n${progressLine(parts)}\nClick to show the model`;
    item.command = {
      title: 'Show the model',
      command: COMMANDS.openAsModel,
      arguments: [vscode.Uri.file(path)],
    };
    item.show();
  };
  const setContext = (): void => {
    const inFront = models.active()?.document.path;
    const value = inFront !== undefined && runs.has(inFront);
    void vscode.commands.executeCommand('setContext', CONTEXT_KEYS.isAnalyzing, value); // nothing depends on when
  };
  const begin = (path: string, status: AnalysisStatus): Run => {
    const timer = setTimeout(() => void notify(path, run, cancel), NOTIFY_AFTER_MS); // it ends with the run
    const run: Run = { status, report: () => undefined, end: () => clearTimeout(timer) };
    runs.set(path, run);
    return run;
  };
  const onStatus = (path: string, status: AnalysisStatus): void => {
    const known = runs.get(path);
    if (isRunning(status)) {
      const run = known ?? begin(path, status);
      run.status = status;
      run.report(status);
    } else {
      known?.end();
      runs.delete(path);
    }
    showItem();
    if (isRunning(status) !== (known !== undefined)) setContext();
  };
  return vscode.Disposable.from(
    item,
    new vscode.Disposable(analyzer.onStatus(onStatus)),
    models.onDidChangeActive(setContext),
    models.onDidRead(({ uri, snapshot }) => {
      if (snapshot === null && runs.has(uri.fsPath)) cancel(uri.fsPath); // its last editor was closed
    }),
    new vscode.Disposable(() => runs.forEach(({ end }) => end())),
  );
}

async function notify(path: string, run: Run, cancel: (path: string) => void): Promise<void> {
  const options = {
    location: vscode.ProgressLocation.Notification,
    title: `Analyzing ${basename(path)}`,
    cancellable: true,
  };
  await vscode.window.withProgress(options, (progress, token) => {
    token.onCancellationRequested(() => cancel(path));
    let percent = 0;
    run.report = (status) => {
      const now = shareDone(status) * 100;
      const { bytes, speed, timeLeft } = progressParts(status);
      const message = [bytes, speed, timeLeft].filter((part) => part !== '').join(' · ');
      progress.report({ increment: now - percent, message });
      percent = now;
    };
    run.report(run.status);
    return new Promise<void>((resolve) => (run.end = resolve));
  });
}
