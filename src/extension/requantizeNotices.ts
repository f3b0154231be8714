// Quantizations seen from VS Code: an item of the status bar, a notification with a cancel button while no page shows them, and one
// at the end with what comes next.
import * as vscode from 'vscode';
import { isOpen } from '../app/requantize/requantizeService.ts';
import type { RequantizeJobs } from '../app/requantize/requantizeJobs.ts';
import type { JobView, RequantizePushes, ResultUse } from '../protocol/requantize.ts';
import { jobShare, jobText, jobWords } from '../protocol/requantizeWords.ts';
import { REQUANTIZE_COMMANDS } from './ids.ts';
import type { ModelPages } from './modelPages.ts';

/** A page that is just opening is not hidden for long, and small models are written sooner. */
const NOTIFY_AFTER_MS = 1500;

interface Shown {
  report: (job: JobView) => void;
  end: () => void;
}

export interface NoticeServices {
  readonly jobs: RequantizeJobs;
  readonly pages: ModelPages<RequantizePushes>;
  readonly useResult: (job: JobView, how: ResultUse) => Promise<void>;
  readonly log: vscode.LogOutputChannel;
}

export function createRequantizeNotices({ jobs, pages, useResult, log }: NoticeServices): vscode.Disposable {
  const shown = new Map<string, Shown>();
  const item = vscode.window.createStatusBarItem('quantscope.requantize', vscode.StatusBarAlignment.Left);
  item.name = 'Quantscope Re-quantize';

  const showItem = (open: readonly JobView[]): void => {
    const [job] = open;
    if (job === undefined) return item.hide();
    const waiting = open.length === 1 ? '' : `, ${open.length - 1} waiting`;
    item.text = `$(file-binary) Quantizing ${Math.floor(jobShare(job) * 100)} %${waiting}`;
    item.tooltip = `${jobText(job)}\nClick to show the plan`;
    item.command = {
      title: 'Show the plan',
      command: REQUANTIZE_COMMANDS.requantize,
      arguments: [vscode.Uri.file(job.source.path)],
    };
    item.show();
  };
  const begin = (job: JobView): Shown => {
    const entry: Shown = { report: () => undefined, end: () => clearTimeout(timer) };
    const timer = setTimeout(() => void notify(job, entry, () => jobs.cancel(job.id)), NOTIFY_AFTER_MS); // it ends with the job
    return entry;
  };
  const update = (): void => {
    const open = jobs.all().filter(isOpen);
    showItem(open);
    for (const [id, { end }] of shown)
      if (!open.some((job) => job.id === id && !pages.isVisible(job.source.path))) {
        end();
        shown.delete(id);
      }
    const [running] = open; // those that wait are told of in the status bar
    if (running === undefined || pages.isVisible(running.source.path)) return;
    const known = shown.get(running.id);
    if (known === undefined) shown.set(running.id, begin(running));
    else known.report(running);
  };
  const ended = (job: JobView): void => {
    if (job.state === 'done') {
      log.info(jobText(job));
      if (!pages.isVisible(job.source.path)) void tellDone(job, useResult); // settles when the user closes it
    } else if (job.state === 'failed') {
      log.error(job.why);
      for (const line of job.log) log.info(`  ${line}`);
      if (!pages.isVisible(job.source.path)) void tellFailed(job, pages); // settles when the user closes it
    }
  };
  return vscode.Disposable.from(
    item,
    new vscode.Disposable(jobs.onChange(update)),
    new vscode.Disposable(jobs.onEnd(ended)),
    pages.onDidChangeVisible(update),
    new vscode.Disposable(() => shown.forEach(({ end }) => end())),
  );
}

const BUTTONS: Readonly<Record<string, ResultUse>> = {
  Open: 'open',
  'Compare…': 'compare',
  'Measure Perplexity': 'measure',
};

async function tellDone(job: JobView, useResult: NoticeServices['useResult']): Promise<void> {
  const answer = await vscode.window.showInformationMessage(jobText(job), ...Object.keys(BUTTONS));
  const how = BUTTONS[answer ?? ''];
  if (how !== undefined) await useResult(job, how);
}

async function tellFailed(
  job: JobView & { readonly state: 'failed' },
  pages: ModelPages<RequantizePushes>,
): Promise<void> {
  const show = 'Show';
  if ((await vscode.window.showErrorMessage(job.why, show)) === show) pages.show(job.source.path);
}

async function notify(first: JobView, entry: Shown, cancel: () => void): Promise<void> {
  const options = {
    location: vscode.ProgressLocation.Notification,
    title: `Quantizing ${first.source.fileName}`,
    cancellable: true,
  };
  await vscode.window.withProgress(options, (progress, token) => {
    token.onCancellationRequested(cancel);
    let percent = 0;
    entry.report = (job) => {
      const share = jobShare(job) * 100;
      progress.report({ increment: Math.max(0, share - percent), message: jobWords(job).join(' · ') });
      percent = Math.max(percent, share);
    };
    entry.report(first);
    return new Promise<void>((resolve) => (entry.end = resolve));
  });
}
