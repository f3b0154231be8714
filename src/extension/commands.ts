// The commands of the palette, the editor title and the explorer.
import * as vscode from 'vscode';
import { Failure } from '../core/base/failure.ts';
import type { ReportFormat } from '../app/ports.ts';
import { plural } from '../core/base/units.ts';
import type { AnalysisStatus } from '../protocol/analysis.ts';
import { COMMANDS, VIEW_TYPES } from './ids.ts';
import type { EditorServices } from './modelEditor.ts';
import type { ModelEditor, OpenModels } from './openModels.ts';
import { pickTensor } from './pickTensor.ts';
import { registerReported } from './reported.ts';
import { ask } from './steps.ts';

const FORMATS: readonly {
  readonly label: string;
  readonly format: ReportFormat;
  readonly ending: string;
  readonly detail: string;
}[] = [
  {
    label: 'Markdown',
    format: 'markdown',
    ending: 'md',
    detail: 'What to attach to an issue: facts, types, problems, metadata',
  },
  { label: 'JSON', format: 'json', ending: 'json', detail: 'Everything, every tensor' },
  { label: 'CSV', format: 'csv', ending: 'csv', detail: 'A line for every tensor' },
];

export function registerCommands(services: EditorServices): vscode.Disposable {
  const { models, modelAnalyzer, log } = services;
  return registerReported(log, COMMANDS, {
    openModel,
    openAsModel: async (uri) => {
      const target = uri ?? fileInFront();
      await vscode.commands.executeCommand('vscode.openWith', target, viewTypeOf(target));
    },
    revealTensor: async () => {
      const editor = need(models.active());
      const name = await pickTensor(services.reader, pathOf(editor.document.uri));
      if (name === null) return;
      editor.panel.reveal();
      editor.page.push('reveal', { name });
    },
    focusFilter: async () => models.active()?.page.push('focusFilter', null),
    copyReport: async (uri) => {
      const text = await report(services, editorFor(services, uri), 'markdown');
      await vscode.env.clipboard.writeText(text);
      vscode.window.setStatusBarMessage('$(check) Report copied as Markdown', 3000);
    },
    exportReport: (uri) => exportReport(services, editorFor(services, uri)),
    reopenAsText: async (uri) => {
      const target = uri ?? models.active()?.document.uri ?? fileInFront();
      await vscode.commands.executeCommand('vscode.openWith', target, 'default');
    },
    reopenAsHex: async (uri) => openAsHex(uri ?? models.active()?.document.uri ?? fileInFront()),
    reload: async (uri) => {
      reload(models, editorFor(services, uri));
    },
    analyze: async (uri) => {
      const target = uri ?? need(models.active()).document.uri;
      if (models.editorsOf(target).length === 0)
        await vscode.commands.executeCommand('vscode.openWith', target, viewTypeOf(target));
      const [editor] = models.editorsOf(target);
      // What it would show of the file as it is now, pages that show what it was before could not take.
      if (editor?.document.isOutdated === true) reload(models, editor);
      sayDone(await modelAnalyzer.analyze(pathOf(target), new AbortController().signal));
    },
    cancelAnalysis: async (uri) => modelAnalyzer.cancel(pathOf(uri ?? need(models.active()).document.uri)),
  });
}

/** All pages of the file read it again. */
function reload(models: OpenModels, { document }: ModelEditor): void {
  document.forget();
  for (const editor of models.editorsOf(document.uri)) editor.page.push('reload', null);
}

/** Also of an analysis that had been done before: something must answer the command. What fails, the page says. */
function sayDone({ state, why, tensorCount }: AnalysisStatus): void {
  if (tensorCount === 0 && state === 'failed') throw new Failure('not-readable', why); // there may be no page to say it
  if (tensorCount === 0)
    throw new Failure('not-found', 'No tensor of this file can be analyzed; see its problems.');
  if (state === 'done')
    vscode.window.setStatusBarMessage(`$(check) ${plural(tensorCount, 'tensor')} analyzed`, 3000);
}

function pathOf(uri: vscode.Uri): string {
  if (uri.scheme !== 'file')
    throw new Failure(
      'not-readable',
      'Quantscope reads files on a disk; save this one to a folder and open it there.',
    );
  return uri.fsPath;
}

async function openModel(): Promise<void> {
  const [uri] =
    (await vscode.window.showOpenDialog({
      title: 'Open Model',
      openLabel: 'Open Model',
      filters: { Models: ['gguf', 'safetensors', 'json'], 'All files': ['*'] },
    })) ?? [];
  if (uri !== undefined) await vscode.commands.executeCommand('vscode.openWith', uri, viewTypeOf(uri));
}

const viewTypeOf = (uri: vscode.Uri): string =>
  uri.path.endsWith('.json') ? VIEW_TYPES.index : VIEW_TYPES.model;

function need(editor: ModelEditor | null): ModelEditor {
  if (editor === null)
    throw new Failure('not-found', 'No model is in front; open one with Quantscope: Open Model….');
  return editor;
}

function editorFor({ models }: EditorServices, uri: vscode.Uri | undefined): ModelEditor {
  return need(uri === undefined ? models.active() : (models.editorsOf(uri)[0] ?? null));
}

/** Of the tab in front, whatever shows it. */
function fileInFront(): vscode.Uri {
  const input: unknown = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  if (input instanceof vscode.TabInputText || input instanceof vscode.TabInputCustom) return input.uri;
  throw new Failure('not-found', 'No file is in front; open one first.');
}

async function report(
  { reader }: EditorServices,
  editor: ModelEditor,
  format: ReportFormat,
): Promise<string> {
  const options = {
    location: vscode.ProgressLocation.Notification,
    title: 'Writing the report',
    cancellable: true,
  };
  return vscode.window.withProgress(options, async (_progress, token) => {
    const abort = new AbortController();
    token.onCancellationRequested(() => abort.abort());
    return reader.report(pathOf(editor.document.uri), format, abort.signal);
  });
}

async function exportReport(services: EditorServices, editor: ModelEditor): Promise<void> {
  const answer = await ask<(typeof FORMATS)[number]>({
    title: 'Export Report',
    placeholder: 'Format',
    choices: Promise.resolve(FORMATS.map((format) => ({ ...format, value: format }))),
  });
  if (answer?.kind !== 'chosen') return;
  const choice = answer.value;
  const { uri } = editor.document;
  const target = await vscode.window.showSaveDialog({
    title: 'Export Report',
    defaultUri: uri.with({ path: `${uri.path}.report.${choice.ending}` }),
    filters: { [choice.label]: [choice.ending] },
  });
  if (target === undefined) return;
  const text = await report(services, editor, choice.format);
  await vscode.workspace.fs.writeFile(target, new TextEncoder().encode(text));
  const open = 'Open';
  if (
    (await vscode.window.showInformationMessage(
      `Report written to ${target.path.split('/').pop() ?? ''}.`,
      open,
    )) === open
  )
    await vscode.window.showTextDocument(target);
}

async function openAsHex(uri: vscode.Uri): Promise<void> {
  if (vscode.extensions.getExtension('ms-vscode.hexeditor') !== undefined) {
    await vscode.commands.executeCommand('vscode.openWith', uri, 'hexEditor.hexedit');
    return;
  }
  const find = 'Find Hex Editor';
  const chosen = await vscode.window.showInformationMessage(
    'To see bytes, install the extension Hex Editor by Microsoft.',
    find,
  );
  if (chosen === find)
    await vscode.commands.executeCommand('workbench.extensions.search', 'ms-vscode.hexeditor');
}
