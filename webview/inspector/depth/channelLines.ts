// Where a channel stands out, in few words: its roles, each with its layers.
import type { ChannelUse } from '../../../src/protocol/analysis.ts';
import type { ModelView } from '../../../src/protocol/modelView.ts';
import type { Rows } from '../../shared/tensors/rows.ts';

export interface ChannelLine {
  readonly channel: number;
  readonly width: number;
  /** Tensors in which it stands out. */
  readonly count: number;
  readonly strongest: number;
  /** "attn_q 0–3, 5 · ffn_up 2". */
  readonly where: string;
  /** Row of the first of these tensors. */
  readonly first: number;
}

export function channelLines(use: ChannelUse, model: ModelView, rows: Rows): ChannelLine[] {
  return use.channels.map(({ channel, width, rows: own, strongest }) => {
    const layers = new Map<string, number[]>();
    for (const row of own) {
      const label = model.roles[rows.role[row] ?? 0]?.label ?? '';
      const known = layers.get(label);
      if (known === undefined) layers.set(label, [rows.layer[row] ?? -1]);
      else known.push(rows.layer[row] ?? -1);
    }
    const where = [...layers].map(([label, numbers]) => `${label} ${rangesOf(numbers)}`.trim()).join(' · ');
    return { channel, width, count: own.length, strongest, where, first: own[0] ?? -1 };
  });
}

/** 0, 1, 2, 5 → "0–2, 5"; a role beside the layers (−1) has no number. */
export function rangesOf(layers: readonly number[]): string {
  const ascending = [...new Set(layers)].filter((layer) => layer >= 0).sort((a, b) => a - b);
  const ranges: [number, number][] = [];
  for (const layer of ascending) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === layer - 1) last[1] = layer;
    else ranges.push([layer, layer]);
  }
  return ranges.map(([from, to]) => (from === to ? `${from}` : `${from}–${to}`)).join(', ');
}
