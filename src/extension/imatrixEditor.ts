// Importance matrices in editors: *.imatrix and *.dat by editors of their own, GGUF files on behalf of the editor of models.
import * as vscode from 'vscode';
import type { ImatrixReader } from '../app/imatrix/imatrixReader.ts';
import { createImatrixService } from '../app/imatrix/imatrixService.ts';
import { Failure, messageOf } from '../core/base/failure.ts';
import type { ImatrixCommand, ImatrixHost, ImatrixPushes } from '../protocol/imatrixView.ts';
import { createServer } from '../protocol/rpc.ts';
import { type FileChange, watchFiles } from './fileWatch.ts';
import { COMMANDS, CONTEXT_KEYS, IMATRIX_VIEW_TYPES } from './ids.ts';
import { saveFile } from './modelEditor.ts';
import { pageHtml } from './pageHtml.ts';
import { createPageStates } from './pageStates.ts';
import { reported } from './reported.ts';

export interface ImatrixEditorServices {
  readonly imatrixReader: ImatrixReader;
  readonly log: vscode.LogOutputChannel;
}

export function registerImatrixEditor(
  context: vscode.ExtensionContext,
  services: ImatrixEditorServices,
): vscode.Disposable {
  const provider: vscode.CustomReadonlyEditorProvider = {
    openCustomDocument: (uri) => ({ uri, dispose: () => undefined }),
    resolveCustomEditor({ uri }, panel) {
      const change = new vscode.EventEmitter<FileChange>();
      const watch = uri.scheme === 'file' ? watchFiles(uri.fsPath, (state) => change.fire(state)) : null;
      void watch?.settle(); // what is on the disk now is what the page asks for
      const page = showImatrixPage(context, panel, {
        ...{ ...services, uri, onDidChangeFile: change.event },
        showTensors: () =>
          Promise.reject(new Failure('wrong-usage', 'The old format has nothing else to show.')),
      });
      panel.onDidDispose(() =>
        vscode.Disposable.from(page, change, ...(watch === null ? [] : [watch])).dispose(),
      );
    },
  };
  const options = { supportsMultipleEditorsPerDocument: true };
  return vscode.Disposable.from(
    ...Object.values(IMATRIX_VIEW_TYPES).map((viewType) =>
      vscode.window.registerCustomEditorProvider(viewType, provider, options),
    ),
  );
}

export interface ImatrixPageServices extends ImatrixEditorServices {
  readonly uri: vscode.Uri;
  readonly onDidChangeFile: vscode.Event<FileChange>;
  /** Shows what the file is underneath. */
  readonly showTensors: () => Promise<void>;
}

/** Fills the panel; what it answers takes the page out of it again. */
export function showImatrixPage(
  { extensionUri, workspaceState }: vscode.ExtensionContext,
  panel: vscode.WebviewPanel,
  { uri, imatrixReader, log, onDidChangeFile, showTensors }: ImatrixPageServices,
): vscode.Disposable {
  const { webview } = panel;
  const states = createPageStates(workspaceState, 'quantscope.imatrixPages');
  const service = createImatrixService(pathOf(uri), imatrixReader, {
    run: (command) => reported(log, () => runCommand(command, uri, showTensors)),
    async copy(text) {
      try {
        await vscode.env.clipboard.writeText(text);
        vscode.window.setStatusBarMessage('$(check) Copied', 3000);
      } catch (error) {
        void vscode.window.showErrorMessage(`Nothing was copied: ${messageOf(error)}`); // settles when the user closes it
      }
    },
    saveFile: (name, bytes) => saveFile(uri, name, bytes),
    loadState: () => states.load(uri),
    saveState: (state) => states.save(uri, state),
  });
  const page = createServer<ImatrixHost, ImatrixPushes>(
    service,
    (message) => void webview.postMessage(message), // false when the page is hidden: it asks again when it is back
    () => new AbortController(),
  );
  const follow = (): void => tellInFront(panel, panel.active);
  const subscriptions = [
    webview.onDidReceiveMessage((message: unknown) => page.receive(message)),
    onDidChangeFile((state) => page.push('fileChanged', { state })),
    panel.onDidChangeViewState(follow),
    new vscode.Disposable(() => page.close()),
    new vscode.Disposable(() => tellInFront(panel, false)),
  ];
  follow();
  webview.options = {
    enableScripts: true,
    localResourceRoots: [vscode.Uri.joinPath(extensionUri, 'dist', 'webview')],
  };
  webview.html = pageHtml(webview, extensionUri, 'imatrix', null);
  return vscode.Disposable.from(...subscriptions);
}

const inFront = new Set<vscode.WebviewPanel>();

/** One may come to the front before the other hears that it left it. */
function tellInFront(panel: vscode.WebviewPanel, isInFront: boolean): void {
  if (isInFront) inFront.add(panel);
  else inFront.delete(panel);
  void vscode.commands.executeCommand('setContext', CONTEXT_KEYS.isImatrix, inFront.size > 0); // nothing depends on when
}

/** Of a file that is on no disk, the reader says that there is none. */
const pathOf = (uri: vscode.Uri): string => (uri.scheme === 'file' ? uri.fsPath : uri.path);

async function runCommand(
  command: ImatrixCommand,
  uri: vscode.Uri,
  showTensors: () => Promise<void>,
): Promise<void> {
  switch (command) {
    case 'showTensors':
      return showTensors();
    case 'reopenAsHex':
      return vscode.commands.executeCommand(COMMANDS.reopenAsHex, uri);
    case 'revealInExplorer':
      return vscode.commands.executeCommand('revealInExplorer', uri);
  }
}
