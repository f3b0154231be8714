// Whether anything may be started here.
import * as vscode from 'vscode';

/** Says why nothing is started where the workspace is not trusted, and leads to where that is changed. @param work that was asked for */
export async function trusted(work = 'Measuring'): Promise<boolean> {
  if (vscode.workspace.isTrusted) return true;
  const manage = 'Manage Workspace Trust';
  const answer = await vscode.window.showWarningMessage(
    `${work} runs llama.cpp, native code, on a model file. In a workspace that is not trusted Quantscope starts nothing.`,
    manage,
  );
  if (answer === manage) await vscode.commands.executeCommand('workbench.trust.manage');
  return false;
}
