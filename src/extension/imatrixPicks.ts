// What an importance matrix needs to know, asked of the user: the text, how much of it, and where to.
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { CALIBRATION_CHOICES } from '../app/quantize/calibration.ts';
import { imatrixName } from '../app/quantize/imatrixPartial.ts';
import type { TextChoice } from '../app/quality/qualityPlan.ts';
import { formatCount } from '../core/base/units.ts';
import { chunksText } from '../protocol/qualityWords.ts';
import { ask, type Choice } from './steps.ts';
import { pickTextChoice, separator } from './textPicks.ts';

/** A text, or all bundled ones in turns. */
export type CalibrationText = TextChoice | { readonly kind: 'mix' };

export interface ImatrixPlan {
  readonly text: CalibrationText;
  readonly chunkLimit: number | null;
}

export interface ImatrixAnswers extends ImatrixPlan {
  readonly output: string;
  /** The user wants to replace what is there. */
  readonly replace: boolean;
}

const STEPS = 3;
const TITLE = 'Make Importance Matrix';
const place = (step: number) => ({ title: TITLE, step, steps: STEPS });

/** Asks everything, beginning with what was chosen last. null: the user left. */
export async function pickImatrix(model: string, last: ImatrixPlan): Promise<ImatrixAnswers | null> {
  let { text, chunkLimit } = last;
  for (let step = 1; ;) {
    if (step === 1) {
      const answer = await pickTextChoice<{ readonly kind: 'mix' }>({
        ...place(1),
        ...{ last: text, extras: [MIX], openLabel: 'Use This Text' },
      });
      if (answer === null || answer === 'back') return null;
      text = answer.value;
      step = 2;
    } else if (step === 2) {
      const answer = await pickChunks(chunkLimit);
      if (answer === null) return null;
      if (answer !== 'back') chunkLimit = answer.value;
      step = answer === 'back' ? 1 : 3;
    } else {
      const answer = await pickOutput(model);
      if (answer === null) return null;
      if (answer !== 'back') return { text, chunkLimit, ...answer };
      step = 2;
    }
  }
}

const MIX: Choice<{ readonly kind: 'mix' }> = {
  label: 'Mix',
  description: 'English, code and sixteen languages in turns: a good start for most models',
  value: { kind: 'mix' },
};

async function pickChunks(last: number | null): Promise<{ readonly value: number | null } | 'back' | null> {
  const choices = CALIBRATION_CHOICES.map(({ label, chunks }): Choice<number | null> => ({
    label,
    description: chunksText(chunks),
    value: chunks,
  }));
  const answer = await ask<number | null>({
    ...place(2),
    placeholder: 'How much of it: more takes longer; mixtures of experts need much',
    choices: Promise.resolve(choices),
    isLast: (chunks) => chunks === last,
  });
  if (answer === null) return null;
  return answer.kind === 'back' ? 'back' : { value: answer.value };
}

type Output = Pick<ImatrixAnswers, 'output' | 'replace'>;

async function pickOutput(model: string): Promise<Output | 'back' | null> {
  const proposed = join(dirname(model), imatrixName(basename(model)));
  for (;;) {
    const answer = await ask<string>({
      ...place(3),
      placeholder: 'Where it is written',
      choices: Promise.resolve([
        {
          label: basename(proposed),
          description: existsSync(proposed) ? 'beside the model · is there already' : 'beside the model',
          value: proposed,
        },
        separator('elsewhere'),
        { label: 'Choose a Place…', iconPath: new vscode.ThemeIcon('folder-opened'), value: '' },
      ]),
      isLast: (path) => path === proposed,
    });
    if (answer === null) return null;
    if (answer.kind === 'back') return 'back';
    const output = answer.value === '' ? await chosenPlace(proposed) : await confirmed(proposed);
    if (output !== null) return output;
  }
}

/** The dialog itself asks whether a file may be replaced. */
async function chosenPlace(proposed: string): Promise<Output | null> {
  const uri = await vscode.window.showSaveDialog({
    ...{ title: TITLE, saveLabel: 'Write Here', defaultUri: vscode.Uri.file(proposed) },
    filters: { 'Importance matrices': ['gguf'] },
  });
  if (uri === undefined) return null;
  if (/\.gguf$/i.test(uri.fsPath)) return { output: uri.fsPath, replace: true };
  return confirmed(`${uri.fsPath}.gguf`);
}

async function confirmed(output: string): Promise<Output | null> {
  if (!existsSync(output)) return { output, replace: false };
  const replace = 'Replace';
  const answer = await vscode.window.showWarningMessage(
    `${basename(output)} is there already. Replace it?`,
    { modal: true, detail: 'It stays as it is until the new one is finished.' },
    replace,
  );
  return answer === replace ? { output, replace: true } : null;
}

/** A dialog: a list that comes a moment after another may lose the focus, and with it itself. null: the user left. */
export async function askWhetherToGoOn(chunksDone: number, chunks: number): Promise<boolean | null> {
  const goOn = `Go on from Chunk ${formatCount(chunksDone)} of ${formatCount(chunks)}`;
  const startOver = 'Start Over';
  const answer = await vscode.window.showInformationMessage(
    'A run with the same model, text and settings did not come to its end.',
    { modal: true, detail: 'Going on makes the same importance matrix as one run.' },
    goOn,
    startOver,
  );
  return answer === undefined ? null : answer === goOn;
}
