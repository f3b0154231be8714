// How much memory llama.cpp would take for a run: it lays out model, cache and graphs as for a run, and allocates none of it.
import { LlamaFailure, bindLlama, type Llama } from './llama.ts';
import type { BufferBytes, MemoryJob, MemoryResult } from '../protocol/memory.ts';
import { type DevicePlan, planDevices } from './devices.ts';
import { type Libraries, loadLibraries } from './libraries.ts';
import { type BreakdownEntry, readBreakdown } from './memoryBreakdown.ts';
import type { Pointer } from './structs.ts';

/** llama_load_mode: a model that is mapped has buffers that cannot be left out. */
const LOAD_MODE_NONE = 0;
/** llama_flash_attn_type. */
const FLASH_ATTENTION = { off: 0, on: 1 } as const;

/** @throws Failure when llama.cpp cannot be loaded, or refuses the model or the run; why stands in its log */
export async function measureMemory({ model, device, run, engineFolders }: MemoryJob): Promise<MemoryResult> {
  const libraries = loadLibraries(engineFolders);
  const llama = bindLlama(libraries);
  llama.loadBackends();
  const plan = planDevices(llama.devices, device);
  const entries = await layOut({ libraries, llama, plan }, { model, device, run });
  return {
    buffers: buffersOf(libraries, entries),
    gpuLayers: plan.gpus.length === 0 ? 0 : run.gpuLayers,
    gpus: run.gpuLayers === 0 ? [] : plan.gpus.map(({ name }) => name),
    engineVersion: `llama.cpp ${llama.version}`,
    notes: plan.notes,
  };
}

interface Setting {
  readonly libraries: Libraries;
  readonly llama: Llama;
  readonly plan: DevicePlan;
}

async function layOut(
  { libraries, llama, plan }: Setting,
  { model: { path }, device, run }: Pick<MemoryJob, 'model' | 'device' | 'run'>,
): Promise<BreakdownEntry[]> {
  // Ends with a zero. An empty list keeps llama.cpp from using a GPU for single operations, too.
  const gpus = run.gpuLayers === 0 ? [] : plan.gpus;
  const devices = BigUint64Array.from([...gpus.map(({ device }) => BigInt(device)), 0n]);
  const overrides = expertsInRam(libraries, llama, run.expertsOnCpu);
  const model = await llama.loadModel(
    path,
    {
      ...llama.modelParameters(),
      ...{ no_alloc: true, load_mode: LOAD_MODE_NONE, tensor_buft_overrides: overrides.address },
      devices: llama.addressOf(devices),
      n_gpu_layers: gpus.length === 0 ? 0 : run.gpuLayers,
      use_extra_bufts: device.extraBuffers ?? true,
    },
    () => true,
  );
  if (model === 0 || devices.length === 0 || overrides.kept.length === 0)
    throw new LlamaFailure('not-readable', `llama.cpp cannot open ${path}`); // both lists are used until here
  const context = await llama.createContext(model, {
    ...llama.contextParameters(),
    n_ctx: run.contextTokens,
    n_batch: Math.max(run.batchTokens, DEFAULT_BATCH_LIMIT),
    n_ubatch: run.batchTokens,
    n_seq_max: run.sequences,
    n_outputs_max: run.outputTokens,
    ...{ type_k: run.keyType, type_v: run.valueType, kv_unified: run.unified },
    // A library's default is to keep the whole context in windowed layers, a program's is not to.
    ...{ flash_attn_type: run.flashAttention ? FLASH_ATTENTION.on : FLASH_ATTENTION.off, swa_full: false },
  });
  if (context === 0) throw new LlamaFailure('not-readable', 'llama.cpp refuses these settings');
  return readBreakdown(libraries, context);
}

/** llama.cpp's default of -b. */
const DEFAULT_BATCH_LIMIT = 2048;

/** What --n-cpu-moe sets (common/common.h): a pattern of tensors and the buffers they go to, for each layer; zeros end the list. */
function expertsInRam(
  { ggmlBase }: Libraries,
  llama: Llama,
  layers: number,
): { readonly address: Pointer; readonly kept: readonly ArrayBufferView[] } {
  const cpu = ggmlBase.func('uintptr_t ggml_backend_cpu_buffer_type()') as () => Pointer;
  const patterns = Array.from({ length: layers }, (_, layer) => {
    const utf8 = Buffer.from(`blk\\.${layer}\\.ffn_(up|down|gate|gate_up)_(ch|)exps\0`, 'utf8');
    const lasting = Buffer.from(new ArrayBuffer(Math.max(MIN_OUTSIDE_BYTES, utf8.length)));
    utf8.copy(lasting);
    return lasting;
  });
  const list = new BigUint64Array(Math.max(MIN_OUTSIDE_BYTES / 8, 2 * layers + 2));
  patterns.forEach((pattern, index) =>
    list.set([BigInt(llama.addressOf(pattern)), BigInt(cpu())], 2 * index),
  );
  return { address: layers === 0 ? 0 : llama.addressOf(list), kept: [list, ...patterns] };
}

/** V8 keeps small arrays in its heap, where they would move. */
const MIN_OUTSIDE_BYTES = 256;

function buffersOf({ ggmlBase }: Libraries, entries: readonly BreakdownEntry[]): BufferBytes[] {
  const name = ggmlBase.func('const char *ggml_backend_buft_name(uintptr_t type)') as (
    type: Pointer,
  ) => string;
  const isHost = ggmlBase.func('bool ggml_backend_buft_is_host(uintptr_t type)') as (
    type: Pointer,
  ) => boolean;
  const device = ggmlBase.func('uintptr_t ggml_backend_buft_get_device(uintptr_t type)') as (
    type: Pointer,
  ) => Pointer;
  const deviceType = ggmlBase.func('int ggml_backend_dev_type(uintptr_t device)') as (
    device: Pointer,
  ) => number;
  return entries.map(({ bufferType, model, context, compute }) => {
    const owner = device(bufferType);
    // Buffers with rearranged weights (AMX, repacking) are the CPU's, though nothing else may look into them.
    const inRam = isHost(bufferType) || owner === 0 || deviceType(owner) === CPU;
    return { name: name(bufferType), isHost: inRam, weights: model, context, compute };
  });
}

/** Of ggml_backend_dev_type. */
const CPU = 0;
