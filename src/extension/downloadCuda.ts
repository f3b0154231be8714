// Fetches the engine with CUDA when the user says so: what it is, how large it is and what it needs is said before.
import * as vscode from 'vscode';
import { Failure } from '../core/base/failure.ts';
import { formatBytes } from '../core/base/units.ts';
import { downloadBytes, downloadEngine } from '../node/engineDownload.ts';
import type { ExtensionEngine } from './engineSettings.ts';

const NEEDS =
  'It needs the driver of an NVIDIA GPU and the libraries of CUDA 13 (libcudart, libcublas) on this machine.';

export async function downloadCuda(engine: ExtensionEngine): Promise<void> {
  const { cuda } = engine;
  if (cuda === null)
    throw new Failure(
      'not-found',
      `There is no engine with CUDA for ${process.platform}-${process.arch}; there is one for Linux and Windows on x64.`,
    );
  const { name, version } = cuda.pinned;
  const size = await withProgress('Asking for the size of the engine', (_tell, signal) =>
    downloadBytes(cuda, signal),
  );
  const sizeText = size === null ? 'Its size is not known.' : `${formatBytes(size)} are fetched.`;
  const download = 'Download';
  const answer = await vscode.window.showInformationMessage(
    engine.cudaIsFetched() ? 'Download the engine with CUDA again?' : 'Download the engine with CUDA?',
    {
      modal: true,
      detail: `${sizeText} It is llama.cpp as the package ${name} ${version} of npm has it (${cuda.registry}). ${NEEDS} Vulkan computes on the same GPUs without it.`,
    },
    download,
  );
  if (answer !== download) return;
  await withProgress('Downloading the engine with CUDA', (tell, signal) =>
    downloadEngine(cuda, tell, signal),
  );
  const gpu = await withProgress('Trying the engine with CUDA', (_tell, signal) => engine.tryCuda(signal));
  if (gpu !== null) void vscode.window.showInformationMessage(`CUDA computes on ${gpu} from now on.`);
  else
    void vscode.window.showWarningMessage(
      `The engine with CUDA was fetched, but finds no GPU that it can use; computed as before. ${NEEDS}`,
    ); // settles when the user closes it
}

function withProgress<T>(
  title: string,
  work: (tell: (bytes: number, all: number | null) => void, signal: AbortSignal) => Promise<T>,
): Thenable<T> {
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  return vscode.window.withProgress(options, (progress, token) => {
    const abort = new AbortController();
    token.onCancellationRequested(() => abort.abort());
    let percent = 0;
    return work((bytes, all) => {
      const now = all === null ? 0 : Math.floor((bytes / all) * 100);
      const of = all === null ? '' : ` of ${formatBytes(all)}`;
      if (now === percent && all !== null) return;
      progress.report({ increment: now - percent, message: `${formatBytes(bytes)}${of}` });
      percent = now;
    }, abort.signal);
  });
}
