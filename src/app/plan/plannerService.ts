// What the planner page of a model may ask, answered from its header, the settings and, on a click, from llama.cpp.
import { type Failure, wrongUsage } from '../../core/base/failure.ts';
import { visibleText } from '../../core/base/visibleText.ts';
import { CACHE_TYPES } from '../../core/plan/cacheTypes.ts';
import type { Device } from '../../core/plan/devices.ts';
import type { MemoryRequest } from '../../core/plan/memoryPlan.ts';
import type { DeviceList, DeviceSettings } from '../../protocol/engine.ts';
import type { ModelSnapshot } from '../../protocol/modelView.ts';
import type { ModelMark } from '../../protocol/quality.ts';
import type { PlannerHost, PlannerView } from '../../protocol/planner.ts';
import type { AbortSignal } from '../../protocol/rpc.ts';
import type { ModelReader } from '../ports.ts';
import { copyInParts, nothing } from '../pageAnswers.ts';
import { type MemoryEngine, plannedRun } from './memoryEngine.ts';

export interface PlannerSources {
  readonly reader: Pick<ModelReader, 'measurable' | 'open' | 'planBasis'>;
  readonly engine: MemoryEngine & { devices(signal: AbortSignal): Promise<DeviceList> };
  readonly settings: () => PlannerSettings;
  readonly ramBytes: number;
}

export interface PlannerSettings {
  readonly ownDevices: readonly Device[];
  readonly defaultDevice: string;
  /** Where llama.cpp computes. */
  readonly compute: DeviceSettings;
}

/** The editor around the page. */
export interface PlannerShell {
  isTrusted(): boolean;
  /** Writes the setting; null: none. */
  makeDefault(name: string | null): Promise<void>;
  editDevices(): Promise<void>;
  showLayers(): Promise<void>;
  manageTrust(): Promise<void>;
  copy(text: string): Promise<void>;
  loadState(): unknown;
  saveState(state: unknown): Promise<void>;
}

/** @param path of any file of the model */
export function createPlannerService(
  path: string,
  { reader, engine, settings, ramBytes }: PlannerSources,
  shell: PlannerShell,
): PlannerHost {
  return {
    async open(_argument, signal): Promise<PlannerView> {
      const [snapshot, { mark, unfit }, plan] = await Promise.all([
        reader.open(path, signal),
        reader.measurable(path, signal),
        reader.planBasis(path, signal),
      ]);
      const { ownDevices, defaultDevice } = settings();
      return {
        ...{
          path,
          modelPath: mark.path,
          fileName: mark.fileName,
          label: labelOf(snapshot, mark),
          plan,
          unfit,
          ramBytes,
        },
        ...{ ownDevices, defaultDevice: visibleText(defaultDevice), isTrusted: shell.isTrusted() },
        savedState: shell.loadState() ?? null,
      };
    },
    async devices(_argument, signal) {
      if (!shell.isTrusted()) throw notTrusted();
      return engine.devices(signal);
    },
    async measure({ request }, signal) {
      if (!shell.isTrusted()) throw notTrusted();
      if (!isRequest(request)) throw wrongUsage('llama.cpp takes no such run.');
      const { checked, unfit } = await reader.measurable(path, signal);
      if (checked === null) throw wrongUsage(unfit ?? 'llama.cpp cannot open this model.');
      return engine.memory({ model: checked, device: settings().compute, run: plannedRun(request) }, signal);
    },
    makeDefault: ({ name }) => nothing(shell.makeDefault(name)),
    editDevices: () => nothing(shell.editDevices()),
    showLayers: () => nothing(shell.showLayers()),
    manageTrust: () => nothing(shell.manageTrust()),
    copy: copyInParts(shell.copy),
    saveState: ({ state }) => nothing(shell.saveState(state)),
  };
}

/** GGUF files have names that tell; most safetensors are called "model", and have the name of their folder. */
const labelOf = (snapshot: ModelSnapshot, { label }: ModelMark): string =>
  snapshot.kind === 'model' && snapshot.container === 'safetensors' ? snapshot.title : label;

/** LLAMA_MAX_SEQ of llama.cpp. */
const MAX_SEQUENCES = 256;
/** More than any model was trained for, by far: numbers of tokens are 32 bits wide in llama.cpp. */
const MAX_TOKENS = 2 ** 30;
/** LLAMA_MAX_LAYERS, and the output. */
const MAX_LAYERS = 513;

/** Native code takes these numbers as they are. */
function isRequest(request: MemoryRequest): boolean {
  const { contextTokens, sequences, batchTokens, outputTokens, gpuLayers, expertsOnCpu } = request;
  const within = (value: number, least: number, most: number): boolean =>
    Number.isSafeInteger(value) && value >= least && value <= most;
  return (
    within(sequences, 1, MAX_SEQUENCES) &&
    within(contextTokens * sequences, 1, MAX_TOKENS) &&
    within(contextTokens, 1, MAX_TOKENS) &&
    within(batchTokens, 1, MAX_TOKENS) &&
    within(outputTokens, sequences, MAX_TOKENS) &&
    within(gpuLayers, 0, MAX_LAYERS) &&
    within(expertsOnCpu, 0, MAX_LAYERS) &&
    CACHE_TYPES.includes(request.keyType) &&
    CACHE_TYPES.includes(request.valueType)
  );
}

const notTrusted = (): Failure =>
  wrongUsage('This workspace is not trusted, so llama.cpp is not started in it. Trust it to ask.');
