// Bytes of the KV cache and of the states, layer by layer, as llama.cpp v0.4.0 allocates them (src/llama-kv-cache.cpp,
// llama-kv-cache-iswa.cpp, llama-memory-recurrent.cpp, and the padding of src/llama-context.cpp).
import { formatCount } from '../base/units.ts';
import { bytesPerElement, cacheTypeLayout, type CacheType, isQuantized } from './cacheTypes.ts';
import { product, sum, type PlanFormula } from './formula.ts';
import type { LayerCache, MemoryShape } from './shape.ts';

export interface CacheRequest {
  /** Tokens each sequence has room for. */
  readonly contextTokens: number;
  /** Sequences at once. */
  readonly sequences: number;
  /** True: all sequences share the cells of one cache. */
  readonly unified: boolean;
  readonly keyType: CacheType;
  readonly valueType: CacheType;
  /** Tokens computed at once (llama.cpp's -ub): a window keeps as many more. */
  readonly batchTokens: number;
  readonly flashAttention: boolean;
}

export interface Cells {
  /** Cells of a layer that sees the whole context, in one stream. */
  readonly whole: number;
  readonly streams: number;
  /** Tokens of a batch, when the context is smaller. */
  readonly batchTokens: number;
}

const CELL_STEP = 256;
const padded = (count: number): number => Math.ceil(count / CELL_STEP) * CELL_STEP;

/** The context rounded up as llama.cpp does: to 256 in all, and to 256 for each sequence. */
export function cellsOf({ contextTokens, sequences, unified, batchTokens }: CacheRequest): Cells {
  const all = contextTokens * sequences;
  const total = padded(all);
  const whole = unified ? total : padded(Math.floor(total / sequences));
  return { whole, streams: unified ? 1 : sequences, batchTokens: Math.min(batchTokens, all) };
}

/** Cells of a windowed layer: the window (of each sequence that shares them) and a batch, never more than the context. */
export function windowCells(
  windowTokens: number,
  cells: Cells,
  { sequences, unified }: CacheRequest,
): number {
  const wanted = windowTokens * (unified ? sequences : 1) + cells.batchTokens;
  return padded(Math.min(cells.whole, wanted));
}

export interface LayerBytes {
  readonly cacheBytes: number;
  readonly stateBytes: number;
}

/** One entry a layer. Without flash attention all layers have the values of the widest (llama-kv-cache.cpp, v_trans). */
export function cacheByLayer(shape: MemoryShape, request: CacheRequest): LayerBytes[] {
  const cells = cellsOf(request);
  const widest = widestValues(shape);
  return shape.layers.map(({ cache, state }) => ({
    cacheBytes:
      cache === null
        ? 0
        : cellsOfLayer(cache, cells, request) * cells.streams * bytesPerCell(cache, request, widest),
    stateBytes:
      state === null
        ? 0
        : (state.convolutionElements + state.stateElements) * Math.max(1, request.sequences) * F32_BYTES,
  }));
}

const F32_BYTES = 4;

const cellsOfLayer = (cache: LayerCache, cells: Cells, request: CacheRequest): number =>
  cache.windowTokens === null ? cells.whole : windowCells(cache.windowTokens, cells, request);

const widestValues = ({ layers }: MemoryShape): number =>
  layers.reduce(
    (most, { cache }) => Math.max(most, (cache?.keyValueHeads ?? 0) * (cache?.valueLength ?? 0)),
    0,
  );

function bytesPerCell(cache: LayerCache, request: CacheRequest, widest: number): number {
  const { keyValueHeads, keyLength, valueLength } = cache;
  const values = request.flashAttention || valueLength === 0 ? keyValueHeads * valueLength : widest;
  return (
    keyValueHeads * keyLength * bytesPerElement(request.keyType) + values * bytesPerElement(request.valueType)
  );
}

