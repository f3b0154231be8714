// The planner pages of models.
import { basename, dirname } from 'node:path';
import * as vscode from 'vscode';
import { createPlannerService, type PlannerSources } from '../app/plan/plannerService.ts';
import type { PlannerHost, PlannerPushes } from '../protocol/planner.ts';
import { SETTINGS } from './ids.ts';
import { createModelPages, type ModelPages } from './modelPages.ts';
import { affectsPlanner, writeDefaultDevice } from './plannerSettings.ts';

/** package.json names it where the extension is activated. */
const PLANNER_VIEW = 'quantscope.planner';

export type PlannerPages = ModelPages<PlannerPushes>;

export function createPlannerPages(context: vscode.ExtensionContext, sources: PlannerSources): PlannerPages {
  return createModelPages<PlannerHost, PlannerPushes>(context, {
    viewType: PLANNER_VIEW,
    script: 'planner',
    title: (fileName) => `Memory: ${fileName}`,
    statesKey: 'quantscope.plannerPages',
    serve: (path, own) =>
      createPlannerService(path, sources, {
        ...own,
        makeDefault: writeDefaultDevice,
        editDevices: async () =>
          vscode.commands.executeCommand('workbench.action.openSettings', SETTINGS.plannerDevices),
      }),
    connect(path, push) {
      const changed = (): void => push('changed', null);
      // All names of the folder: a pattern of an exact name would have to escape what a glob reads into it.
      const watcher = vscode.workspace.createFileSystemWatcher(
        new vscode.RelativePattern(vscode.Uri.file(dirname(path)), '*'),
      );
      const touched = (uri: vscode.Uri): void => {
        if (basename(uri.fsPath) === basename(path)) changed();
      };
      return [
        watcher,
        watcher.onDidChange(touched),
        watcher.onDidCreate(touched),
        vscode.workspace.onDidGrantWorkspaceTrust(changed),
        vscode.workspace.onDidChangeConfiguration((event) => affectsPlanner(event) && changed()),
      ];
    },
  });
}
