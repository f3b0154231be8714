// Measurements seen from VS Code while their page is not: a notification with a cancel button, and one with the figure at the end.
import { basename } from 'node:path';
import * as vscode from 'vscode';
import { EngineFailure } from '../app/quality/engine.ts';
import type { JobEnd, QualityJobs } from '../app/quality/qualityJobs.ts';
import type { RunView } from '../protocol/quality.ts';
import { resultText, runShare, runText } from '../protocol/qualityWords.ts';
import type { QualityPages } from './qualityPanel.ts';

/** A page that is just opening is not hidden for long, and most measurements of small models are over sooner. */
const NOTIFY_AFTER_MS = 1500;

interface Shown {
  report: (run: RunView) => void;
  end: () => void;
}

export function createQualityNotices(
  jobs: QualityJobs,
  pages: QualityPages,
  log: vscode.LogOutputChannel,
): vscode.Disposable {
  const shown = new Map<string, Shown>();

  const update = (path: string, run: RunView | null): void => {
    const isActive = run !== null && run.state !== 'failed';
    const known = shown.get(path);
    if (!isActive || pages.isVisible(path)) {
      known?.end();
      shown.delete(path);
    } else if (known === undefined) shown.set(path, begin(path));
    else known.report(run);
  };
  const begin = (path: string): Shown => {
    const entry: Shown = { report: () => undefined, end: () => clearTimeout(timer) };
    const timer = setTimeout(() => {
      const run = jobs.run(path);
      if (run !== null) void notify(run, basename(path), entry, () => jobs.cancel(path)); // it ends with the run
    }, NOTIFY_AFTER_MS);
    return entry;
  };
  const ended = (path: string, end: JobEnd): void => {
    if (end.kind === 'measured') {
      log.info(resultText(end.measurement));
      void tellWithShow(resultText(end.measurement), 'info', path, end.measurement.id); // settles when the user closes it
    } else if (end.kind === 'failed') {
      log.error(end.failure.message);
      if (end.failure instanceof EngineFailure) for (const line of end.failure.log) log.info(`  ${line}`);
      if (!pages.isVisible(path)) void tellWithShow(end.failure.message, 'error', path);
    }
  };
  const tellWithShow = async (
    text: string,
    kind: 'info' | 'error',
    path: string,
    id?: string,
  ): Promise<void> => {
    const buttons = pages.isVisible(path) ? [] : ['Show'];
    const answer =
      kind === 'info'
        ? await vscode.window.showInformationMessage(text, ...buttons)
        : await vscode.window.showErrorMessage(text, ...buttons);
    if (answer === 'Show') pages.show(path, id);
  };
  return vscode.Disposable.from(
    new vscode.Disposable(jobs.onRun(update)),
    new vscode.Disposable(jobs.onEnd(ended)),
    pages.onDidChangeVisible((path) => update(path, jobs.run(path))),
    new vscode.Disposable(() => shown.forEach(({ end }) => end())),
  );
}

async function notify(run: RunView, name: string, entry: Shown, cancel: () => void): Promise<void> {
  const options = {
    location: vscode.ProgressLocation.Notification,
    title: `Measuring ${name}`,
    cancellable: true,
  };
  await vscode.window.withProgress(options, (progress, token) => {
    token.onCancellationRequested(cancel);
    let percent = 0;
    entry.report = (now) => {
      const share = runShare(now) * 100;
      progress.report({ increment: Math.max(0, share - percent), message: runText(now) });
      percent = Math.max(percent, share);
    };
    entry.report(run);
    return new Promise<void>((resolve) => (entry.end = resolve));
  });
}
