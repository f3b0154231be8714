// The engine as the planner sees it: what llama.cpp itself would allocate for a run.
import type { MemoryRequest } from '../../core/plan/memoryPlan.ts';
import type { CacheType } from '../../core/plan/cacheTypes.ts';
import { GGML_SCHEMES } from '../../core/quant/ggmlTypes.ts';
import type { MemoryJob, MemoryResult, PlannedRun } from '../../protocol/memory.ts';
import type { AbortSignal } from '../../protocol/rpc.ts';

/** A job without what only the engine's own side knows: where its parts lie. */
export type MemoryOrder = Omit<MemoryJob, 'engineFolders'>;

export interface MemoryEngine {
  /**
   * A process of its own, which has ended when this settles. It allocates next to nothing, whatever the run.
   * @throws EngineFailure when llama.cpp refuses or the process dies; Failure cancelled after an abort
   */
  memory(order: MemoryOrder, signal: AbortSignal): Promise<MemoryResult>;
}

/** A plan as llama.cpp is told of it. */
export function plannedRun(request: MemoryRequest): PlannedRun {
  const { contextTokens, sequences, unified, batchTokens, flashAttention, outputTokens } = request;
  return {
    ...{ sequences, unified, batchTokens, flashAttention, outputTokens },
    contextTokens: contextTokens * sequences,
    keyType: ggmlTypeOf(request.keyType),
    valueType: ggmlTypeOf(request.valueType),
    gpuLayers: request.gpuLayers,
    expertsOnCpu: request.expertsOnCpu,
  };
}

function ggmlTypeOf(type: CacheType): number {
  const id = GGML_SCHEMES.find(({ name }) => name === type.toUpperCase())?.ggmlId;
  if (id === undefined || id === null) throw new TypeError(`ggml has no type ${type}.`);
  return id;
}
