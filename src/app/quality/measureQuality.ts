// Measures a model on a text, alone or against a base: checks both files, asks the engine, and says what was measured.
import { NEVER_CANCELLED } from '../../core/base/cancel.ts';
import { openModel } from '../../core/formats/openModel.ts';
import type { Opened } from '../../core/formats/model.ts';
import type { AbortSignal } from '../../protocol/rpc.ts';
import type { FileAccess } from '../ports.ts';
import { totalsOf } from '../present/totals.ts';
import { checkedModel } from './checkedModel.ts';
import type { DeviceSettings, Engine, EngineNews, EngineResult } from './engine.ts';

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

/** @throws Failure when a file must not be opened, and as Engine.measure does */
export async function measureQuality(
  { files, engine, sha256 }: QualityPorts,
  { model, base, text, contextTokens, chunkLimit, device }: QualityOrder,
  tell: (news: EngineNews) => void,
  signal: AbortSignal,
): Promise<QualityMeasurement> {
  const open = (path: string): Opened =>
    files.withFolder(path, (folder, fileName) => openModel(folder, fileName, NEVER_CANCELLED));
  const opened = open(model);
  const openedBase = base === null ? null : open(base);
  const request = {
    model: checkedModel(model, opened),
    base: base === null || openedBase === null ? null : checkedModel(base, openedBase),
    text: text.content,
    contextTokens,
    chunkLimit,
    device,
    passes: 'auto' as const,
    worstTokenLimit: WORST_TOKENS,
  };
  const result = await engine.measure(request, tell, signal);
  return {
    model: measured(model, opened),
    base: base === null || openedBase === null ? null : measured(base, openedBase),
    text: { name: text.name, sha256: sha256(text.content) },
    result,
  };
}

function measured(path: string, { model }: Opened): MeasuredModel {
  const totals = model === null ? null : totalsOf(model);
  return { path, fileBytes: totals?.fileBytes ?? 0, bitsPerWeight: totals?.bitsPerWeight ?? null };
}
