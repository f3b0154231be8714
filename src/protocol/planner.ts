// The contract between the planner page of a model and its host. What memory is made of travels once; the page plans with it
// itself, at every move of a slider. What the page gives VS Code with `setState` must have the `path` of the view: by that it is
// opened again after a reload of the window.
import type { Device } from '../core/plan/devices.ts';
import type { FineTuning } from '../core/plan/fineTuning.ts';
import type { MemoryRequest } from '../core/plan/memoryPlan.ts';
import type { MixWeights } from '../core/plan/modelWeights.ts';
import type { MemoryShape, NoShape } from '../core/plan/shape.ts';
import type { WeightBytes } from '../core/plan/weights.ts';
import type { DeviceList } from './engine.ts';
import type { MemoryResult } from './memory.ts';
import type { AbortSignal } from './rpc.ts';

/** What the page asks. */
export interface PlannerHost {
  open(argument: null, signal: AbortSignal): Promise<PlannerView>;
  /** The GPUs of this machine. Starts the engine for a moment: only for a click. */
  devices(argument: null, signal: AbortSignal): Promise<DeviceList>;
  /** What llama.cpp itself would allocate on this machine. Starts the engine for a moment: only for a click. */
  measure(argument: { readonly request: MemoryRequest }, signal: AbortSignal): Promise<MemoryResult>;
  /** Makes a device of the table the one that the headers of models speak of; null: none. */
  makeDefault(argument: { readonly name: string | null }, signal: AbortSignal): Promise<null>;
  /** Opens the user's settings where devices are listed. */
  editDevices(argument: null, signal: AbortSignal): Promise<null>;
  /** Opens the layers of the model that the page is about. */
  showLayers(argument: null, signal: AbortSignal): Promise<null>;
  /** The editor's page about trust in this workspace. */
  manageTrust(argument: null, signal: AbortSignal): Promise<null>;
  /** Puts a text on the clipboard; with `more`, together with the parts that follow. */
  copy(argument: { readonly text: string; readonly more: boolean }, signal: AbortSignal): Promise<null>;
  /** Saves the page's state for this model. */
  saveState(argument: { readonly state: unknown }, signal: AbortSignal): Promise<null>;
  [name: string]: (argument: never, signal: AbortSignal) => Promise<unknown>;
}

/** What the host tells the page. */
export interface PlannerPushes {
  /** Ask `open` again: model, settings or trust changed. */
  changed: null;
  [name: string]: unknown;
}

export interface PlannerView {
  /** Absolute path of the file. */
  readonly path: string;
  /** Of the first file, where there are several: llama.cpp finds the others by it. */
  readonly modelPath: string;
  readonly fileName: string;
  /** Name and type, to tell it from others: "SOTU-5M Q4_K_M". Visible text. */
  readonly label: string;
  readonly plan: PlanBasis | NoShape;
  /** Why llama.cpp cannot be asked about this file, a sentence; null: it can. */
  readonly unfit: string | null;
  /** false: the workspace is not trusted, so no engine is started. */
  readonly isTrusted: boolean;
  /** Devices of the user's settings, besides those of the table. */
  readonly ownDevices: readonly Device[];
  /** Name of the device of the user's settings; '' for none. */
  readonly defaultDevice: string;
  /** Memory of the machine that the extension runs on. */
  readonly ramBytes: number;
  readonly savedState: unknown;
}

/** What a plan is computed from. Texts in it are visible text. */
export interface PlanBasis {
  readonly shape: MemoryShape;
  readonly weights: WeightBytes;
  /** The weights in other mixes, ≈; null where they are packed: how many there are is not told by the tensors. */
  readonly mixes: readonly MixWeights[] | null;
  readonly fineTuning: FineTuning | null;
  readonly bitsPerWeight: number | null;
  /** "Q4_K_M"; '' where the header names none. */
  readonly typeName: string;
}

/*
 * What the tests of the real editor look for on the page:
 *   slider "Context" · combobox "Device" · region "Memory" · status (role "status"): the verdict
 *   table "Parts" · table "Quantizations" · button "Detect" · button "Copy llama-server command" · button "Ask llama.cpp"
 */
