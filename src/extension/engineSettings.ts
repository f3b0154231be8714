// What the user set about the engine, and the folders its libraries are taken from: those with CUDA where they were fetched and work.
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { MemoryEngine } from '../app/plan/memoryEngine.ts';
import { DEFAULT_CONTEXT_TOKENS } from '../app/quality/measureChecked.ts';
import {
  DEVICE_CHOICES,
  type DeviceChoice,
  type DeviceSettings,
  type Engine,
} from '../app/quality/engine.ts';
import type { QuantizeEngine } from '../app/quantize/quantizeEngine.ts';
import { CUDA_PACKAGES, NPM_REGISTRY } from '../node/cudaPackages.ts';
import { type EngineDownload, fetchedEngine } from '../node/engineDownload.ts';
import { createEngine } from '../node/engineProcess.ts';
import { createMemoryEngine } from '../node/memoryProcess.ts';
import { createQuantizeEngine } from '../node/quantizeProcess.ts';
import { SETTINGS } from './ids.ts';

export interface QualitySettings {
  readonly contextTokens: number;
  readonly device: DeviceSettings;
}

export function readSettings(): QualitySettings {
  const settings = vscode.workspace.getConfiguration();
  const choice = settings.get<string>(SETTINGS.engineDevice);
  const threads = count(settings.get(SETTINGS.engineThreads));
  return {
    contextTokens: count(settings.get(SETTINGS.qualityContext)) ?? DEFAULT_CONTEXT_TOKENS,
    device: {
      choice: DEVICE_CHOICES.find((known) => known === choice) ?? 'auto',
      gpu: count(settings.get(SETTINGS.engineGpu)),
      gpuLayers: count(settings.get(SETTINGS.engineGpuLayers)),
      threads: threads === 0 ? null : threads,
      extraBuffers: null,
    },
  };
}

/** Anything may stand in a file of settings. */
const count = (value: unknown): number | null =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;

export async function writeSettings(change: Partial<DeviceSettings>): Promise<void> {
  const settings = vscode.workspace.getConfiguration();
  const names: readonly [keyof DeviceSettings, string][] = [
    ['choice', SETTINGS.engineDevice],
    ['gpu', SETTINGS.engineGpu],
    ['gpuLayers', SETTINGS.engineGpuLayers],
    ['threads', SETTINGS.engineThreads],
  ];
  for (const [field, name] of names)
    if (change[field] !== undefined)
      await settings.update(name, change[field] ?? (field === 'threads' ? 0 : null), true);
}

/** Set once the libraries with CUDA found a GPU here: until then they are taken only where CUDA is asked for by name. */
const CUDA_WORKS = 'quantscope.cudaWorks';

export interface ExtensionEngine extends Engine, Pick<QuantizeEngine, 'imatrix'>, MemoryEngine {
  /** null: there are no libraries with CUDA for this machine. */
  readonly cuda: EngineDownload | null;
  cudaIsFetched(): boolean;
  /** Whether they find a GPU that they can use; remembered. */
  tryCuda(signal: AbortSignal): Promise<string | null>;
}

export function createExtensionEngine({
  extensionPath,
  globalStorageUri,
  globalState,
}: vscode.ExtensionContext): ExtensionEngine {
  const shipped = join(extensionPath, 'dist', 'engine');
  const pinned = CUDA_PACKAGES[`${process.platform}-${process.arch}`];
  const cuda =
    pinned === undefined
      ? null
      : { pinned, registry: NPM_REGISTRY, folder: join(globalStorageUri.fsPath, 'engine') };
  const cudaFolder = (): string | null => (cuda === null ? null : fetchedEngine(cuda));
  const engineWith = (engineFolders: readonly string[]): Engine =>
    createEngine({
      engineProgram: join(extensionPath, 'dist', 'engine.js'),
      engineFolders,
      rowsFile: join(extensionPath, 'dist', 'rows.wasm'),
    });
  const foldersFor = (choice: DeviceChoice): readonly string[] => {
    const folder = cudaFolder();
    const works = globalState.get(CUDA_WORKS) === folder;
    const isWanted = choice === 'cuda' || (choice === 'auto' && works);
    return folder !== null && isWanted ? [folder, shipped] : [shipped];
  };
  const withCuda = async (signal: AbortSignal) => {
    const folder = cudaFolder();
    return folder === null ? null : engineWith([folder, shipped]).devices(signal);
  };
  return {
    cuda,
    cudaIsFetched: () => cudaFolder() !== null,
    measure: (request, tell, signal) =>
      engineWith(foldersFor(request.device.choice)).measure(request, tell, signal),
    memory: (order, signal) =>
      createMemoryEngine({
        engineProgram: join(extensionPath, 'dist', 'engine.js'),
        engineFolders: foldersFor(order.device.choice),
      }).memory(order, signal),
    imatrix: (request, tell, signal) =>
      createQuantizeEngine({
        engineProgram: join(extensionPath, 'dist', 'engine.js'),
        engineFolders: foldersFor(request.device.choice),
      }).imatrix(request, tell, signal),
    async devices(signal) {
      const [own, extra] = await Promise.all([
        engineWith([shipped]).devices(signal as AbortSignal),
        withCuda(signal as AbortSignal).catch(() => null), // what it lacks is said when it is chosen
      ]);
      return { ...own, gpus: [...(extra?.gpus ?? []), ...own.gpus] };
    },
    async tryCuda(signal) {
      const list = await withCuda(signal);
      const gpu = list?.gpus.find(({ backend }) => backend === 'CUDA') ?? null;
      await globalState.update(CUDA_WORKS, gpu === null ? undefined : cudaFolder());
      return gpu?.name ?? null;
    },
  };
}
