// The status bar item of the model in front: architecture, size, bits per weight, or what is wrong.
import * as vscode from 'vscode';
import { formatBits, formatBytes, formatCount, plural } from '../core/base/units.ts';
import type { ModelSnapshot } from '../protocol/modelView.ts';
import { COMMANDS } from './ids.ts';
import type { OpenModels } from './openModels.ts';

export function createStatusBar(models: OpenModels): vscode.Disposable {
  const item = vscode.window.createStatusBarItem('quantscope.model', vscode.StatusBarAlignment.Left);
  item.name = 'Quantscope Model';
  item.command = COMMANDS.revealTensor;
  const update = (): void => {
    const snapshot = models.active()?.document.current ?? null;
    if (snapshot === null) return item.hide();
    item.text = `$(file-binary) ${statusText(snapshot)}`;
    item.tooltip = tooltipText(snapshot);
    item.show();
  };
  return vscode.Disposable.from(item, models.onDidChangeActive(update));
}

function statusText(snapshot: ModelSnapshot): string {
  if (snapshot.kind === 'pointer') return 'Git LFS pointer';
  if (snapshot.kind === 'unreadable') return 'Not readable';
  const { architecture, fileBytes, expectedBytes, bitsPerWeight, errorCount } = snapshot;
  const size =
    expectedBytes !== null && expectedBytes > fileBytes
      ? `${formatBytes(fileBytes)} of ${formatBytes(expectedBytes)}`
      : formatBytes(fileBytes);
  const last = errorCount > 0 ? plural(errorCount, 'error') : `${formatBits(bitsPerWeight)} bpw`;
  // "$(…)" in a name would become an icon.
  return [architecture ?? '', size, last]
    .filter((text) => text !== '')
    .join(' · ')
    .replaceAll('$(', '$\u200b(');
}

function tooltipText(snapshot: ModelSnapshot): string {
  if (snapshot.kind !== 'model') return snapshot.fileName;
  const { title, parameterCount, tensorCount, container } = snapshot;
  return `${title}\n${container} · ${formatCount(parameterCount)} parameters in ${plural(tensorCount, 'tensor')}\nClick to reveal a tensor`;
}
