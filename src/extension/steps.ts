// Questions in lists, one after the other, with a way back.
import * as vscode from 'vscode';

export interface Choice<T> extends vscode.QuickPickItem {
  readonly value: T;
}

export interface Step<T> {
  readonly title: string;
  readonly placeholder: string;
  /** From 1. */
  readonly step?: number;
  readonly steps?: number;
  readonly choices: Promise<readonly (Choice<T> | vscode.QuickPickItem)[]>;
  /** What was answered last. */
  readonly isLast?: (value: T) => boolean;
}

export type Answer<T> = { readonly kind: 'chosen'; readonly value: T } | { readonly kind: 'back' } | null;

const isChoice = <T>(item: vscode.QuickPickItem | undefined): item is Choice<T> =>
  item !== undefined && 'value' in item;

/**
 * The palette gives the keyboard back to the page it was called from when it closes, late on a busy machine: a list shown by
 * then would take that for a click beside it (microsoft/vscode#75209). Lists with answers behind them stay until Escape.
 */
const SETTLED_AFTER_MS = 1000;

/** null: the user asked no further. */
export function ask<T>({
  title,
  placeholder,
  step = 1,
  steps = 1,
  choices,
  isLast,
}: Step<T>): Promise<Answer<T>> {
  const list = vscode.window.createQuickPick<Choice<T> | vscode.QuickPickItem>();
  Object.assign(list, { title, placeholder, matchOnDescription: true, busy: true, ignoreFocusOut: true });
  if (steps === 1) setTimeout(() => isClosed || (list.ignoreFocusOut = false), SETTLED_AFTER_MS);
  if (steps > 1) Object.assign(list, { step, totalSteps: steps });
  if (step > 1) list.buttons = [vscode.QuickInputButtons.Back];
  let isClosed = false;
  choices.then(
    (items) => {
      if (isClosed) return;
      list.items = items;
      list.busy = false;
      const last = items.find((item) => isChoice<T>(item) && isLast?.(item.value));
      if (last !== undefined) list.activeItems = [last];
    },
    (error: unknown) => {
      if (isClosed) return;
      list.items = [{ label: error instanceof Error ? error.message : String(error), alwaysShow: true }];
      list.busy = false;
    },
  );
  return new Promise((resolve) => {
    const settle = (answer: Answer<T>): void => {
      if (isClosed) return;
      isClosed = true;
      resolve(answer);
      list.dispose();
    };
    list.onDidAccept(() => {
      const [item] = list.selectedItems;
      if (isChoice<T>(item)) settle({ kind: 'chosen', value: item.value });
    });
    list.onDidTriggerButton(() => settle({ kind: 'back' }));
    list.onDidHide(() => settle(null));
    list.show();
  });
}
