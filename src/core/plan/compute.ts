// How large llama.cpp's buffer for intermediate results becomes: the largest set of tensors that live at once in its graph.
// Fitted to what llama.cpp v0.4.0 itself reserves on a CPU; test/core/plan/compute.test.ts holds the figures and the error.
import { formatCount } from '../base/units.ts';
import { type CacheRequest, cellsOf, windowCells } from './kvCache.ts';
import type { PlanFormula } from './formula.ts';
import type { MemoryShape } from './shape.ts';

export interface ComputeRequest extends CacheRequest {
  /** Tokens of a batch whose logits are asked for: llama-server one for each sequence, other programs the whole batch. */
  readonly outputTokens: number;
}

/**
 * Relative error over the models it was checked with. On a CPU, 15 models: below 3 % for a server and the models it was fitted to,
 * 8 % when all logits are asked for, 15 % (too much) with delta nets. On a GPU (Vulkan), 5 models: 8 %, 15 % with layers in RAM. For
 * other backends and architectures it may be more.
 */
export const COMPUTE_ERROR = 0.15;

export interface ComputeBytes {
  /** Masks of attention, as every side needs them. */
  readonly masks: number;
  /** The widest moment inside a layer, with the masks. */
  readonly layer: number;
  /** At the end: logits. */
  readonly logits: number;
  /** One state of every token of a batch. */
  readonly states: number;
  /** What goes in: embeddings of the batch, looked up and handed over, and the masks. The CPU holds these for a GPU. */
  readonly inputs: number;
  /** Room for the logits that are handed out. */
  readonly output: number;
  /** Made when it is read: a search over many plans reads none. */
  readonly formula: PlanFormula;
}

const F16_BYTES = 2;
const F32_BYTES = 4;

export function computeBytes(shape: MemoryShape, request: ComputeRequest): ComputeBytes {
  const { embedding, vocabulary } = shape;
  const cells = cellsOf(request);
  const tokens = cells.batchTokens;
  const outputs = Math.min(tokens, request.outputTokens);
  const masks = maskCells(shape, request) * tokens * (request.flashAttention ? F16_BYTES : F32_BYTES);
  const moment = widestMoment(shape, request);
  const layer = masks + moment.numbers * tokens * F32_BYTES + moment.bytes;
  const states = embedding * tokens * F32_BYTES;
  const logits = outputs * (vocabulary + 2 * embedding) * F32_BYTES;
  return {
    masks,
    layer,
    logits,
    states,
    inputs: masks + 2 * states,
    output: Math.max(1, request.sequences) * vocabulary * F32_BYTES,
    get formula() {
      return layer >= logits
        ? [
            { text: '≈ ', meaning: '' },
            { text: formatCount(tokens), meaning: 'tokens of a batch' },
            { text: ' × (', meaning: '' },
            { text: moment.text(), meaning: moment.meaning },
            { text: ') × ', meaning: '' },
            { text: '4', meaning: 'bytes of a number in f32' },
            { text: ' + ', meaning: '' },
            { text: formatCount(masks), meaning: 'bytes of the masks of attention' },
          ]
        : [
            { text: '≈ ', meaning: '' },
            { text: formatCount(outputs), meaning: 'tokens whose logits are computed' },
            { text: ' × (', meaning: '' },
            { text: formatCount(vocabulary), meaning: 'vocabulary' },
            { text: ' + ', meaning: '' },
            {
              text: `2 × ${formatCount(embedding)}`,
              meaning: 'the state of a token, before and after the last norm',
            },
            { text: ') × ', meaning: '' },
            { text: '4', meaning: 'bytes of a number in f32' },
          ];
    },
  };
}

/** A mask has a number for every cell and token of a batch; windowed layers have one of their own. */
function maskCells(shape: MemoryShape, request: CacheRequest): number {
  const cells = cellsOf(request);
  const windows = shape.layers.flatMap(({ cache }) => cache?.windowTokens ?? []);
  const isWhole = shape.layers.some(({ cache }) => cache !== null && cache.windowTokens === null);
  const windowed = windows.length === 0 ? 0 : windowCells(Math.max(...windows), cells, request);
  return (isWhole ? cells.whole : 0) + windowed;
}

interface Moment {
  /** F32 numbers for every token of a batch. */
  readonly numbers: number;
  /** Bytes besides, whatever the batch. */
  readonly bytes: number;
  readonly text: () => string;
  readonly meaning: string;
}

function widestMoment(shape: MemoryShape, request: CacheRequest): Moment {
  const { embedding, compute, experts, layers } = shape;
  const { feedForward, expertFeedForward, heads, queries, keys, stateInner, latent } = compute;
  const width = (): string => formatCount(embedding);
  const moments: Moment[] = [
    {
      numbers: 3 * feedForward + 4 * embedding,
      bytes: 0,
      text: () => `3 × ${formatCount(feedForward)} + 4 × ${width()}`,
      meaning: 'gate, up and their product in the feed-forward network; states around it',
    },
  ];
  if (experts !== null) {
    const used = (): string => formatCount(experts.used);
    const inside = experts.used * expertFeedForward;
    moments.push(
      {
        numbers: 3 * inside + 3 * embedding,
        bytes: 0,
        text: () => `3 × ${used()} × ${formatCount(expertFeedForward)} + 3 × ${width()}`,
        meaning: 'gate, up and their product in each expert in use; states around them',
      },
      {
        numbers: 2 * experts.used * embedding + 2 * inside,
        bytes: 0,
        text: () => `2 × ${used()} × ${width()} + 2 × ${used()} × ${formatCount(expertFeedForward)}`,
        meaning: 'what each expert in use gives, plain and weighted, and its insides',
      },
    );
  }
  if (layers.some(({ cache }) => cache !== null)) {
    const scores = request.flashAttention ? 0 : heads * cellsOf(request).whole;
    moments.push({
      numbers: 3 * embedding + 2 * queries + 2 * keys + scores,
      bytes: 0,
      text: () =>
        `3 × ${width()} + 2 × ${formatCount(queries)} + 2 × ${formatCount(keys)}${scores === 0 ? '' : ` + ${formatCount(heads)} × ${formatCount(cellsOf(request).whole)}`}`,
      meaning:
        scores === 0
          ? 'queries, keys and values'
          : 'queries, keys and values, and a score for every cell and head',
    });
    if (latent > 0)
      moments.push({
        numbers: latent + embedding + scores,
        bytes: 0,
        text: () => `${formatCount(latent)} + ${width()}${scores === 0 ? '' : ` + ${formatCount(scores)}`}`,
        meaning: 'queries against the compressed keys, and what comes out',
      });
  }
  const state = layers.find((layer) => layer.state !== null)?.state ?? null;
  if (state !== null)
    moments.push({
      numbers: 6 * stateInner + embedding,
      bytes: (state.convolutionElements + state.stateElements) * Math.max(1, request.sequences) * F32_BYTES,
      text: () => `6 × ${formatCount(stateInner)} + ${width()}`,
      meaning: 'inside a layer with a state',
    });
  const size = ({ numbers, bytes }: Moment): number =>
    numbers * cellsOf(request).batchTokens * F32_BYTES + bytes;
  return moments.reduce((widest, moment) => (size(moment) > size(widest) ? moment : widest));
}