/** Why llama.cpp would refuse these types, in a sentence; null when it takes them (llama_init_from_model). */
export function refusalOf(shape: MemoryShape, request: CacheRequest): string | null {
  if (!request.flashAttention && isQuantized(request.valueType))
    return `Values in ${request.valueType} need flash attention.`;
  if (shape.compute.latent > 0 && request.keyType !== request.valueType)
    return 'Keys and values are compressed together in this model (MLA): both need the same type.';
  for (const { cache } of shape.layers) {
    const sides = [
      ['Keys', request.keyType, cache?.keyLength ?? 0],
      ['Values', request.valueType, cache?.valueLength ?? 0],
    ] as const;
    for (const [side, type, length] of sides) {
      const { blockElements } = cacheTypeLayout(type);
      if (length % blockElements !== 0)
        return `${side} in ${type} need heads of a multiple of ${blockElements} numbers; these have ${formatCount(length)}.`;
    }
  }
  return null;
}

/** One product for every kind of layer: layers × KV heads × (key length × bytes + value length × bytes) × cells × sequences. */
export function cacheFormula(shape: MemoryShape, request: CacheRequest): PlanFormula {
  const cells = cellsOf(request);
  const kinds = new Map<string, { readonly cache: LayerCache; count: number }>();
  for (const { cache } of shape.layers) {
    if (cache === null) continue;
    const key = Object.values(cache).join();
    const kind = kinds.get(key);
    if (kind === undefined) kinds.set(key, { cache, count: 1 });
    else kind.count += 1;
  }
  const widest = widestValues(shape);
  return sum([...kinds.values()].map((kind) => kindFormula(kind, cells, request, widest)));
}

function kindFormula(
  { cache, count }: { readonly cache: LayerCache; readonly count: number },
  cells: Cells,
  request: CacheRequest,
  widest: number,
): PlanFormula {
  const { keyType, valueType } = request;
  const { keyLength, valueLength, windowTokens } = cache;
  const keyBytes = [bytesPerElement(keyType), `bytes of a number in ${keyType}`] as const;
  const isWindowed = windowTokens !== null;
  const shared = [
    [count, isWindowed ? `layers with a window of ${formatCount(windowTokens)} tokens` : 'layers'],
    [cache.keyValueHeads, 'KV heads'],
  ] as const;
  const cellFactors = [
    [
      cellsOfLayer(cache, cells, request),
      isWindowed
        ? 'cells: the window and a batch, rounded up to 256'
        : 'cells: the context, rounded up to 256',
    ] as const,
    ...(cells.streams > 1 ? [[cells.streams, 'sequences'] as const] : []),
  ];
  const isPadded = !request.flashAttention && valueLength > 0 && cache.keyValueHeads * valueLength < widest;
  if (keyLength === valueLength && keyType === valueType && !isPadded)
    return product(
      [2, 'keys and values'],
      ...shared,
      [keyLength, 'numbers of a head'],
      ...cellFactors,
      keyBytes,
    );
  const key = product([keyLength, 'numbers of a key'], keyBytes);
  const valueBytes = [bytesPerElement(valueType), `bytes of a number in ${valueType}`] as const;
  const value = product([valueLength, 'numbers of a value'], valueBytes);
  if (isPadded)
    return [
      ...product(shared[0]),
      { text: ' × (', meaning: '' },
      ...product(shared[1]),
      { text: ' × ', meaning: '' },
      ...key,
      { text: ' + ', meaning: '' },
      ...product(
        [widest, 'numbers of the widest values: without flash attention all have as many'],
        valueBytes,
      ),
      { text: ') × ', meaning: '' },
      ...product(...cellFactors),
    ];
  const both: PlanFormula =
    valueLength === 0 ? key : [{ text: '(', meaning: '' }, ...sum([key, value]), { text: ')', meaning: '' }];
  return [
    ...product(...shared),
    { text: ' × ', meaning: '' },
    ...both,
    { text: ' × ', meaning: '' },
    ...product(...cellFactors),
  ];
}

export function stateFormula(shape: MemoryShape, request: CacheRequest): PlanFormula {
  const layers = shape.layers.filter(({ state }) => state !== null);
  const state = layers[0]?.state ?? null;
  if (state === null) return [];
  return [
    ...product([layers.length, 'layers with a state']),
    { text: ' × (', meaning: '' },
    { text: formatCount(state.convolutionElements), meaning: 'last inputs of the convolution' },
    { text: ' + ', meaning: '' },
    { text: formatCount(state.stateElements), meaning: 'numbers of the state' },
    { text: ') × ', meaning: '' },
    ...product([Math.max(1, request.sequences), 'sequences'], [F32_BYTES, 'bytes of a number in f32']),
  ];
}
