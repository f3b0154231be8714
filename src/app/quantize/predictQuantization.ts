// A plan with what it will cost in precision, time and memory: for those who wait for all of it.
import type { AbortSignal } from '../../protocol/rpc.ts';
import { dryRun, type PlanPorts, type QuantizeOrder } from './dryRun.ts';
import type { ErrorPredictor, PredictNews, Prediction } from './predict.ts';
import { predictRequest } from './predictRequest.ts';
import type { Quantized } from './quantizeModel.ts';

export interface PredictedQuantization extends Quantized {
  readonly prediction: Prediction;
}

/** Nothing is written. @throws Failure, also what stands in the way of a run; EngineFailure when llama.cpp refuses or dies */
export async function predictQuantization(
  ports: PlanPorts & { readonly predictor: ErrorPredictor },
  order: QuantizeOrder,
  tell: (news: PredictNews) => void,
  signal: AbortSignal,
): Promise<PredictedQuantization> {
  const planned = await dryRun(ports, order, signal);
  const [obstacle] = planned.obstacles;
  if (obstacle !== undefined) throw obstacle;
  const { plan, seconds, engineVersion, finals } = planned;
  const request = predictRequest(ports.files, order, planned);
  const prediction = await ports.predictor.predict(request, tell, signal);
  return { output: finals[0] ?? order.output, plan, seconds, engineVersion, prediction };
}
