// The read-only custom editor: a page for every editor, one document for every file.
import * as vscode from 'vscode';
import { isImatrix } from '../app/imatrix/isImatrix.ts';
import { createInspectorService } from '../app/inspectorService.ts';
import type { ModelAnalyzer, ModelReader, TensorAnalyzer } from '../app/ports.ts';
import { messageOf } from '../core/base/failure.ts';
import type { InspectorHost, InspectorPushes, PageCommand } from '../protocol/inspector.ts';
import type { ModelSnapshot } from '../protocol/modelView.ts';
import { createServer } from '../protocol/rpc.ts';
import { COMMANDS, PLANNER_COMMANDS, QUALITY_COMMANDS, REQUANTIZE_COMMANDS, VIEW_TYPES } from './ids.ts';
import { openModelDocument, type ModelDocument } from './modelDocument.ts';
import type { ModelEditor, OpenModels } from './openModels.ts';
import { createPageStates, type PageStates } from './pageStates.ts';
import { pageHtml } from './pageHtml.ts';
import { affectsPlanner, readPlanDevice } from './plannerSettings.ts';

/** Later than this the document goes without its model. */
const DOCUMENT_WAITS_MS = 60;

export interface EditorServices {
  readonly reader: ModelReader;
  readonly analyzer: TensorAnalyzer;
  readonly modelAnalyzer: ModelAnalyzer;
  readonly models: OpenModels;
  readonly log: vscode.LogOutputChannel;
}

/** Fills a panel with the page of an importance matrix; what it answers takes it out again. */
export type ShowImatrix = (
  panel: vscode.WebviewPanel,
  page: Pick<ModelDocument, 'uri' | 'onDidChangeFile'> & { readonly showTensors: () => Promise<void> },
) => vscode.Disposable;

export function registerModelEditor(
  context: vscode.ExtensionContext,
  services: EditorServices,
  showImatrix: ShowImatrix,
): vscode.Disposable {
  const { reader, models } = services;
  const states = createPageStates(context.workspaceState);
  const provider: vscode.CustomReadonlyEditorProvider<ModelDocument> = {
    openCustomDocument(uri) {
      const document = openModelDocument(uri, reader, (snapshot) => models.read(uri, snapshot));
      document.snapshot().catch(() => undefined); // starts reading while the page loads; the page's own ask reports a failure
      return document;
    },
    resolveCustomEditor(document, panel) {
      const become = (): void => {
        const page = showImatrix(panel, {
          ...{ uri: document.uri, onDidChangeFile: document.onDidChangeFile },
          async showTensors() {
            page.dispose();
            showPage(context, document, panel, states, services, null);
          },
        });
        panel.onDidDispose(() => page.dispose());
      };
      showPage(context, document, panel, states, services, become);
    },
  };
  const options = { supportsMultipleEditorsPerDocument: true };
  return vscode.Disposable.from(
    ...Object.values(VIEW_TYPES).map((viewType) =>
      vscode.window.registerCustomEditorProvider(viewType, provider, options),
    ),
  );
}

