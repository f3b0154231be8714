// Whether an importance matrix that was begun can be gone on with: only with the same model, text and settings is the result what
// one run would have made.
import type { DeviceSettings } from '../quality/engine.ts';

export interface ImatrixIdentity {
  /** Absolute path, and what changes with its files. */
  readonly model: string;
  readonly stamp: string;
  /** Hexadecimal SHA-256 of the text. */
  readonly textSha256: string;
  readonly contextTokens: number;
  readonly chunkLimit: number | null;
  readonly device: DeviceSettings;
}

/** Chunks after which it is written down how far a run is: as often as llama-imatrix does it. */
export const KEEP_EVERY_CHUNKS = 10;

export const identityText = (identity: ImatrixIdentity): string => {
  const { model, stamp, textSha256, contextTokens, chunkLimit, device } = identity;
  return JSON.stringify([model, stamp, textSha256, contextTokens, chunkLimit, Object.entries(device).sort()]);
};

/** The names of all files of a model: "x-00002-of-00003.gguf" has two others. */
export function filesOfModel(fileName: string): string[] {
  const [, stem, , of] = /^(.*-)(\d{5})-of-(\d{5})\.gguf$/i.exec(fileName) ?? [];
  const count = Number(of);
  if (stem === undefined || !(count <= MAX_SHARDS)) return [fileName];
  return Array.from(
    { length: count },
    (_item, index) => `${stem}${String(index + 1).padStart(5, '0')}-of-${of}.gguf`,
  );
}

/** As many as anybody cuts a model into. */
const MAX_SHARDS = 1000;

/** "X.gguf" → "X.imatrix.gguf"; of shards their common name. */
export const imatrixName = (fileName: string): string =>
  `${fileName.replace(/(-\d{5}-of-\d{5})?\.gguf$/i, '')}.imatrix.gguf`;
