// Layers that keep a state of fixed size instead of a cache that grows (Mamba, RWKV, delta nets, short convolutions), by the
// rules of llama.cpp v0.4.0 (n_embd_r and n_embd_s in src/llama-hparams.cpp, load_arch_hparams in src/models/*.cpp).
import type { ShapeKeys } from './shapeKeys.ts';

export interface StateLayers {
  /** One a layer: true where a state is kept. */
  readonly hasState: readonly boolean[];
  /** False: a layer with a state has no cache. True (Falcon-H1): it has both. */
  readonly cacheToo: boolean;
  /** F32 numbers a layer keeps for each sequence: the last inputs of its convolution, and the state itself. */
  readonly convolutionElements: number;
  readonly stateElements: number;
}

/** How many heads with keys each layer has; feedForward as the file lists it, where it is a list. */
interface LayerCounts {
  readonly embedding: number;
  readonly heads: readonly number[];
  readonly keyValueHeads: readonly number[];
  readonly feedForward: readonly number[];
}

type Which = 'all' | 'noKeyValueHeads' | 'noHeadsNorFeedForward' | { readonly interval: number };

const WHICH: ReadonlyMap<string, Which> = new Map<string, Which>([
  ...['mamba', 'mamba2', 'rwkv6', 'rwkv6qwen2', 'rwkv7', 'arwkv7', 'falcon-h1'].map(
    (name): [string, Which] => [name, 'all'],
  ),
  ...['jamba', 'granitehybrid', 'plamo2', 'lfm2', 'lfm2moe', 'kimi-linear', 'kimi-k3', 'bailingmoe3'].map(
    (name): [string, Which] => [name, 'noKeyValueHeads'],
  ),
  ...['nemotron_h', 'nemotron_h_moe'].map((name): [string, Which] => [name, 'noHeadsNorFeedForward']),
  ...['qwen3next', 'qwen35', 'qwen35moe', 'qwen4exp'].map((name): [string, Which] => [name, { interval: 4 }]),
  ['minimax-01', { interval: 8 }],
]);

/** In these the file's number of groups is not part of the convolution. */
const WITHOUT_GROUPS = new Set(['mamba', 'jamba']);

/** A layer without KV heads is one with a state: its file lists the heads. */
export const isToldByHeads = (architecture: string): boolean =>
  ['noKeyValueHeads', 'noHeadsNorFeedForward'].some((which) => WHICH.get(architecture) === which);

/** Null where no layer keeps a state. */
export function stateLayers(keys: ShapeKeys, counts: LayerCounts): StateLayers | null {
  const which = WHICH.get(keys.architecture);
  if (which === undefined) return null;
  const listed = typeof which === 'object' ? keys.numbers('attention.recurrent_layers') : null;
  const interval = typeof which === 'object' ? (keys.number('full_attention_interval') ?? which.interval) : 0;
  const hasState = counts.keyValueHeads.map((heads, index) => {
    if (which === 'all') return true;
    if (which === 'noKeyValueHeads') return heads === 0;
    if (which === 'noHeadsNorFeedForward') return heads === 0 && counts.feedForward[index] === 0;
    return listed === null ? interval > 0 && (index + 1) % interval !== 0 : listed[index] === 1;
  });
  const cacheToo = keys.architecture === 'falcon-h1';
  return { hasState, cacheToo, ...elements(keys, counts) };
}

function elements(
  keys: ShapeKeys,
  { embedding, heads }: LayerCounts,
): Pick<StateLayers, 'convolutionElements' | 'stateElements'> {
  const of = (key: string): number => keys.number(key) ?? 0;
  const kernel = of('ssm.conv_kernel');
  const inner = of('ssm.inner_size');
  const state = of('ssm.state_size');
  const firstHeads = heads[0] ?? 0;

  const rwkvHead = of('wkv.head_size');
  if (rwkvHead > 0) {
    const shifts = keys.number('token_shift_count') ?? 2;
    return { convolutionElements: shifts * embedding, stateElements: embedding * rwkvHead };
  }
  const shortConvolution = of('shortconv.l_cache');
  if (shortConvolution > 0)
    return { convolutionElements: embedding * (shortConvolution - 1), stateElements: state * inner };
  const deltaHead = of('kda.head_dim');
  if (deltaHead > 0)
    return {
      convolutionElements: 3 * (kernel > 0 ? kernel - 1 : 3) * firstHeads * deltaHead,
      stateElements: deltaHead * deltaHead * firstHeads,
    };
  if (keys.architecture === 'minimax-01') {
    const head = of('attention.key_length');
    return { convolutionElements: 0, stateElements: head * head * firstHeads };
  }
  const groups = WITHOUT_GROUPS.has(keys.architecture) ? 0 : of('ssm.group_count');
  return {
    convolutionElements: Math.max(0, kernel - 1) * (inner + 2 * groups * state),
    stateElements: state * inner,
  };
}
