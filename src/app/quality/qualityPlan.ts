// What would be measured next: what the user chose last, for the model and in general, with the settings. Nothing of a model is
// remembered but its base.
import type { Failure } from '../../core/base/failure.ts';
import { formatCount } from '../../core/base/units.ts';
import type { AbortSignal } from '../../protocol/rpc.ts';
import type { PlanView } from '../../protocol/quality.ts';
import { deviceSettingsText } from '../../protocol/qualityWords.ts';
import type { ModelReader } from '../ports.ts';
import { recordOf } from './damageFile.ts';
import type { DeviceSettings } from './engine.ts';
import type { KeptMeasurement } from './keptMeasurement.ts';
import type { MeasurableModel } from './measurableModel.ts';
import type { NamedText } from './measureChecked.ts';
import type { QualityHistory } from './qualityHistory.ts';
import type { JobOrder } from './qualityJobs.ts';

export const BUNDLED_TEXTS = ['english', 'code', 'languages'] as const;
export type BundledText = (typeof BUNDLED_TEXTS)[number];

export type TextChoice =
  | { readonly kind: 'bundled'; readonly name: BundledText }
  | { readonly kind: 'file'; readonly path: string }
  /** Held in memory: a selection, an unsaved file. It is not remembered. */
  | { readonly kind: 'held'; readonly name: string; readonly content: string };

export interface Plan {
  readonly text: TextChoice;
  readonly chunkLimit: number | null;
  /** Path. */
  readonly base: string | null;
}

export interface PlanPorts {
  readonly reader: Pick<ModelReader, 'measurable'>;
  readonly history: QualityHistory;
  readonly texts: Texts;
  readonly settings: () => { readonly contextTokens: number; readonly device: DeviceSettings };
  /** Lasts longer than the program. */
  readonly memory: { get(key: string): unknown; set(key: string, value: unknown): void };
}

export interface Texts {
  describe(choice: TextChoice): Promise<PlanView['text']>;
  /** @throws Failure */
  read(choice: TextChoice): Promise<NamedText>;
}

export interface Plans {
  of(path: string): Plan;
  change(path: string, change: Partial<Plan>): void;
  view(path: string, signal: AbortSignal): Promise<PlanView>;
  /** @throws Failure when a file of it cannot be read or measured */
  order(path: string, signal: AbortSignal): Promise<JobOrder>;
  /** Hears of plans that changed; null: of all models. */
  onChange(tell: (path: string | null) => void): () => void;
  settingsChanged(): void;
}

const GENERAL = 'plan';
const baseKey = (path: string): string => `base:${path}`;
const QUICK_CHUNKS = 16;

