// Pages about a model that are no editors of it: one panel of a kind for each file, opened again after a reload of the window.
import { basename } from 'node:path';
import * as vscode from 'vscode';
import { Failure, messageOf } from '../core/base/failure.ts';
import { createServer, type Pushes, type ServerEnd, type Service } from '../protocol/rpc.ts';
import { VIEW_TYPES } from './ids.ts';
import { PREFERENCES } from './modelEditor.ts';
import { type PageName, pageHtml } from './pageHtml.ts';
import { createPageStates } from './pageStates.ts';

export interface PageKind<H extends Service, P extends Pushes> {
  /** package.json names it where the extension is activated. */
  readonly viewType: string;
  readonly script: PageName;
  /** Of the tab: "Quality: model.gguf". */
  readonly title: (fileName: string) => string;
  /** Where its pages keep what they save. */
  readonly statesKey: string;
  readonly serve: (path: string, shell: PageShell) => H;
  /** Tells the page what happens, until what it answers is disposed of. */
  readonly connect: (path: string, push: ServerEnd<P>['push']) => readonly vscode.Disposable[];
}

/** What every such page asks of the editor around it. */
export interface PageShell {
  isTrusted(): boolean;
  manageTrust(): Promise<void>;
  showLayers(): Promise<void>;
  copy(text: string): Promise<void>;
  loadState(): unknown;
  saveState(state: unknown): Promise<void>;
  loadPreferences(): unknown;
  savePreferences(preferences: unknown): Promise<void>;
}

export interface ModelPages<P extends Pushes> {
  /** Opens the page of a model, or brings it to the front. */
  show(path: string): void;
  /** Tells the page of a model, if there is one. */
  push<K extends keyof P & string>(path: string, name: K, value: P[K]): void;
  /** Does the user see the page of this model? */
  isVisible(path: string): boolean;
  readonly onDidChangeVisible: vscode.Event<string>;
  /** The path of the model whose page is in front. */
  active(): string | null;
  dispose(): void;
}

interface Page<P extends Pushes> {
  readonly panel: vscode.WebviewPanel;
  readonly server: ServerEnd<P>;
}

export function createModelPages<H extends Service, P extends Pushes>(
  context: vscode.ExtensionContext,
  { viewType, script, title, statesKey, serve, connect }: PageKind<H, P>,
): ModelPages<P> {
  const { extensionUri } = context;
  const pages = new Map<string, Page<P>>();
  const shellOf = pageShells(context, statesKey);
  const visible = new vscode.EventEmitter<string>();

  const fill = (panel: vscode.WebviewPanel, path: string): void => {
    const { webview } = panel;
    const server = createServer<H, P>(
      serve(path, shellOf(path)),
      (message) => void webview.postMessage(message), // false when the page is hidden: it asks again when it is back
      () => new AbortController(),
    );
    const page: Page<P> = { panel, server };
    const subscriptions = [
      webview.onDidReceiveMessage((message: unknown) => server.receive(message)),
      panel.onDidChangeViewState(() => visible.fire(path)),
      ...connect(path, (name, value) => server.push(name, value)),
    ];
    panel.onDidDispose(() => {
      server.close();
      vscode.Disposable.from(...subscriptions).dispose();
      if (pages.get(path) === page) pages.delete(path);
      visible.fire(path);
    });
    panel.iconPath = {
      light: vscode.Uri.joinPath(extensionUri, 'media', 'model-light.svg'),
      dark: vscode.Uri.joinPath(extensionUri, 'media', 'model-dark.svg'),
    };
    webview.options = {
      enableScripts: true,
      localResourceRoots: [vscode.Uri.joinPath(extensionUri, 'dist', 'webview')],
    };
    webview.html = pageHtml(webview, extensionUri, script, null);
    pages.set(path, page);
  };
  const serializer = vscode.window.registerWebviewPanelSerializer(viewType, {
    async deserializeWebviewPanel(panel, state: unknown) {
      const { path } = (state ?? {}) as { readonly path?: unknown };
      if (typeof path === 'string' && !pages.has(path)) fill(panel, path);
      else panel.dispose(); // it was closed before it knew its model
    },
  });
  return {
    show(path) {
      const known = pages.get(path);
      if (known !== undefined) return known.panel.reveal();
      const column = vscode.window.tabGroups.activeTabGroup.viewColumn;
      fill(vscode.window.createWebviewPanel(viewType, title(basename(path)), column), path);
    },
    push: (path, name, value) => pages.get(path)?.server.push(name, value),
    isVisible: (path) => pages.get(path)?.panel.visible === true,
    onDidChangeVisible: visible.event,
    active: () => [...pages].find(([, { panel }]) => panel.active)?.[0] ?? null,
    dispose() {
      serializer.dispose();
      visible.dispose();
    },
  };
}

function pageShells(
  { workspaceState, globalState }: vscode.ExtensionContext,
  statesKey: string,
): (path: string) => PageShell {
  const states = createPageStates(workspaceState, statesKey);
  return (path) => {
    const uri = vscode.Uri.file(path);
    return {
      isTrusted: () => vscode.workspace.isTrusted,
      manageTrust: async () => vscode.commands.executeCommand('workbench.trust.manage'),
      showLayers: () => openLayers(path),
      async copy(text) {
        try {
          await vscode.env.clipboard.writeText(text);
          vscode.window.setStatusBarMessage('$(check) Copied', 3000);
        } catch (error) {
          void vscode.window.showErrorMessage(`Nothing was copied: ${messageOf(error)}`); // settles when the user closes it
        }
      },
      loadState: () => states.load(uri),
      saveState: (state) => states.save(uri, state),
      loadPreferences: () => globalState.get(PREFERENCES),
      savePreferences: async (preferences) => globalState.update(PREFERENCES, preferences),
    };
  };
}

/** The inspector of a model. */
export async function openLayers(path: string): Promise<void> {
  const viewType = path.endsWith('.json') ? VIEW_TYPES.index : VIEW_TYPES.model;
  await vscode.commands.executeCommand('vscode.openWith', vscode.Uri.file(path), viewType);
}

export interface ModelQuestion {
  readonly title: string;
  readonly openLabel: string;
  /** GGUF models, unless told. */
  readonly filters?: Record<string, string[]>;
  /** Why a file that lies on no disk cannot be taken. */
  readonly refusal: string;
}

/** The model that a command means: the one of a menu, the one in front, or one that is chosen now; null: none. */
export async function chosenModel(
  uri: vscode.Uri | undefined,
  inFront: readonly (vscode.Uri | string | null | undefined)[],
  ask: ModelQuestion,
): Promise<string | null> {
  const target = [uri, ...inFront].find((one) => one !== undefined && one !== null);
  if (typeof target === 'string') return target;
  if (target !== undefined && target !== null) {
    if (target.scheme !== 'file') throw new Failure('not-readable', ask.refusal);
    return target.fsPath;
  }
  const [chosen] =
    (await vscode.window.showOpenDialog({
      ...{ title: ask.title, openLabel: ask.openLabel },
      filters: ask.filters ?? { 'GGUF models': ['gguf'] },
    })) ?? [];
  return chosen?.fsPath ?? null;
}