/** @param become shows the page of an importance matrix instead, where the file is one; null: it stays what it is */
function showPage(
  { extensionUri, globalState }: vscode.ExtensionContext,
  document: ModelDocument,
  panel: vscode.WebviewPanel,
  states: PageStates,
  { reader, analyzer, modelAnalyzer, models, log }: EditorServices,
  become: (() => void) | null,
): void {
  const { webview } = panel;
  const shell = {
    loadState: () => states.load(document.uri),
    saveState: (state: unknown) => states.save(document.uri, state),
    loadPreferences: () => globalState.get(PREFERENCES),
    savePreferences: async (preferences: unknown) => globalState.update(PREFERENCES, preferences),
    saveFile: (name: string, bytes: Uint8Array) => saveFile(document.uri, name, bytes),
    copy: async (text: string) => {
      try {
        await vscode.env.clipboard.writeText(text);
      } catch (error) {
        void vscode.window.showErrorMessage(`Nothing was copied: ${messageOf(error)}`); // settles when the user closes it
      }
    },
    run: async (command: PageCommand) =>
      vscode.commands.executeCommand<void>(PAGE_COMMANDS[command], document.uri),
    planDevice: readPlanDevice,
    painted: (figures: { readonly firstContent: number; readonly tableRows: number }) => {
      const shown = (milliseconds: number): string => `${Math.round(milliseconds)} ms`;
      log.info(
        `${document.uri.path}: first content ${shown(figures.firstContent)}, rows ${shown(figures.tableRows)}`,
      );
    },
  };
  // Several pages of one file share the document's snapshot.
  const shared: ModelReader = { ...reader, open: () => document.snapshot() };
  const sources = { reader: shared, analyzer, modelAnalyzer };
  const service: InspectorHost = createInspectorService(document.path, sources, shell);
  const page = createServer<InspectorHost, InspectorPushes>(
    service,
    (message) => void webview.postMessage(message), // false when the page is hidden: it asks again when it is back
    () => new AbortController(),
  );
  const editor: ModelEditor = { document, panel, page };
  const subscriptions = [
    webview.onDidReceiveMessage((message: unknown) => page.receive(message)),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (!affectsPlanner(event)) return;
      reader.memoryVerdict(document.path, readPlanDevice(), new AbortController().signal).then(
        (memory) => page.push('memory', memory),
        () => undefined, // the file is gone, which the page is told by the watch
      );
    }),
    document.onDidChangeFile((state) => page.push('fileChanged', { state })),
    new vscode.Disposable(
      modelAnalyzer.onStatus((path, status) => {
        if (path !== document.path) return;
        page.push('analysis', status);
        if (status.state === 'failed') document.checkFile(); // it is why most of them fail
      }),
    ),
  ];
  let isClosed = false;
  const close = (): void => {
    if (isClosed) return;
    isClosed = true;
    page.close();
    vscode.Disposable.from(...subscriptions).dispose();
    models.remove(editor);
  };
  panel.onDidDispose(close);
  webview.options = {
    enableScripts: true,
    localResourceRoots: [vscode.Uri.joinPath(extensionUri, 'dist', 'webview')],
  };
  models.add(editor);
  // The frame of the page takes VS Code about 100 ms: most models are read by then, and travel with the document.
  const read = service.open(null, new AbortController().signal).catch(() => null); // the page asks again, and is told
  const patience = new Promise<null>((resolve) => setTimeout(() => resolve(null), DOCUMENT_WAITS_MS));
  const isOther = (snapshot: ModelSnapshot | null): boolean => {
    if (isClosed || become === null || !isImatrix(snapshot)) return isClosed;
    close();
    become();
    return true;
  };
  void Promise.race([read, patience]).then((snapshot) => {
    if (isOther(snapshot)) return;
    webview.html = pageHtml(webview, extensionUri, 'inspector', snapshot);
    if (snapshot === null) void read.then(isOther); // a thread that just starts is slower than that
  });
}

/** Where the preferences of the user are kept, for all files and windows. */
export const PREFERENCES = 'quantscope.preferences';

/** Of a file name that is proposed; names of tensors may be longer than a disk takes. */
const MAX_NAME = 150;

/** Beside the model, under a name that the user may change. */
export async function saveFile(model: vscode.Uri, name: string, bytes: Uint8Array): Promise<void> {
  const ending = name.split('.').at(-1) ?? '';
  const target = await vscode.window.showSaveDialog({
    defaultUri: vscode.Uri.joinPath(model, '..', name.slice(-MAX_NAME).replace(/[\\/:*?"<>|]/g, '_')),
    filters: { [ending.toUpperCase()]: [ending] },
  });
  if (target === undefined) return;
  try {
    await vscode.workspace.fs.writeFile(target, bytes);
    vscode.window.setStatusBarMessage(`$(check) Saved ${target.path.split('/').at(-1) ?? ''}`, 3000);
  } catch (error) {
    void vscode.window.showErrorMessage(`Nothing was saved: ${messageOf(error)}`); // settles when the user closes it
  }
}

/** What each button of the page runs, with the file. */
const PAGE_COMMANDS: Readonly<Record<PageCommand, string>> = {
  copyReport: COMMANDS.copyReport,
  exportReport: COMMANDS.exportReport,
  reopenAsText: COMMANDS.reopenAsText,
  reopenAsHex: COMMANDS.reopenAsHex,
  reload: COMMANDS.reload,
  measurePerplexity: QUALITY_COMMANDS.measurePerplexity,
  planMemory: PLANNER_COMMANDS.planMemory,
  requantize: REQUANTIZE_COMMANDS.requantize,
  revealInExplorer: 'revealInExplorer',
};