export function createPlans({ reader, history, texts, settings, memory }: PlanPorts): Plans {
  const listeners = new Set<(path: string | null) => void>();
  const tell = (path: string | null): void => listeners.forEach((one) => one(path));
  let held: TextChoice | null = null;

  const of = (path: string): Plan => {
    const { text, chunkLimit } = recordOf(memory.get(GENERAL));
    const base = memory.get(baseKey(path));
    return {
      text: held ?? textChoice(text),
      chunkLimit: chunkLimit === null || isCount(chunkLimit) ? chunkLimit : QUICK_CHUNKS,
      base: typeof base === 'string' && base !== path ? base : null,
    };
  };
  return {
    of,
    change(path, change) {
      const plan = { ...of(path), ...change };
      held = plan.text.kind === 'held' ? plan.text : null;
      const { text } = plan.text.kind === 'held' ? recordOf(memory.get(GENERAL)) : plan;
      memory.set(GENERAL, { text, chunkLimit: plan.chunkLimit });
      if (change.base !== undefined) memory.set(baseKey(path), change.base);
      tell(change.text !== undefined || change.chunkLimit !== undefined ? null : path);
    },
    async view(path, signal) {
      const plan = of(path);
      const model = await measurableOrNull(reader, path, signal);
      const base = await measurableOrNull(reader, plan.base, signal);
      const { device, contextTokens: wanted } = settings();
      const { contextTokens, note } = contextFor(wanted, [model, base]);
      const text = await texts.describe(plan.text);
      const chosen = { contextTokens, chunkLimit: plan.chunkLimit, device, text: text.name };
      return {
        ...{ text, chunkLimit: plan.chunkLimit, contextTokens, contextNote: note },
        base: base?.mark ?? null,
        device: { settings: device, label: deviceSettingsText(device) },
        seconds: secondsOf(await history.of(model?.mark.path ?? path), chosen, base !== null),
      };
    },
    async order(path, signal) {
      const plan = of(path);
      const model = await reader.measurable(path, signal);
      const base = plan.base === null ? null : await reader.measurable(plan.base, signal);
      const { device, contextTokens: wanted } = settings();
      const { contextTokens, note } = contextFor(wanted, [model, base]);
      const text = await texts.read(plan.text);
      const { chunkLimit } = plan;
      return {
        ...{ model: model.mark, base: base?.mark ?? null, text },
        ...{ contextTokens, contextNote: note, chunkLimit, device },
      };
    },
    onChange(one) {
      listeners.add(one);
      return () => listeners.delete(one);
    },
    settingsChanged: () => tell(null),
  };
}

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value > 0;

function textChoice(value: unknown): TextChoice {
  const { kind, name, path } = recordOf(value);
  if (kind === 'file' && typeof path === 'string') return { kind, path };
  return { kind: 'bundled', name: BUNDLED_TEXTS.find((known) => known === name) ?? 'english' };
}

/** null for a file that is not there, or cannot be read. */
async function measurableOrNull(
  reader: PlanPorts['reader'],
  path: string | null,
  signal: AbortSignal,
): Promise<MeasurableModel | null> {
  if (path === null) return null;
  return reader.measurable(path, signal).catch((failure: Failure) => {
    if (failure.code === 'cancelled') throw failure;
    return null; // the measurement says so when it is asked for
  });
}

/** What llama.cpp reads at once: the setting, or less where a model was trained on less. */
export function contextFor(
  wanted: number,
  models: readonly (MeasurableModel | null)[],
): { readonly contextTokens: number; readonly note: string } {
  const shortest = models
    .filter((model) => model !== null)
    .map(({ mark, trainedContext }) => ({ label: mark.label, tokens: trainedContext ?? Infinity }))
    .reduce((one, other) => (other.tokens < one.tokens ? other : one), { label: '', tokens: Infinity });
  if (shortest.tokens >= wanted || shortest.tokens < MIN_CONTEXT) return { contextTokens: wanted, note: '' };
  const note = `Read in contexts of ${formatCount(shortest.tokens)} tokens, not ${formatCount(wanted)}: ${shortest.label} was trained on no longer ones.`;
  return { contextTokens: shortest.tokens, note };
}

/** A header that names less is not believed. */
const MIN_CONTEXT = 16;

/** By the latest measurement like it; null where there is none. */
function secondsOf(
  kept: readonly KeptMeasurement[],
  { contextTokens, chunkLimit, device, text }: ChosenParts,
  hasBase: boolean,
): number | null {
  const speed = kept.find(
    (one) => (one.figures !== null) === hasBase && (device.choice !== 'off' || one.device.gpuLayers === 0),
  );
  if (speed === undefined || !(speed.tokensPerSecond > 0)) return null;
  const known = kept.find((one) => one.text.name === text && one.contextTokens === contextTokens);
  const chunks = Math.min(chunkLimit ?? Infinity, known?.availableChunks ?? Infinity);
  if (!Number.isFinite(chunks)) return null;
  return (chunks * contextTokens * (hasBase ? 2 : 1)) / speed.tokensPerSecond;
}

interface ChosenParts {
  readonly contextTokens: number;
  readonly chunkLimit: number | null;
  readonly device: DeviceSettings;
  readonly text: string;
}
