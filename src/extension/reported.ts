// Commands, and how it is told that something the user asked for failed: in a message, and in the log with all that is known.
import * as vscode from 'vscode';
import { Failure, messageOf } from '../core/base/failure.ts';

/** @param uri of the file that it was called on, in the explorer or in an editor's title */
type Command = (uri?: vscode.Uri) => Promise<void>;

/** @param ids as package.json names them */
export function registerReported<Name extends string>(
  log: vscode.LogOutputChannel,
  ids: Readonly<Record<Name, string>>,
  commands: Readonly<Record<Name, Command>>,
): vscode.Disposable {
  return vscode.Disposable.from(
    ...(Object.keys(ids) as Name[]).map((name) =>
      vscode.commands.registerCommand(ids[name], (uri?: unknown) =>
        reported(log, () => commands[name](uri instanceof vscode.Uri ? uri : undefined)),
      ),
    ),
  );
}

/** What the user cancelled is no failure. */
export async function reported(log: vscode.LogOutputChannel, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof Failure && error.code === 'cancelled') return;
    log.error(error instanceof Error ? error : String(error));
    void vscode.window.showErrorMessage(messageOf(error)); // settles when the user closes it
  }
}
