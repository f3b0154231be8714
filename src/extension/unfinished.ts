// Runs that their window did not live to see the end of: what is being written is noted in the workspace, and told of when the
// workspace is open again.
import { basename } from 'node:path';
import * as vscode from 'vscode';
import { formatCount } from '../core/base/units.ts';

/** Absolute paths: of the model, and of what is made of it. */
export interface UnfinishedRun {
  readonly source: string;
  readonly output: string;
}

export interface UnfinishedKind {
  /** Where they are noted. */
  readonly key: string;
  /** What to do, a sentence. */
  readonly advice: string;
  /** What a button leads to, with the model of the first. */
  readonly button: string;
  readonly follow: (source: string) => void;
}

export interface UnfinishedRuns {
  /** What runs and waits now, all of it. */
  note(runs: readonly UnfinishedRun[]): void;
}

/** Tells of those that the window before has noted. */
export function createUnfinishedRuns(memory: vscode.Memento, kind: UnfinishedKind): UnfinishedRuns {
  const left = runsFrom(memory.get(kind.key));
  let noted = JSON.stringify(left);
  const note = (runs: readonly UnfinishedRun[]): void => {
    const now = JSON.stringify(runs);
    if (now === noted) return;
    noted = now;
    void memory.update(kind.key, runs.length === 0 ? undefined : runs); // without it nothing would be told, and nothing else
  };
  note([]);
  void tell(left, kind); // settles when the user closes it
  return { note };
}

async function tell(
  [first, ...more]: readonly UnfinishedRun[],
  { advice, button, follow }: UnfinishedKind,
): Promise<void> {
  if (first === undefined) return;
  const name = basename(first.output);
  const what = more.length === 0 ? `${name} was` : `${name} and ${formatCount(more.length)} more were`;
  const text = `${what} not finished: the window was closed or reloaded meanwhile. ${advice}`;
  if ((await vscode.window.showWarningMessage(text, button)) === button) follow(first.source);
}

/** Another version may have written it. */
function runsFrom(raw: unknown): UnfinishedRun[] {
  const list: readonly unknown[] = Array.isArray(raw) ? raw : [];
  return list.flatMap((item) => {
    const { source, output } = (item ?? {}) as Partial<Record<keyof UnfinishedRun, unknown>>;
    return typeof source === 'string' && typeof output === 'string' ? [{ source, output }] : [];
  });
}
