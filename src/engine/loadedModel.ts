// A model in memory, ready to decode: on the GPU as far as it fits, with fewer layers there when it does not.
import { cancelled } from '../core/base/failure.ts';
import type { CheckedModel, DeviceSettings, DeviceUse } from '../protocol/engine.ts';
import type { CancelFlag } from './cancelFlag.ts';
import { type DevicePlan, layersThatFit } from './devices.ts';
import { type Llama, LlamaFailure } from './llama.ts';
import type { Pointer } from './structs.ts';

export interface LoadedModel {
  readonly context: Pointer;
  readonly vocabulary: Pointer;
  readonly vocabularySize: number;
  readonly use: DeviceUse;
  close(): void;
}

export interface BatchShape {
  /** Chunks that are read side by side, each as a sequence of its own. */
  readonly sequences: number;
  readonly contextTokens: number;
  /** Tokens given to one decode, at most. */
  readonly batchTokens: number;
  /** Rows of logits asked of one decode, at most. */
  readonly outputRows: number;
}

export interface LoadingOptions {
  readonly plan: DevicePlan;
  readonly settings: DeviceSettings & { readonly extraBuffers: boolean };
  readonly flag: CancelFlag;
  readonly tell: (share: number) => void;
  readonly shapeOf: (vocabularySize: number) => BatchShape;
  /** A cb_eval of llama.cpp's, which sees every operation. */
  readonly evaluationHook?: Pointer;
}

/** Positions whose intermediate values are computed at once, as llama-perplexity has it. */
const MICRO_BATCH_TOKENS = 512;

/** @throws Failure when llama.cpp refuses it; why stands in its log */
export async function openLoaded(
  llama: Llama,
  checked: CheckedModel,
  options: LoadingOptions,
): Promise<LoadedModel> {
  const { plan, settings, flag } = options;
  const notes = [...plan.notes];
  const fit = layersThatFit(plan, settings, Math.max(1, checked.layers), checked.tensorBytes);
  if (fit.note !== null) notes.push(fit.note);
  // What fits is an estimate: less is tried when it was too high, and none in the end.
  const attempts = [...new Set([fit.count, Math.floor(fit.count / 2), 0])];
  for (const gpuLayers of attempts) {
    const opened = await attempt(llama, checked, options, gpuLayers, notes);
    if (flag.isSet()) {
      opened?.close();
      throw cancelled();
    }
    if (opened !== null) return opened;
    if (gpuLayers > 0) notes.push(`The GPU could not take ${gpuLayers} layers; tried with fewer.`);
  }
  throw new LlamaFailure('not-readable', `llama.cpp cannot open ${checked.path}`);
}

/** Null when there was not enough memory, or the file is not what llama.cpp wants. */
async function attempt(
  llama: Llama,
  { path }: CheckedModel,
  { plan, settings, flag, tell, shapeOf, evaluationHook = 0 }: LoadingOptions,
  gpuLayers: number,
  notes: readonly string[],
): Promise<LoadedModel | null> {
  const gpus = gpuLayers === 0 ? [] : plan.gpus;
  // Ends with a zero. An empty list keeps llama.cpp from using a GPU for single operations, too.
  const devices = BigUint64Array.from([...gpus.map(({ device }) => BigInt(device)), 0n]);
  const parameters = {
    ...llama.modelParameters(),
    devices: llama.addressOf(devices),
    n_gpu_layers: gpuLayers,
    use_extra_bufts: settings.extraBuffers,
  };
  const model = await llama.loadModel(path, parameters, (share) => {
    tell(share);
    return !flag.isSet();
  });
  if (model === 0 || devices.length === 0) return null; // the list is used until here
  const vocabulary = llama.vocabulary.of(model);
  const vocabularySize = llama.vocabulary.size(vocabulary);
  const context = await llama.createContext(model, {
    ...contextParameters(llama, shapeOf(vocabularySize), plan, flag),
    cb_eval: evaluationHook,
  });
  if (context === 0) {
    llama.freeModel(model);
    return null;
  }
  const use = {
    backend: gpus[0]?.backend ?? 'CPU',
    names: gpus.length === 0 ? plan.cpuNames : gpus.map(({ name }) => name),
    gpuLayers,
    layers: llama.layerCount(model) + 1,
    threads: plan.threads,
    extraBuffers: settings.extraBuffers,
    notes,
  };
  return {
    context,
    vocabulary,
    vocabularySize,
    use,
    close() {
      llama.freeContext(context);
      llama.freeModel(model);
    },
  };
}

function contextParameters(llama: Llama, shape: BatchShape, { threads }: DevicePlan, flag: CancelFlag) {
  const { sequences, contextTokens, batchTokens, outputRows } = shape;
  const microBatch = Math.min(MICRO_BATCH_TOKENS, batchTokens);
  return {
    ...llama.contextParameters(),
    n_ctx: sequences * contextTokens,
    n_batch: batchTokens,
    n_ubatch: microBatch,
    n_seq_max: sequences,
    // Without it room is made to compute the logits of every position: 300 MB with a large vocabulary.
    n_outputs_max: outputRows,
    n_threads: threads,
    n_threads_batch: threads,
    abort_callback: llama.flagReader,
    abort_callback_data: flag.address,
  };
}
