// Re-quantizing in the editor: what it is made of, and its command.
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { ModelReader } from '../app/ports.ts';
import { createRequantizeJobs, type RequantizeJobs } from '../app/requantize/requantizeJobs.ts';
import { isOpen } from '../app/requantize/requantizeService.ts';
import { createThreadRequantizer } from '../node/requantizeClient.ts';
import type { JobView, ResultUse } from '../protocol/requantize.ts';
import { readSettings } from './engineSettings.ts';
import { REQUANTIZE_COMMANDS } from './ids.ts';
import { chosenModel, type ModelQuestion, openLayers } from './modelPages.ts';
import type { OpenModels } from './openModels.ts';
import type { Quality } from './quality.ts';
import { registerReported, reported } from './reported.ts';
import { createRequantizeNotices } from './requantizeNotices.ts';
import { createRequantizePages } from './requantizePanel.ts';
import { createUnfinishedRuns } from './unfinished.ts';

export interface RequantizeServices {
  readonly reader: ModelReader;
  readonly models: OpenModels;
  readonly quality: Pick<Quality, 'measureNow'>;
  readonly log: vscode.LogOutputChannel;
}

export function registerRequantize(
  context: vscode.ExtensionContext,
  { reader, models, quality, log }: RequantizeServices,
): vscode.Disposable {
  const shipped = (file: string): string => join(context.extensionPath, 'dist', file);
  const requantizer = createThreadRequantizer(
    shipped('requantizeThread.js'),
    { engineProgram: shipped('engine.js'), engineFolders: [shipped('engine')] },
    () => readSettings().device.threads,
  );
  const later = (milliseconds: number, call: () => void): (() => void) => {
    const timer = setTimeout(call, milliseconds);
    return () => clearTimeout(timer);
  };
  const jobs = createRequantizeJobs({ requantizer, now: Date.now, newId: randomUUID, later });
  /** A model of several files has one page, whichever was meant. */
  const firstFile = async (path: string): Promise<string> =>
    (await requantizer.source(path, new AbortController().signal)).source.path;
  const useResult = (job: JobView, how: ResultUse): Promise<void> =>
    reported(log, async () => {
      const { path } = job.output;
      if (how === 'open') await openLayers(path);
      else if (how === 'reveal')
        await vscode.commands.executeCommand('revealInExplorer', vscode.Uri.file(path));
      else await quality.measureNow(path, how === 'compare' ? job.source.path : null);
    });
  const pages = createRequantizePages(context, {
    ...{ useResult, log, later },
    sources: { reader, requantizer, jobs },
  });
  return vscode.Disposable.from(
    pages,
    createRequantizeNotices({ jobs, pages, useResult, log }),
    noteUnfinished(context, jobs, (path) => pages.show(path)),
    new vscode.Disposable(() => jobs.dispose()),
    requantizer,
    registerReported(log, REQUANTIZE_COMMANDS, {
      async requantize(uri) {
        const path = await chosenModel(uri, [models.active()?.document.uri, pages.active()], QUESTION);
        if (path !== null) pages.show(await firstFile(path));
      },
    }),
  );
}

/** Disposed of before the jobs are cancelled, so that these stay noted. */
function noteUnfinished(
  { workspaceState }: vscode.ExtensionContext,
  jobs: RequantizeJobs,
  follow: (path: string) => void,
): vscode.Disposable {
  const unfinished = createUnfinishedRuns(workspaceState, {
    key: 'quantscope.requantize.unfinished',
    advice: 'Start it again from its plan.',
    ...{ button: 'Show the Plan', follow },
  });
  const note = (): void =>
    unfinished.note(
      jobs
        .all()
        .filter(isOpen)
        .map(({ source, output }) => ({ source: source.path, output: output.path })),
    );
  return vscode.Disposable.from(
    new vscode.Disposable(jobs.onChange(note)),
    new vscode.Disposable(jobs.onEnd(note)),
  );
}

const QUESTION: ModelQuestion = {
  ...{ title: 'Re-quantize', openLabel: 'Re-quantize' },
  refusal: 'Only a file on a disk can be quantized; save it to a folder and open it there.',
};
