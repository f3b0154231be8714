// What a measurement needs to know, asked of the user: the text, how much of it, and a model to compare with.
import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import type { ModelReader } from '../app/ports.ts';
import type { Plan, Plans } from '../app/quality/qualityPlan.ts';
import { formatBits, formatBytes } from '../core/base/units.ts';
import { CHUNK_CHOICES } from '../protocol/quality.ts';
import { chunksText } from '../protocol/qualityWords.ts';
import { ask, type Choice } from './steps.ts';
import { chooseFile, pickTextChoice, repeated, separator } from './textPicks.ts';

export interface QualityPicker {
  readonly reader: ModelReader;
  readonly plans: Plans;
}

const STEPS = 3;
const TITLE = 'Measure Perplexity';

/** Asks everything; the plan has the answers. false: the user left. */
export async function pickPlan({ reader, plans }: QualityPicker, path: string): Promise<boolean> {
  const questions = [
    (): Promise<Change> => pickText(plans.of(path), 1),
    (): Promise<Change> => pickChunks(plans.of(path)),
    (): Promise<Change> => pickBase(reader, path, plans.of(path), 3),
  ];
  for (let at = 0; at < questions.length;) {
    const answer = await questions[at]?.();
    if (answer === null || answer === undefined) return false;
    if (answer === 'back') at -= 1;
    else {
      plans.change(path, answer);
      at += 1;
    }
  }
  return true;
}

/** Asks one thing again, for the page. */
export async function pickPart(
  { reader, plans }: QualityPicker,
  path: string,
  part: 'text' | 'base',
): Promise<void> {
  const plan = plans.of(path);
  const answer = await (part === 'text' ? pickText(plan, 0) : pickBase(reader, path, plan, 0));
  if (answer !== null && answer !== 'back') plans.change(path, answer);
}

type Change = Partial<Plan> | 'back' | null;

/** @param step 0: it is asked alone */
async function pickText(plan: Plan, step: number): Promise<Change> {
  const answer = await pickTextChoice({
    ...place(step, 'Text'),
    ...{ last: plan.text, extras: [], openLabel: 'Measure on This Text' },
  });
  return answer === null || answer === 'back' ? answer : { text: answer.value };
}

const place = (step: number, title: string): { title: string; step: number; steps: number } =>
  step === 0 ? { title, step: 1, steps: 1 } : { title: TITLE, step, steps: STEPS };

async function pickChunks(plan: Plan): Promise<Change> {
  const known = CHUNK_CHOICES.map(({ label, chunks }): Choice<number | null> => ({
    label,
    description: chunksText(chunks),
    value: chunks,
  }));
  const isOther = known.every(({ value }) => value !== plan.chunkLimit);
  const other: Choice<number | null> = {
    label: chunksText(plan.chunkLimit),
    description: 'as last time',
    value: plan.chunkLimit,
  };
  const answer = await ask<number | null>({
    ...place(2, ''),
    placeholder: 'How much of it: more takes longer and says it more exactly',
    choices: Promise.resolve(isOther ? [other, ...known] : known),
    isLast: (chunks) => chunks === plan.chunkLimit,
  });
  if (answer === null) return null;
  return answer.kind === 'back' ? 'back' : { chunkLimit: answer.value };
}

async function pickBase(reader: ModelReader, path: string, plan: Plan, step: number): Promise<Change> {
  const abort = new AbortController();
  const answer = await repeated<string | null>(
    () =>
      ask<string | null | 'file'>({
        ...place(step, 'Base Model'),
        placeholder: 'A model to compare with: the one it was quantized from says most',
        choices: baseChoices(reader, path, plan.base, abort.signal),
        isLast: (base) => base === plan.base,
      }),
    () => chooseFile('Compare with This Model', { 'GGUF models': ['gguf'] }, dirname(path)),
  );
  abort.abort();
  return answer === null || answer === 'back' ? answer : { base: answer.value };
}

/** Models of a folder that are looked into: each costs some milliseconds. */
const MAX_IN_FOLDER = 60;

async function baseChoices(
  reader: ModelReader,
  path: string,
  last: string | null,
  signal: AbortSignal,
): Promise<(Choice<string | null | 'file'> | vscode.QuickPickItem)[]> {
  const own = await reader.measurable(path, signal);
  const choice = async (file: string): Promise<Choice<string> | null> => {
    const model = await reader.measurable(file, signal).catch(() => null); // no model to compare with
    if (model === null || model.checked === null) return null;
    if (model.mark.path === own.mark.path || model.architecture !== own.architecture) return null;
    const { label, fileName, bitsPerWeight, fileBytes } = model.mark;
    const description = `${fileName} · ${formatBits(bitsPerWeight)} bpw · ${formatBytes(fileBytes)}`;
    return { label, description, value: model.mark.path };
  };
  const listed = new Set<string>();
  const choices = async (files: readonly string[]): Promise<Choice<string>[]> => {
    const found: Choice<string>[] = [];
    for (const file of files) {
      const one = listed.has(file) ? null : await choice(file);
      listed.add(file);
      if (one !== null) found.push(one);
    }
    return found;
  };
  const open = await choices(openModels());
  const known = await choices(last === null ? [] : [last]);
  const beside = await choices(await modelsBeside(path));
  return [
    { label: 'None', description: 'perplexity alone', value: null },
    ...(known.length === 0 ? [] : [separator('as last time'), ...known]),
    ...(open.length === 0 ? [] : [separator('open'), ...open]),
    ...(beside.length === 0 ? [] : [separator('in the same folder'), ...beside]),
    separator('elsewhere'),
    { label: 'Choose a File…', iconPath: new vscode.ThemeIcon('folder-opened'), value: 'file' },
  ];
}

const openModels = (): string[] =>
  vscode.window.tabGroups.all
    .flatMap(({ tabs }) => tabs)
    .flatMap(({ input }) => (input instanceof vscode.TabInputCustom ? [input.uri] : []))
    .filter(({ scheme, path }) => scheme === 'file' && path.toLowerCase().endsWith('.gguf'))
    .map(({ fsPath }) => fsPath);

async function modelsBeside(path: string): Promise<string[]> {
  const names = await readdir(dirname(path)).catch(() => []); // nothing can be offered from there
  return names
    .filter((name) => /\.gguf$/i.test(name) && !/-(?!00001-)\d{5}-of-\d{5}\.gguf$/i.test(name))
    .slice(0, MAX_IN_FOLDER)
    .map((name) => join(dirname(path), name));
}
