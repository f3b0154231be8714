// A plan as the object that the terminal prints with --json. Bytes are bytes, GiB are 2^30 of them; shares are 0…1.
import { formulaText } from '../../core/plan/formula.ts';
import { llamaCppSettings, ollamaSettings } from '../../core/plan/settings.ts';
import type { ModelPlan } from './planModel.ts';

/**
 * architecture, contextTrained, layers, request (what was planned), gpuBytes and cpuBytes (sums), parts (each with its certainty:
 * exact, estimate or assumed, and its formula), refusal, verdict and fit (null without --vram), fineTuning (null for packed
 * weights), settings, notes.
 */
export function planReport(answer: ModelPlan): object {
  const { shape, request, plan, fit } = answer;
  return {
    architecture: shape.architecture,
    contextTrained: shape.contextTrained,
    layers: shape.layers.length,
    layersWithCache: shape.layers.filter(({ cache }) => cache !== null).length,
    layersWithWindow: shape.layers.filter(({ cache }) => (cache?.windowTokens ?? null) !== null).length,
    layersWithState: shape.layers.filter(({ state }) => state !== null).length,
    experts: shape.experts,
    request,
    gpuBytes: plan.gpuBytes,
    cpuBytes: plan.cpuBytes,
    parts: plan.parts.map(({ formula, ...part }) => ({ ...part, formula: formulaText(formula) })),
    refusal: answer.refusal,
    verdict: fit?.verdict.text ?? null,
    fit: fit && {
      gpuGiB: fit.gpuGiB,
      fits: fit.verdict.fits,
      largestContext: fit.largestContext,
      mostGpuLayers: fit.mostGpuLayers,
      expertsOnCpu: fit.expertsOnCpu,
      speedBounds: fit.speeds.map(({ device, tokensPerSecond }) => ({
        device: device.name,
        tokensPerSecond,
      })),
      mixes:
        fit.mixes?.map(({ mix, weightBytes, plan: { gpuBytes, cpuBytes }, fits }) => ({
          name: mix.name,
          bitsPerWeight: mix.bitsPerWeight,
          weightBytes: Math.round(weightBytes),
          gpuBytes: Math.round(gpuBytes),
          cpuBytes: Math.round(cpuBytes),
          fits,
        })) ?? null,
    },
    fineTuning: answer.fineTuning && {
      fullBytes: answer.fineTuning.full.bytes,
      qloraBytes: Math.round(answer.fineTuning.qlora.bytes),
      qloraRank: answer.fineTuning.qlora.rank,
      adapterWeights: answer.fineTuning.qlora.adapterWeights,
    },
    settings: { llamaCpp: llamaCppSettings(request), ollama: ollamaSettings(request) },
    notes: answer.notes,
  };
}
