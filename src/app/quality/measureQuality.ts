// Measures a model on a text, alone or against a base: checks both files, asks the engine, and says what was measured.
import { NEVER_CANCELLED } from '../../core/base/cancel.ts';
import { openModel } from '../../core/formats/openModel.ts';
import type { Opened } from '../../core/formats/model.ts';
import type { AbortSignal } from '../../protocol/rpc.ts';
import type { FileAccess } from '../ports.ts';
import { totalsOf } from '../present/totals.ts';
import { checkedModel } from './checkedModel.ts';
import type { CheckedModel, DeviceSettings, Engine, EngineNews, EngineResult } from './engine.ts';

export interface QualityOrder {
  /** Absolute paths. */
  readonly model: string;
  readonly base: string | null;
  readonly text: NamedText;
  readonly contextTokens: number;
  readonly chunkLimit: number | null;
  readonly device: DeviceSettings;
}

export interface NamedText {
  readonly name: string;
  readonly content: string;
}

export interface QualityPorts {
  readonly files: FileAccess;
  readonly engine: Engine;
  /** Hexadecimal SHA-256 of the UTF-8 of a text. */
  readonly sha256: (text: string) => string;
}

export interface MeasuredModel {
  readonly path: string;
  readonly fileBytes: number;
  readonly bitsPerWeight: number | null;
}

/** A result with everything that it depends on. */
export interface QualityMeasurement {
  readonly model: MeasuredModel;
  readonly base: MeasuredModel | null;
  readonly text: { readonly name: string; readonly sha256: string };
  readonly result: EngineResult;
}

/** The context of llama-perplexity, by which perplexities are usually told. */
export const DEFAULT_CONTEXT_TOKENS = 512;
/** Damaged tokens that are described: more than anybody reads. */
const WORST_TOKENS = 200;

/** What our own reader says of a model that may be opened. */
export interface CheckedFile {
  readonly checked: CheckedModel;
  readonly measured: MeasuredModel;
}

/** @throws Failure when a file must not be opened, and as Engine.measure does */
export async function measureQuality(
  { files, engine, sha256 }: QualityPorts,
  order: QualityOrder,
  tell: (news: EngineNews) => void,
  signal: AbortSignal,
): Promise<QualityMeasurement> {
  const check = (path: string): CheckedFile =>
    files.withFolder(path, (folder, fileName) => {
      const opened = openModel(folder, fileName, NEVER_CANCELLED);
      return { checked: checkedModel(path, opened), measured: measured(path, opened) };
    });
  const model = check(order.model);
  const base = order.base === null ? null : check(order.base);
  return measureChecked({ engine, sha256 }, { ...order, model, base }, tell, signal);
}

export type CheckedOrder = Omit<QualityOrder, 'model' | 'base'> & {
  readonly model: CheckedFile;
  readonly base: CheckedFile | null;
};

/** @throws as Engine.measure does */
export async function measureChecked(
  { engine, sha256 }: Pick<QualityPorts, 'engine' | 'sha256'>,
  { model, base, text, contextTokens, chunkLimit, device }: CheckedOrder,
  tell: (news: EngineNews) => void,
  signal: AbortSignal,
): Promise<QualityMeasurement> {
  const request = {
    model: model.checked,
    base: base?.checked ?? null,
    text: text.content,
    contextTokens,
    chunkLimit,
    device,
    passes: 'auto' as const,
    worstTokenLimit: WORST_TOKENS,
  };
  return {
    result: await engine.measure(request, tell, signal),
    model: model.measured,
    base: base?.measured ?? null,
    text: { name: text.name, sha256: sha256(text.content) },
  };
}

function measured(path: string, { model }: Opened): MeasuredModel {
  const totals = model === null ? null : totalsOf(model);
  return { path, fileBytes: totals?.fileBytes ?? 0, bitsPerWeight: totals?.bitsPerWeight ?? null };
}
