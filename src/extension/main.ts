// Activation: a table of contents. Nothing but registration happens here.
import { join } from 'node:path';
import * as vscode from 'vscode';
import { createThreadReader } from '../node/threadReader.ts';
import { registerCommands } from './commands.ts';
import { registerModelEditor } from './modelEditor.ts';
import { createOpenModels } from './openModels.ts';
import { createProblemMarks } from './problemMarks.ts';
import { createStatusBar } from './statusBar.ts';

export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel('Quantscope', { log: true });
  const reader = createThreadReader(join(context.extensionPath, 'dist', 'headerThread.js'));
  const models = createOpenModels();
  context.subscriptions.push(
    log,
    reader,
    models,
    createStatusBar(models),
    createProblemMarks(models),
    registerModelEditor(context, { reader, models, log }),
    registerCommands({ reader, models, log }),
  );
}
