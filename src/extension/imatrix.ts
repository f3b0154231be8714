// Importance matrices in the editor: the command that makes them, and what it is made of.
import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import * as vscode from 'vscode';
import type { ModelReader } from '../app/ports.ts';
import { contextFor, type Texts } from '../app/quality/qualityPlan.ts';
import { CALIBRATION_CHOICES, mixedText, STANDARD_CHUNKS } from '../app/quantize/calibration.ts';
import { filesOfModel, identityText, KEEP_EVERY_CHUNKS } from '../app/quantize/imatrixPartial.ts';
import type { ImatrixOrder } from '../app/quantize/makeImatrix.ts';
import { Failure } from '../core/base/failure.ts';
import { diskAccess } from '../node/fileSource.ts';
import { PARTIAL_ENDING, prunePartials } from '../node/partialFiles.ts';
import { createTexts } from '../node/qualityTexts.ts';
import type { ThreadImatrix } from '../node/threadImatrix.ts';
import { createExtensionEngine, readSettings } from './engineSettings.ts';
import { IMATRIX_COMMANDS } from './ids.ts';
import { registerImatrixEditor } from './imatrixEditor.ts';
import {
  askWhetherToGoOn,
  type CalibrationText,
  type ImatrixAnswers,
  type ImatrixPlan,
  pickImatrix,
} from './imatrixPicks.ts';
import { createImatrixRuns } from './imatrixRuns.ts';
import { chosenModel, type ModelQuestion } from './modelPages.ts';
import type { OpenModels } from './openModels.ts';
import { registerReported } from './reported.ts';
import { trusted } from './trusted.ts';

export interface ImatrixServices {
  readonly reader: ModelReader;
  readonly imatrixReader: ThreadImatrix;
  readonly models: OpenModels;
  readonly log: vscode.LogOutputChannel;
}

/** Runs whose parts are kept: those of a large model have some hundred megabytes. */
const MAX_PARTIALS = 4;
const PLAN_KEY = 'quantscope.imatrix.plan';

export function registerImatrix(
  context: vscode.ExtensionContext,
  { reader, imatrixReader, models, log }: ImatrixServices,
): vscode.Disposable {
  const partials = join(context.globalStorageUri.fsPath, 'imatrix');
  const texts = createTexts(join(context.extensionPath, 'media', 'texts'));
  const runs = createImatrixRuns({
    ...{ engine: createExtensionEngine(context), reader, imatrixReader, log },
    memory: context.workspaceState,
  });
  const { signal } = new AbortController();

  const makeImatrix = async (uri?: vscode.Uri): Promise<void> => {
    if (!(await trusted('Making an importance matrix'))) return;
    const chosen = await chosenModel(uri, [models.active()?.document.uri], QUESTION);
    if (chosen === null) return;
    runs.checkFree();
    const model = await reader.measurable(chosen, signal);
    if (model.unfit !== null) throw new Failure('not-readable', model.unfit);
    const { path } = model.mark;
    const answers = await pickImatrix(path, planOf(context.globalState.get(PLAN_KEY)));
    if (answers === null) return;
    const { text, chunkLimit } = answers;
    if (text.kind !== 'held') await context.globalState.update(PLAN_KEY, { text, chunkLimit });
    const { contextTokens: wanted, device } = readSettings();
    const settings = {
      ...{ model: path, output: answers.output, force: answers.replace, chunkLimit, device },
      text: await readText(texts, text),
      contextTokens: contextFor(wanted, [model]).contextTokens,
    };
    const partial = partialOf(settings, partials);
    const head = await imatrixReader.partial(partial.path, signal);
    const isSame = head?.identity === partial.identity;
    const resume = isSame ? await askWhetherToGoOn(head.chunksDone, head.chunks) : false;
    if (resume === null) return;
    prunePartials(partials, MAX_PARTIALS, partial.path);
    await runs.run({ ...settings, partial: { ...partial, resume } });
  };
  return vscode.Disposable.from(
    runs,
    registerImatrixEditor(context, { imatrixReader, log }),
    registerReported(log, IMATRIX_COMMANDS, { makeImatrix }),
  );
}

const QUESTION: ModelQuestion = {
  ...{ title: 'Make Importance Matrix', openLabel: 'Make Importance Matrix' },
  refusal: 'Only a file on a disk can be read by llama.cpp; save it to a folder and open it there.',
};

/** What was chosen last; another version may have written it. */
function planOf(saved: unknown): ImatrixPlan {
  const { text, chunkLimit } = (saved ?? {}) as Partial<ImatrixAnswers>;
  const known = CALIBRATION_CHOICES.find(({ chunks }) => chunks === chunkLimit);
  const isText = text?.kind === 'bundled' || (text?.kind === 'file' && typeof text.path === 'string');
  return {
    text: isText ? text : { kind: 'mix' },
    chunkLimit: known === undefined ? STANDARD_CHUNKS : known.chunks,
  };
}

/** The name is written into the importance matrix: where its numbers come from. */
async function readText(texts: Texts, choice: CalibrationText): Promise<ImatrixOrder['text']> {
  if (choice.kind === 'mix') {
    const names = ['english', 'code', 'languages'] as const;
    const read = await Promise.all(names.map((name) => texts.read({ kind: 'bundled', name })));
    return { name: 'quantscope/mix.txt', content: mixedText(read.map(({ content }) => content)) };
  }
  const { content } = await texts.read(choice);
  if (choice.kind === 'bundled') return { name: `quantscope/${choice.name}.txt`, content };
  return { name: choice.kind === 'file' ? basename(choice.path) : choice.name, content };
}

/** In the extension's own folder: a run that is cancelled leaves nothing beside the model. */
function partialOf(
  { model, text, contextTokens, chunkLimit, device }: Omit<ImatrixOrder, 'partial'>,
  folder: string,
): Omit<NonNullable<ImatrixOrder['partial']>, 'resume'> {
  const sha256 = (value: string): string => createHash('sha256').update(value).digest('hex');
  const identity = identityText({
    ...{ model, contextTokens, chunkLimit, device },
    stamp: diskAccess.stamp(model, filesOfModel(basename(model))),
    textSha256: sha256(text.content),
  });
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${sha256(identity).slice(0, 32)}${PARTIAL_ENDING}`);
  return { path, identity, everyChunks: KEEP_EVERY_CHUNKS };
}
