// Activation: a table of contents. Nothing but registration happens here.
import { join } from 'node:path';
import * as vscode from 'vscode';
import { withKeptStats } from '../app/analysis/modelAnalysisPanel.ts';
import { createThreadModelAnalyzer } from '../node/modelAnalysisClient.ts';
import { createThreadAnalyzer } from '../node/threadAnalyzer.ts';
import { createThreadImatrix } from '../node/threadImatrix.ts';
import { createThreadReader } from '../node/threadReader.ts';
import { createAnalysisProgress } from './analysisProgress.ts';
import { registerCommands } from './commands.ts';
import { registerConfigHovers } from './configHovers.ts';
import { SETTINGS } from './ids.ts';
import { registerImatrix } from './imatrix.ts';
import { showImatrixPage } from './imatrixEditor.ts';
import { registerModelEditor } from './modelEditor.ts';
import { createOpenModels } from './openModels.ts';
import { registerPlanner } from './planner.ts';
import { createProblemMarks } from './problemMarks.ts';
import { registerQuality } from './quality.ts';
import { registerRequantize } from './requantize.ts';
import { createStatusBar } from './statusBar.ts';

export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel('Quantscope', { log: true });
  const shipped = (file: string): string => join(context.extensionPath, 'dist', file);
  const reader = createThreadReader(shipped('headerThread.js'));
  const imatrixReader = createThreadImatrix(shipped('imatrixThread.js'));
  const tensorAnalyzer = createThreadAnalyzer(shipped('analysisThread.js'), {
    kernelFile: shipped('kernel.wasm'),
  });
  const modelAnalyzer = createThreadModelAnalyzer(
    shipped('modelAnalysisThread.js'),
    {
      kernelFile: shipped('kernel.wasm'),
      sliceThread: shipped('sliceThread.js'),
      storeFolder: join(context.globalStorageUri.fsPath, 'analysis'),
    },
    (sentence) => log.warn(sentence),
    () => vscode.workspace.getConfiguration().get<number>(SETTINGS.analysisThreads, 0),
  );
  const analyzer = withKeptStats(tensorAnalyzer, modelAnalyzer);
  const models = createOpenModels();
  const quality = registerQuality(context, { reader, models, log });
  context.subscriptions.push(
    log,
    reader,
    imatrixReader,
    tensorAnalyzer,
    modelAnalyzer,
    models,
    createStatusBar(models),
    createProblemMarks(models),
    createAnalysisProgress(modelAnalyzer, models),
    registerModelEditor(context, { reader, analyzer, modelAnalyzer, models, log }, (panel, page) =>
      showImatrixPage(context, panel, { ...page, imatrixReader, log }),
    ),
    registerImatrix(context, { reader, imatrixReader, models, log }),
    quality,
    registerRequantize(context, { reader, models, quality, log }),
    registerPlanner(context, { reader, models, log }),
    registerConfigHovers(reader, log),
    registerCommands({ reader, analyzer, modelAnalyzer, models, log }),
  );
}
