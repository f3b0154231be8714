// The Quality pages: one panel for each model, opened again after a reload of the window.
import * as vscode from 'vscode';
import { basename } from 'node:path';
import {
  connectQualityPage,
  createQualityService,
  type QualityShell,
  type QualitySources,
} from '../app/quality/qualityService.ts';
import { messageOf } from '../core/base/failure.ts';
import type { PlanPart, QualityHost, QualityPushes } from '../protocol/quality.ts';
import { createServer, type ServerEnd } from '../protocol/rpc.ts';
import { PREFERENCES, saveFile } from './modelEditor.ts';
import { pageHtml } from './pageHtml.ts';
import { createPageStates } from './pageStates.ts';
import { VIEW_TYPES } from './ids.ts';

/** package.json names it where the extension is activated. */
export const QUALITY_VIEW = 'quantscope.quality';

export interface QualityPages extends vscode.Disposable {
  /** Opens the page of a model, or brings it to the front. @param id of a measurement to show */
  show(path: string, id?: string): void;
  /** Does the user see the page of this model? */
  isVisible(path: string): boolean;
  readonly onDidChangeVisible: vscode.Event<string>;
  /** The path of the model whose page is in front. */
  active(): string | null;
}

export interface PageServices {
  readonly sources: QualitySources;
  readonly pick: (path: string, part: PlanPart) => Promise<void>;
  readonly log: vscode.LogOutputChannel;
}

interface Page {
  readonly panel: vscode.WebviewPanel;
  readonly server: ServerEnd<QualityPushes>;
}

export function createQualityPages(
  context: vscode.ExtensionContext,
  { sources, pick, log }: PageServices,
): QualityPages {
  const { extensionUri, globalState } = context;
  const pages = new Map<string, Page>();
  const states = createPageStates(context.workspaceState, 'quantscope.qualityPages');
  const visible = new vscode.EventEmitter<string>();

  const shellOf = (path: string): QualityShell => {
    const uri = vscode.Uri.file(path);
    return {
      isTrusted: () => vscode.workspace.isTrusted,
      pick: (part) => pick(path, part),
      async openModel(model, page) {
        if (page === 'quality') show(model);
        else
          await vscode.commands.executeCommand('vscode.openWith', vscode.Uri.file(model), VIEW_TYPES.model);
      },
      manageTrust: async () => vscode.commands.executeCommand('workbench.trust.manage'),
      showLog: () => log.show(true),
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
      loadPreferences: () => globalState.get(PREFERENCES),
      savePreferences: async (preferences) => globalState.update(PREFERENCES, preferences),
    };
  };
  const fill = (panel: vscode.WebviewPanel, path: string): void => {
    const { webview } = panel;
    const service = createQualityService(path, sources, shellOf(path));
    const server = createServer<QualityHost, QualityPushes>(
      service,
      (message) => void webview.postMessage(message), // false when the page is hidden: it asks again when it is back
      () => new AbortController(),
    );
    const page: Page = { panel, server };
    const subscriptions = [
      webview.onDidReceiveMessage((message: unknown) => server.receive(message)),
      new vscode.Disposable(connectQualityPage(path, sources, (name, value) => server.push(name, value))),
      vscode.workspace.onDidGrantWorkspaceTrust(() => server.push('changed', null)),
      panel.onDidChangeViewState(() => visible.fire(path)),
    ];
    panel.onDidDispose(() => {
      server.close();
      vscode.Disposable.from(...subscriptions).dispose();
      if (pages.get(path) === page) pages.delete(path);
      visible.fire(path);
    });
    panel.iconPath = icons(extensionUri);
    webview.options = pageOptions(extensionUri);
    webview.html = pageHtml(webview, extensionUri, 'quality', null);
    pages.set(path, page);
  };
  const show = (path: string, id?: string): void => {
    const known = pages.get(path);
    if (known === undefined) {
      const title = `Quality: ${basename(path)}`;
      const column = vscode.window.tabGroups.activeTabGroup.viewColumn;
      fill(vscode.window.createWebviewPanel(QUALITY_VIEW, title, column), path);
    } else known.panel.reveal();
    if (id !== undefined) pages.get(path)?.server.push('show', { id });
  };
  const serializer = vscode.window.registerWebviewPanelSerializer(QUALITY_VIEW, {
    async deserializeWebviewPanel(panel, state: unknown) {
      const { path } = (state ?? {}) as { readonly path?: unknown };
      if (typeof path === 'string' && !pages.has(path)) fill(panel, path);
      else panel.dispose(); // it was closed before it knew its model
    },
  });
  return {
    show,
    isVisible: (path) => pages.get(path)?.panel.visible === true,
    onDidChangeVisible: visible.event,
    active: () => [...pages].find(([, { panel }]) => panel.active)?.[0] ?? null,
    dispose() {
      serializer.dispose();
      visible.dispose();
    },
  };
}

const pageOptions = (extensionUri: vscode.Uri): vscode.WebviewOptions => ({
  enableScripts: true,
  localResourceRoots: [vscode.Uri.joinPath(extensionUri, 'dist', 'webview')],
});

const icons = (extensionUri: vscode.Uri) => ({
  light: vscode.Uri.joinPath(extensionUri, 'media', 'model-light.svg'),
  dark: vscode.Uri.joinPath(extensionUri, 'media', 'model-dark.svg'),
});
