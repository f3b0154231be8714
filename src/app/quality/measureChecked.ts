// Measures models that our own reader has checked, wherever it ran: asks the engine, and says what was measured.
import type { AbortSignal } from '../../protocol/rpc.ts';
import type { CheckedModel, DeviceSettings, Engine, EngineNews, EngineResult } from './engine.ts';

/** What our own reader says of a model that may be opened. */
export interface CheckedFile {
  readonly checked: CheckedModel;
  readonly measured: MeasuredModel;
}

export interface MeasuredModel {
  readonly path: string;
  readonly fileBytes: number;
  readonly bitsPerWeight: number | null;
}

export interface NamedText {
  readonly name: string;
  readonly content: string;
}

export interface CheckedOrder {
  readonly model: CheckedFile;
  readonly base: CheckedFile | null;
  readonly text: NamedText;
  readonly contextTokens: number;
  readonly chunkLimit: number | null;
  readonly device: DeviceSettings;
}

export interface MeasuringPorts {
  readonly engine: Engine;
  /** Hexadecimal SHA-256 of the UTF-8 of a text. */
  readonly sha256: (text: string) => string;
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

/** @throws as Engine.measure does */
export async function measureChecked(
  { engine, sha256 }: MeasuringPorts,
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
