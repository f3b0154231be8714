// Which text a model reads, asked of the user: one that comes with the extension, one that is open, or a file.
import { basename, dirname } from 'node:path';
import * as vscode from 'vscode';
import { BUNDLED_TEXTS, type TextChoice } from '../app/quality/qualityPlan.ts';
import { formatCount } from '../core/base/units.ts';
import { BUNDLED } from '../node/qualityTexts.ts';
import { ask, type Answer, type Choice } from './steps.ts';

interface TextKind {
  readonly kind: string;
}

export interface TextQuestion<Extra extends TextKind> {
  readonly title: string;
  readonly step: number;
  readonly steps: number;
  /** What was chosen before. */
  readonly last: TextChoice | Extra;
  /** Further texts that come with the extension, before the others. */
  readonly extras: readonly Choice<Extra>[];
  /** Of the dialog for a file. */
  readonly openLabel: string;
}

export async function pickTextChoice<Extra extends TextKind = never>({
  last,
  extras,
  openLabel,
  ...place
}: TextQuestion<Extra>): Promise<{ readonly value: TextChoice | Extra } | 'back' | null> {
  return repeated<TextChoice | Extra>(
    () =>
      ask<TextChoice | Extra | 'file'>({
        ...place,
        placeholder: 'Text that the model reads',
        choices: Promise.resolve(textChoices(last, extras)),
        isLast: (choice) => choice !== 'file' && isSame(choice, last),
      }),
    async () => {
      const file = await chooseFile(openLabel, { 'All files': ['*'] }, null);
      return file === null ? null : { kind: 'file', path: file };
    },
  );
}

const TEXT_KINDS: readonly string[] = ['bundled', 'file', 'held'] satisfies TextChoice['kind'][];
const isText = (choice: TextKind): choice is TextChoice => TEXT_KINDS.includes(choice.kind);

/** Of the user's own there is one in the list. */
function isSame(one: TextKind, other: TextKind): boolean {
  if (one.kind !== other.kind) return false;
  return isText(one) && isText(other) && one.kind === 'bundled' && other.kind === 'bundled'
    ? one.name === other.name
    : true;
}

export const separator = (label: string): vscode.QuickPickItem => ({
  label,
  kind: vscode.QuickPickItemKind.Separator,
});

/** Asks until something is chosen: who opens a dialog of files and closes it comes back to the list. */
export async function repeated<T>(
  question: () => Promise<Answer<T | 'file'>>,
  file: () => Promise<T | null>,
) {
  for (;;) {
    const answer = await question();
    if (answer === null) return null;
    if (answer.kind === 'back') return 'back';
    if (answer.value !== 'file') return { value: answer.value };
    const chosen = await file();
    if (chosen !== null) return { value: chosen };
  }
}

function textChoices<Extra extends TextKind>(
  last: TextChoice | Extra,
  extras: readonly Choice<Extra>[],
): (Choice<TextChoice | Extra | 'file'> | vscode.QuickPickItem)[] {
  const bundled = BUNDLED_TEXTS.map((name): Choice<TextChoice> => ({
    label: BUNDLED[name].name,
    description: BUNDLED[name].what,
    value: { kind: 'bundled', name },
  }));
  const recent =
    isText(last) && last.kind === 'file'
      ? [{ label: basename(last.path), description: dirname(last.path), value: last }]
      : [];
  return [
    separator('with the extension'),
    ...extras,
    ...bundled,
    separator('yours'),
    ...editorChoices(),
    ...recent,
    { label: 'Choose a File…', iconPath: new vscode.ThemeIcon('folder-opened'), value: 'file' },
  ];
}

/** The text editor that was looked at last, and what is selected in it. */
function editorChoices(): Choice<TextChoice>[] {
  const editor =
    vscode.window.activeTextEditor ??
    vscode.window.visibleTextEditors.find(({ document }) => document.uri.scheme !== 'output');
  if (editor === undefined) return [];
  const { document, selection } = editor;
  const name = basename(document.fileName);
  const selected = document.getText(selection);
  const choices: Choice<TextChoice>[] = [];
  if (selected !== '')
    choices.push({
      label: `Selection of ${name}`,
      description: `${formatCount(selected.length)} characters`,
      value: { kind: 'held', name: `selection of ${name}`, content: selected },
    });
  const isOnDisk = document.uri.scheme === 'file' && !document.isDirty;
  choices.push({
    label: name,
    description: 'the open file',
    value: isOnDisk
      ? { kind: 'file', path: document.uri.fsPath }
      : { kind: 'held', name, content: document.getText() },
  });
  return choices;
}

export async function chooseFile(
  label: string,
  filters: Record<string, string[]>,
  folder: string | null,
): Promise<string | null> {
  const [uri] =
    (await vscode.window.showOpenDialog({
      openLabel: label,
      filters,
      ...(folder !== null && { defaultUri: vscode.Uri.file(folder) }),
    })) ?? [];
  return uri?.fsPath ?? null;
}
