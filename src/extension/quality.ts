// Measuring in the editor: what it is made of, and its commands.
import { createHash, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { ModelReader } from '../app/ports.ts';
import { createQualityHistory } from '../app/quality/qualityHistory.ts';
import { createQualityJobs } from '../app/quality/qualityJobs.ts';
import { createPlans } from '../app/quality/qualityPlan.ts';
import { Failure } from '../core/base/failure.ts';
import { createQualityFiles } from '../node/qualityFiles.ts';
import { createTexts } from '../node/qualityTexts.ts';
import type { PlanPart } from '../protocol/quality.ts';
import { selectContext, selectDevice } from './devicePicker.ts';
import { downloadCuda } from './downloadCuda.ts';
import { createExtensionEngine, readSettings } from './engineSettings.ts';
import { QUALITY_COMMANDS, SETTINGS } from './ids.ts';
import { chosenModel, type ModelQuestion } from './modelPages.ts';
import type { OpenModels } from './openModels.ts';
import { createQualityNotices } from './qualityNotices.ts';
import { createQualityPages } from './qualityPanel.ts';
import { pickPart, pickPlan } from './qualityPicks.ts';
import { createPlanMemory } from './planMemory.ts';
import { registerReported } from './reported.ts';
import { trusted } from './trusted.ts';

export interface QualityServices {
  readonly reader: ModelReader;
  readonly models: OpenModels;
  readonly log: vscode.LogOutputChannel;
}

export interface Quality extends vscode.Disposable {
  /**
   * Measures a model as was last chosen, without a question, and shows its page.
   * @param base path of the model to compare with; null: the one that was chosen for it, if any
   */
  measureNow(path: string, base: string | null): Promise<void>;
}

export function registerQuality(
  context: vscode.ExtensionContext,
  { reader, models, log }: QualityServices,
): Quality {
  const engine = createExtensionEngine(context);
  const history = createQualityHistory(createQualityFiles(join(context.globalStorageUri.fsPath, 'quality')));
  const jobs = createQualityJobs({
    ...{ reader, engine, history, now: Date.now, newId: randomUUID },
    sha256: (text) => createHash('sha256').update(text).digest('hex'),
    newAbort: () => new AbortController(),
    later(milliseconds, call) {
      const timer = setTimeout(call, milliseconds);
      return () => clearTimeout(timer);
    },
  });
  const plans = createPlans({
    ...{ reader, history, settings: readSettings },
    texts: createTexts(join(context.extensionPath, 'media', 'texts')),
    memory: createPlanMemory(context.globalState),
  });
  const picker = { reader, plans };
  const pick = async (path: string, part: PlanPart): Promise<void> => {
    if (part === 'text' || part === 'base') await pickPart(picker, path, part);
    else if (part === 'context') await selectContext(writeContext);
    else if (await trusted()) await selectDevice(engine);
  };
  const sources = { reader, jobs, history, plans, devices: engine.devices };
  const pages = createQualityPages(context, { sources, pick, log });

  const measure = async (uri?: vscode.Uri): Promise<void> => {
    if (!(await trusted())) return;
    const chosen = await chosenModel(uri, [models.active()?.document.uri, pages.active()], QUESTION);
    if (chosen === null) return;
    const path = await measurablePath(chosen);
    if (await pickPlan(picker, path)) await start(path);
  };
  const measurablePath = async (chosen: string): Promise<string> => {
    const { mark, unfit } = await reader.measurable(chosen, new AbortController().signal);
    if (unfit !== null) throw new Failure('not-readable', unfit);
    return mark.path;
  };
  const start = async (path: string): Promise<void> => {
    pages.show(path);
    jobs.start(await plans.order(path, new AbortController().signal));
  };
  const all = vscode.Disposable.from(
    pages,
    createQualityNotices(jobs, pages, log),
    new vscode.Disposable(() => jobs.dispose()),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (Object.values(SETTINGS).some((name) => event.affectsConfiguration(name))) plans.settingsChanged();
    }),
    registerReported(log, QUALITY_COMMANDS, {
      measurePerplexity: measure,
      selectDevice: async () => {
        if (await trusted()) await selectDevice(engine);
      },
      downloadCuda: async () => {
        if (await trusted()) await downloadCuda(engine);
      },
    }),
  );
  return {
    async measureNow(chosen, base) {
      if (!(await trusted())) return;
      const path = await measurablePath(chosen);
      if (base !== null) plans.change(path, { base: await measurablePath(base) });
      await start(path);
    },
    dispose: () => void all.dispose(),
  };
}

const writeContext = async (tokens: number): Promise<void> =>
  vscode.workspace.getConfiguration().update(SETTINGS.qualityContext, tokens, true);

const QUESTION: ModelQuestion = {
  ...{ title: 'Measure Perplexity', openLabel: 'Measure' },
  refusal: 'Only a file on a disk can be measured; save it to a folder and open it there.',
};
