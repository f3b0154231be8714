// Planning memory in the editor: its command, and what its pages ask.
import { totalmem } from 'node:os';
import * as vscode from 'vscode';
import type { ModelReader } from '../app/ports.ts';
import { createExtensionEngine } from './engineSettings.ts';
import { PLANNER_COMMANDS } from './ids.ts';
import { chosenModel, type ModelQuestion } from './modelPages.ts';
import type { OpenModels } from './openModels.ts';
import { createPlannerPages } from './plannerPanel.ts';
import { readPlannerSettings } from './plannerSettings.ts';
import { registerReported } from './reported.ts';

export interface PlannerServices {
  readonly reader: ModelReader;
  readonly models: OpenModels;
  readonly log: vscode.LogOutputChannel;
}

export function registerPlanner(
  context: vscode.ExtensionContext,
  { reader, models, log }: PlannerServices,
): vscode.Disposable {
  const engine = createExtensionEngine(context);
  const sources = { reader, engine, settings: readPlannerSettings, ramBytes: totalmem() };
  const pages = createPlannerPages(context, sources);
  const planMemory = async (uri?: vscode.Uri): Promise<void> => {
    const path = await chosenModel(uri, [models.active()?.document.uri, pages.active()], QUESTION);
    if (path !== null) pages.show(path);
  };
  return vscode.Disposable.from(pages, registerReported(log, PLANNER_COMMANDS, { planMemory }));
}

const QUESTION: ModelQuestion = {
  ...{ title: 'Plan Memory', openLabel: 'Plan' },
  filters: { Models: ['gguf', 'safetensors', 'json'], 'All files': ['*'] },
  refusal: 'Memory is planned for files on a disk; save this one to a folder and open it there.',
};
