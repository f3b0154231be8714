// The worker threads as they ship, bundled into a folder of the test.
import { build } from 'esbuild';
import { basename, join } from 'node:path';
import { buildKernel, everything, KERNEL_WASM } from './tools.ts';

export interface ThreadPrograms {
  readonly kernelFile: string;
  readonly modelAnalysisThread: string;
  readonly sliceThread: string;
}

export async function buildAnalysisThreads(folder: string): Promise<ThreadPrograms> {
  await buildKernel();
  const programs = everything({})[0];
  if (programs === undefined) throw new Error('The build has no programs of the host.');
  const entryPoints = (programs.entryPoints as { in: string; out: string }[]).filter((entry) =>
    ['modelAnalysisThread.ts', 'sliceThread.ts'].includes(basename(entry.in)),
  );
  await build({ ...programs, entryPoints, outdir: folder });
  return {
    kernelFile: KERNEL_WASM,
    modelAnalysisThread: join(folder, 'modelAnalysisThread.js'),
    sliceThread: join(folder, 'sliceThread.js'),
  };
}
