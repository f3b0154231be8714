// Importance matrices to look at: of mixtures with experts that were never used, of many layers, and of the old format.
import { writeFileSync } from 'node:fs';
import type { Activations } from '../../src/engine/activations.ts';
import { writeImatrix } from '../../src/engine/imatrixFile.ts';
import { createRandom } from './random.ts';

const HEAD = { dataset: 'calibration.txt', chunkCount: 40, chunkTokens: 512 };
const TOKENS = HEAD.chunkCount * HEAD.chunkTokens;
const ATTENTION = ['attn_q', 'attn_k', 'attn_v', 'attn_output'] as const;
const FEED_FORWARD = ['ffn_gate', 'ffn_up', 'ffn_down'] as const;

export interface MixtureSpec {
  readonly layers: number;
  readonly width: number;
  readonly experts: number;
  /** Experts of a layer that no token is sent to. */
  readonly unseen?: (layer: number) => readonly number[];
  /** Experts that meet as many tokens as this. */
  readonly rare?: (layer: number) => readonly number[];
}

/** Tokens of a rare expert. */
export const RARE_TOKENS = 37;

/** @returns what was written, by name of the tensor */
export function writeMixtureImatrix(path: string, spec: MixtureSpec): ReadonlyMap<string, Activations> {
  const { layers, width, experts, unseen = () => [], rare = () => [] } = spec;
  const random = shares(11);
  const collected = new Map<string, Activations>();
  for (let layer = 0; layer < layers; layer++) {
    for (const role of ATTENTION)
      collected.set(`blk.${layer}.${role}.weight`, activations(random, width, [TOKENS], layer));
    const counts = Array.from({ length: experts }, (_item, expert) =>
      unseen(layer).includes(expert)
        ? 0
        : rare(layer).includes(expert)
          ? RARE_TOKENS
          : Math.round((TOKENS * 2 * (0.5 + random())) / experts),
    );
    for (const role of FEED_FORWARD)
      collected.set(
        `blk.${layer}.${role}_exps.weight`,
        activations(random, role === 'ffn_down' ? 3 * width : width, counts, layer),
      );
  }
  writeImatrix(path, HEAD, collected);
  return collected;
}

/** @param layers of seven tensors each */
export function writeDenseImatrix(
  path: string,
  layers: number,
  width: number,
): ReadonlyMap<string, Activations> {
  const random = shares(12);
  const collected = new Map<string, Activations>();
  for (let layer = 0; layer < layers; layer++)
    for (const role of [...ATTENTION, ...FEED_FORWARD])
      collected.set(`blk.${layer}.${role}.weight`, activations(random, width, [TOKENS], layer));
  writeImatrix(path, HEAD, collected);
  return collected;
}

/** Numbers from 0 to below 1. */
function shares(seed: number): () => number {
  const random = createRandom(seed);
  return () => random.below(2 ** 24) / 2 ** 24;
}

/** Mostly alike, some strong, one far beyond all: as models have them. */
function activations(
  random: () => number,
  width: number,
  counts: readonly number[],
  layer: number,
): Activations {
  const sums = new Float32Array(width * counts.length);
  const strongest = Math.floor(width * 0.6);
  for (const [matrix, count] of counts.entries())
    for (let column = 0; column < width; column++) {
      const spread = Math.exp(1.2 * (random() + random() + random() - 1.5));
      const factor = column === strongest ? 60 : random() < 0.004 ? 20 : 1;
      sums[matrix * width + column] = count * 0.2 * (1 + layer / 4) * spread * factor;
    }
  return { sums, counts: Float64Array.from(counts) };
}

/** The format of before 2025. */
export function writeLegacyImatrix(
  path: string,
  tensors: readonly { readonly name: string; readonly chunks: number; readonly values: readonly number[] }[],
): void {
  const int32 = (value: number): Buffer => Buffer.from(Int32Array.of(value).buffer);
  const text = Buffer.from('wiki.train.raw');
  writeFileSync(
    path,
    Buffer.concat([
      int32(tensors.length),
      ...tensors.flatMap(({ name, chunks, values }) => [
        ...[int32(Buffer.byteLength(name)), Buffer.from(name), int32(chunks), int32(values.length)],
        Buffer.from(Float32Array.from(values).buffer),
      ]),
      ...[int32(tensors[0]?.chunks ?? 0), int32(text.length), text],
    ]),
  );
}
