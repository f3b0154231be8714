// The Re-quantize pages of models, and what they ask of the user in the editor's own dialogs.
import { basename, dirname } from 'node:path';
import * as vscode from 'vscode';
import {
  connectRequantizePage,
  createRequantizeService,
  type RequantizeShell,
  type RequantizeSources,
} from '../app/requantize/requantizeService.ts';
import type { Later } from '../app/telling.ts';
import { messageOf } from '../core/base/failure.ts';
import type { JobView, RequantizeHost, RequantizePushes, ResultUse } from '../protocol/requantize.ts';
import { IMATRIX_COMMANDS } from './ids.ts';
import { createModelPages, type ModelPages, type PageShell } from './modelPages.ts';

/** package.json names it where the extension is activated. */
const REQUANTIZE_VIEW = 'quantscope.requantize';

export interface RequantizePageServices {
  readonly sources: RequantizeSources;
  readonly useResult: (job: JobView, how: ResultUse) => Promise<void>;
  readonly log: vscode.LogOutputChannel;
  readonly later: Later;
}

export function createRequantizePages(
  context: vscode.ExtensionContext,
  { sources, useResult, log, later }: RequantizePageServices,
): ModelPages<RequantizePushes> {
  return createModelPages<RequantizeHost, RequantizePushes>(context, {
    viewType: REQUANTIZE_VIEW,
    script: 'requantize',
    title: (fileName) => `Re-quantize: ${fileName}`,
    statesKey: 'quantscope.requantizePages',
    serve: (path, own) =>
      createRequantizeService(path, sources, {
        ...shellOf(path, own),
        useResult,
        showLog: () => log.show(true),
      }),
    connect(path, push) {
      const watcher = vscode.workspace.createFileSystemWatcher(
        new vscode.RelativePattern(vscode.Uri.file(dirname(path)), '*'),
      );
      const touched = (uri: vscode.Uri): void => {
        if (basename(uri.fsPath) === basename(path)) push('changed', null);
      };
      return [
        watcher,
        watcher.onDidChange(touched),
        watcher.onDidCreate(touched),
        vscode.workspace.onDidGrantWorkspaceTrust(() => push('changed', null)),
        new vscode.Disposable(connectRequantizePage(path, sources, later, push)),
      ];
    },
  });
}

function shellOf(path: string, own: PageShell): Omit<RequantizeShell, 'useResult' | 'showLog'> {
  const folder = vscode.Uri.file(dirname(path));
  return {
    ...own,
    async mayReplace(output) {
      const replace = 'Replace';
      const answer = await vscode.window.showWarningMessage(
        `${basename(output)} is there already. Replace it?`,
        {
          modal: true,
          detail: `It is replaced when the new file is whole, in ${dirname(output)}. What was in it is gone then.`,
        },
        replace,
      );
      return answer === replace;
    },
    chooseOutput: async (suggested) =>
      (
        await vscode.window.showSaveDialog({
          title: 'Write To',
          saveLabel: 'Choose',
          defaultUri: vscode.Uri.file(suggested),
          filters: { 'GGUF models': ['gguf'] },
        })
      )?.fsPath ?? null,
    chooseImatrix: () =>
      chooseFile('Importance Matrix', folder, {
        'Importance matrices': ['gguf', 'dat', 'imatrix'],
        'All files': ['*'],
      }),
    chooseRecipe: () => chooseFile('Load Recipe', folder, { Recipes: ['json'] }),
    chooseRecipeTarget: async (name) =>
      (
        await vscode.window.showSaveDialog({
          title: 'Save Recipe',
          defaultUri: vscode.Uri.joinPath(folder, name),
          filters: { Recipes: ['recipe.json', 'json'] },
        })
      )?.fsPath ?? null,
    async writeText(file, text) {
      try {
        await vscode.workspace.fs.writeFile(vscode.Uri.file(file), new TextEncoder().encode(text));
        vscode.window.setStatusBarMessage(`$(check) Saved ${basename(file)}`, 3000);
      } catch (error) {
        void vscode.window.showErrorMessage(`Nothing was saved: ${messageOf(error)}`); // settles when the user closes it
      }
    },
    canMakeImatrix: async () =>
      (await vscode.commands.getCommands(true)).includes(IMATRIX_COMMANDS.makeImatrix),
    makeImatrix: async () =>
      vscode.commands.executeCommand(IMATRIX_COMMANDS.makeImatrix, vscode.Uri.file(path)),
  };
}

async function chooseFile(
  title: string,
  folder: vscode.Uri,
  filters: Record<string, string[]>,
): Promise<string | null> {
  const [chosen] =
    (await vscode.window.showOpenDialog({ title, openLabel: 'Choose', defaultUri: folder, filters })) ?? [];
  return chosen?.fsPath ?? null;
}
