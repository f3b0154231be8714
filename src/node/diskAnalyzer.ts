// The analyzer over the disk, in this thread, and its kernel.
import { readFileSync } from 'node:fs';
import { setImmediate as pause } from 'node:timers/promises';
import { createAnalyzer } from '../app/analysis/analyzer.ts';
import type { TensorAnalyzer } from '../app/ports.ts';
import { kernelFrom, type Kernel } from '../core/analysis/kernel.ts';
import { diskAccess } from './fileSource.ts';

export function createDiskAnalyzer(kernelFile: string): TensorAnalyzer {
  let kernel: Kernel | undefined;
  return createAnalyzer({ files: diskAccess, kernel: () => (kernel ??= loadKernel(kernelFile)), pause });
}

/** @param path of kernel.wasm, a part of this program. */
export const loadKernel = (path: string): Kernel => kernelFrom(readFileSync(path));
