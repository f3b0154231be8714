// Where a tensor stands in the model, as its name tells: which stack of layers, which layer, which role.

export interface Place {
  /** The stack of layers: '' for the language model's own, 'v' (vision), 'enc', 'dec', … as the name's prefix says. */
  readonly stack: string;
  /** Layer number in its stack; null for what belongs to no layer (embeddings, head, …). */
  readonly layer: number | null;
  /** Role id without weight/bias suffix: 'attn_q', 'ffn_down', 'ffn_gate_exps', 'token_embd', 'output'. For a name that is not
   * recognised the rest of the name after the layer prefix. */
  readonly role: string;
  /** 'weight', 'bias', 'scale', …: the suffix of the name; '' when it has none. */
  readonly part: string;
  /** Expert number where every expert is a tensor of its own; null otherwise. */
  readonly expert: number | null;
  /** True when the role stands in the role table. Otherwise `group` is the name's own prefix. */
  readonly recognized: boolean;
  /** Group for tensors of no layer that are not recognised: their prefix ("mm", "model.visual"). '' otherwise. */
  readonly group: string;
}

/** A place that says nothing yet: no stack, no layer, not recognised. */
export const UNPLACED: Place = {
  stack: '',
  layer: null,
  role: '',
  part: '',
  expert: null,
  recognized: false,
  group: '',
};

export type RoleSection = 'input' | 'attention' | 'feedForward' | 'experts' | 'ssm' | 'output' | 'other';

export interface Role {
  readonly id: string;
  /** Where its row stands in the map. */
  readonly section: RoleSection;
  /** Norms and other vectors: thin rows in the map. */
  readonly thin: boolean;
  /** "Query projection". */
  readonly title: string;
  /** What it does, one sentence: "Turns each token's state into what it looks for in earlier tokens." */
  readonly sentence: string;
}
