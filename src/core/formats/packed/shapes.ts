// The shape of a matrix whose codes are stored flat (bitsandbytes, HQQ): from what other modules of its role have, or from the
// configuration of the model.
import type { Placer } from '../naming/hfNames.ts';
import type { ConfigDocument } from './declared.ts';

export type Shape = readonly [rows: number, columns: number];

export interface KnownShapes {
  /** Remembers a shape that a file said. */
  learn(module: string, shape: Shape): void;
  /** The shape of a matrix of so many weights that its own file does not say; null when nothing tells. */
  guess(module: string, weights: number): Shape | null;
  /** Is this the length of a row of some matrix of the model, by its configuration? */
  isWidth(columns: number): boolean;
}

const HIDDEN = ['hidden_size', 'n_embd', 'd_model', 'dim'];
const WIDTHS = [
  ...HIDDEN,
  'intermediate_size',
  'moe_intermediate_size',
  'ffn_dim',
  'n_inner',
  'ffn_hidden_size',
];
/** Roles that read the state of a token, and roles that write it. */
const READS =
  /^(attn_(q|k|v|qkv|q_a|kv_a_mqa)|ffn_(gate|up|gate_up|gate_inp)(_exps|_shexp)?|ffn_gate_up_exps|token_embd|output)$/;
const WRITES = /^(attn_output|ffn_down(_exps|_shexp)?)$/;

export function knownShapes(documents: readonly ConfigDocument[], place: Placer): KnownShapes {
  const config = documents.find(({ name }) => name === 'config.json')?.value ?? {};
  const numbers = (keys: readonly string[]): number[] =>
    [config, ...Object.values(config)].flatMap((object: unknown) =>
      typeof object !== 'object' || object === null || Array.isArray(object)
        ? []
        : keys.flatMap((key) => wholeNumber((object as Record<string, unknown>)[key])),
    );
  const hidden = numbers(HIDDEN)[0] ?? null;
  const heads = numbers(['num_attention_heads'])[0] ?? 0;
  const headSize = numbers(['head_dim'])[0] ?? 0;
  const widths = new Set([...numbers(WIDTHS), heads * headSize]);
  const byRole = new Map<string, Shape>();
  // Numbers in a name are layers and experts.
  const keyOf = (module: string, weights: number): string => `${module.replace(/\d+/g, '#')}/${weights}`;
  return {
    learn(module, shape) {
      byRole.set(keyOf(module, shape[0] * shape[1]), shape);
    },
    guess(module, weights) {
      const same = byRole.get(keyOf(module, weights));
      if (same !== undefined) return same;
      if (hidden === null || weights % hidden !== 0) return null;
      const { role, stack } = place(`${module}.weight`);
      if (stack !== '') return null; // the hidden size is that of the language model
      const other = weights / hidden;
      return READS.test(role) ? [other, hidden] : WRITES.test(role) ? [hidden, other] : null;
    },
    isWidth: (columns) => widths.has(columns),
  };
}

const wholeNumber = (value: unknown): number[] =>
  typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? [value] : [];
