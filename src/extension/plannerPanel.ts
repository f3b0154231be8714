// The planner pages: one panel for each model, opened again after a reload of the window.
import { basename, dirname } from 'node:path';
import * as vscode from 'vscode';
import { createPlannerService, type PlannerShell, type PlannerSources } from '../app/plan/plannerService.ts';
import { messageOf } from '../core/base/failure.ts';
import type { PlannerHost, PlannerPushes } from '../protocol/planner.ts';
import { createServer, type ServerEnd } from '../protocol/rpc.ts';
import { SETTINGS, VIEW_TYPES } from './ids.ts';
import { pageHtml } from './pageHtml.ts';
import { createPageStates } from './pageStates.ts';
import { affectsPlanner, writeDefaultDevice } from './plannerSettings.ts';

/** package.json names it where the extension is activated. */
export const PLANNER_VIEW = 'quantscope.planner';

export interface PlannerPages extends vscode.Disposable {
  /** Opens the page of a model, or brings it to the front. */
  show(path: string): void;
  /** The path of the model whose page is in front. */
  active(): string | null;
}

interface Page {
  readonly panel: vscode.WebviewPanel;
  readonly server: ServerEnd<PlannerPushes>;
}

export function createPlannerPages(
  { extensionUri, workspaceState }: vscode.ExtensionContext,
  sources: PlannerSources,
): PlannerPages {
  const pages = new Map<string, Page>();
  const states = createPageStates(workspaceState, 'quantscope.plannerPages');

  const shellOf = (path: string): PlannerShell => {
    const uri = vscode.Uri.file(path);
    return {
      isTrusted: () => vscode.workspace.isTrusted,
      makeDefault: writeDefaultDevice,
      editDevices: async () =>
        vscode.commands.executeCommand('workbench.action.openSettings', SETTINGS.plannerDevices),
      showLayers: async () =>
        vscode.commands.executeCommand(
          'vscode.openWith',
          uri,
          path.endsWith('.json') ? VIEW_TYPES.index : VIEW_TYPES.model,
        ),
      manageTrust: async () => vscode.commands.executeCommand('workbench.trust.manage'),
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
    };
  };
  const fill = (panel: vscode.WebviewPanel, path: string): void => {
    const { webview } = panel;
    const server = createServer<PlannerHost, PlannerPushes>(
      createPlannerService(path, sources, shellOf(path)),
      (message) => void webview.postMessage(message), // false when the page is hidden: it asks again when it is back
      () => new AbortController(),
    );
    const page: Page = { panel, server };
    const changed = (): void => server.push('changed', null);
    // All names of the folder: a pattern of an exact name would have to escape what a glob reads into it.
    const watcher = vscode.workspace.createFileSystemWatcher(
      new vscode.RelativePattern(vscode.Uri.file(dirname(path)), '*'),
    );
    const touched = (uri: vscode.Uri): void => {
      if (basename(uri.fsPath) === basename(path)) changed();
    };
    const subscriptions = [
      watcher,
      watcher.onDidChange(touched),
      watcher.onDidCreate(touched),
      webview.onDidReceiveMessage((message: unknown) => server.receive(message)),
      vscode.workspace.onDidGrantWorkspaceTrust(changed),
      vscode.workspace.onDidChangeConfiguration((event) => affectsPlanner(event) && changed()),
    ];
    panel.onDidDispose(() => {
      server.close();
      vscode.Disposable.from(...subscriptions).dispose();
      if (pages.get(path) === page) pages.delete(path);
    });
    panel.iconPath = {
      light: vscode.Uri.joinPath(extensionUri, 'media', 'model-light.svg'),
      dark: vscode.Uri.joinPath(extensionUri, 'media', 'model-dark.svg'),
    };
    webview.options = {
      enableScripts: true,
      localResourceRoots: [vscode.Uri.joinPath(extensionUri, 'dist', 'webview')],
    };
    webview.html = pageHtml(webview, extensionUri, 'planner', null);
    pages.set(path, page);
  };
  const serializer = vscode.window.registerWebviewPanelSerializer(PLANNER_VIEW, {
    async deserializeWebviewPanel(panel, state: unknown) {
      const { path } = (state ?? {}) as { readonly path?: unknown };
      if (typeof path === 'string' && !pages.has(path)) fill(panel, path);
      else panel.dispose(); // it was closed before it knew its model
    },
  });
  return {
    show(path) {
      const known = pages.get(path);
      if (known !== undefined) {
        known.panel.reveal();
        return;
      }
      const title = `Memory: ${basename(path)}`;
      const column = vscode.window.tabGroups.activeTabGroup.viewColumn;
      fill(vscode.window.createWebviewPanel(PLANNER_VIEW, title, column), path);
    },
    active: () => [...pages].find(([, { panel }]) => panel.active)?.[0] ?? null,
    dispose: () => serializer.dispose(),
  };
}
