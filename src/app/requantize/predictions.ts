// What is predicted of plans, as it comes: one plan of each model at a time, measured beside whatever else runs.
import { messageOf } from '../../core/base/failure.ts';
import type { AbortSignal } from '../../protocol/rpc.ts';
import {
  ERROR_KINDS,
  type EstimateView,
  NO_WHY,
  type PredictedErrors,
  type PredictedSumView,
} from '../../protocol/requantize.ts';
import type {
  ErrorPredictor,
  PredictedCost,
  PredictedSum,
  Prediction,
  PredictRequest,
  TensorPrediction,
} from '../quantize/predict.ts';

/** A plan as the predictions know it. */
export interface PredictablePlan {
  readonly id: string;
  /** By which its page goes: another plan of the same page ends the prediction. */
  readonly path: string;
  readonly request: PredictRequest;
  /** Name in the output → row in table order. */
  readonly rows: ReadonlyMap<string, number>;
  /** Index of a role of the model. */
  roleIndex(role: string, stack: string): number;
}

export interface Predictions {
  /** What is known, and what became known since `since`; starts to measure what is not. */
  errors(plan: PredictablePlan, since: number): PredictedErrors;
  /** The cost of a plan, as far as it is known. */
  estimate(request: PredictRequest): EstimateView;
  end(path: string): void;
  /** Nothing is measured while `work` goes on: it has the machine for itself. */
  pausedFor<T>(work: () => Promise<T>): Promise<T>;
}

interface Running {
  readonly plan: PredictablePlan;
  /** Of the process that measures; a new one after a pause. */
  abort: { readonly signal: AbortSignal; abort(): void };
  /** Names in the order in which they became known. */
  readonly known: string[];
  state: PredictedErrors['state'];
  failure: string;
}

/** Rows of one message. */
const PAGE_ROWS = 8192;

export function createPredictions(
  predictor: ErrorPredictor,
  newAbort: () => { readonly signal: AbortSignal; abort(): void },
  tell: (news: { readonly plan: string; readonly serial: number }) => void,
): Predictions {
  const running = new Map<string, Running>();
  let pauses = 0;

  const start = (plan: PredictablePlan): Running => {
    running.get(plan.path)?.abort.abort();
    const { tensors, isComplete } = predictor.known(plan.request);
    const started: Running = {
      ...{ plan, abort: newAbort(), known: [...tensors.keys()] },
      ...{ state: isComplete ? 'done' : 'running', failure: '' },
    };
    running.set(plan.path, started);
    if (!isComplete && pauses === 0) void measure(started); // it never rejects
    return started;
  };
  const measure = async (one: Running): Promise<void> => {
    const { plan, abort, known } = one;
    const seen = new Set(known);
    const changed = (): void => {
      if (!abort.signal.aborted) tell({ plan: plan.id, serial: endOf(one) });
    };
    // Some became known to it without being told, when a pause came between.
    for (const name of predictor.known(plan.request).tensors.keys()) if (!seen.has(name)) known.push(name);
    for (const name of known) seen.add(name);
    try {
      await predictor.predict(
        plan.request,
        ({ name }) => {
          if (seen.has(name)) return;
          seen.add(name);
          known.push(name);
          changed();
        },
        abort.signal,
      );
      one.state = 'done';
    } catch (error) {
      if (abort.signal.aborted) return; // it goes on after a pause, or nobody looks at it
      one.state = 'failed';
      one.failure = messageOf(error);
    }
    changed();
  };
  return {
    errors(plan, since) {
      const current = running.get(plan.path);
      const isOver = since === 0 && current?.state === 'failed'; // a page that begins anew tries again
      const isSame = current?.plan.id === plan.id && !isOver;
      const one = isSame ? current : start(plan);
      // One that has just begun has an order of its own, whatever was told of another.
      return view(one, predictor.known(plan.request), isSame ? since : 0);
    },
    estimate: (request) => estimateView(predictor.known(request).cost),
    end(path) {
      running.get(path)?.abort.abort();
      running.delete(path);
    },
    async pausedFor(work) {
      pauses += 1;
      for (const { abort } of running.values()) abort.abort();
      try {
        return await work();
      } finally {
        pauses -= 1;
        for (const one of pauses === 0 ? running.values() : [])
          if (one.state === 'running') {
            one.abort = newAbort();
            void measure(one); // it never rejects
          }
      }
    },
  };
}

/** The last serial: that it is over is news as well. */
const endOf = ({ known, state }: Pick<Running, 'known' | 'state'>): number =>
  known.length + (state === 'running' ? 0 : 1);

function view({ plan, known, state, failure }: Running, all: Prediction, since: number): PredictedErrors {
  const names = known.slice(since, since + PAGE_ROWS);
  const found = names.map((name) => all.tensors.get(name) ?? UNKNOWN);
  const whys = [...new Set(found.flatMap((one) => (one.kind === 'refused' ? [one.why] : [])))];
  const reached = Math.min(known.length, since + names.length);
  const end = endOf({ known, state });
  const serial = reached === known.length ? end : reached;
  return {
    plan: plan.id,
    ...{ serial, more: serial < end, state, failure },
    total: plan.request.tensors.length,
    done: known.length,
    count: names.length,
    row: Uint32Array.from(names, (name) => plan.rows.get(name) ?? 0),
    kind: Uint8Array.from(found, (one) => ERROR_KINDS.indexOf(kindOf(one))),
    sqnr: Float32Array.from(found, (one) => numbers(one)?.sqnr ?? (one.kind === 'refused' ? NaN : Infinity)),
    sqnrError: Float32Array.from(found, (one) => numbers(one)?.sqnrError ?? 0),
    relativeRmse: Float32Array.from(
      found,
      (one) => numbers(one)?.relativeRmse ?? (one.kind === 'refused' ? NaN : 0),
    ),
    weightedSqnr: Float32Array.from(found, weightedOf),
    why: Uint16Array.from(found, (one) => (one.kind === 'refused' ? whys.indexOf(one.why) : NO_WHY)),
    whys,
    whole: sumView(all.whole),
    roles: all.roles.map((role) => ({ ...sumView(role), role: plan.roleIndex(role.role, role.stack) })),
    estimate: estimateView(all.cost),
    notes: all.notes,
  };
}

/** A tensor whose figure was forgotten meanwhile. */
const UNKNOWN: TensorPrediction = { kind: 'refused', why: 'Not known any more; plan again.' };

function kindOf(one: TensorPrediction): (typeof ERROR_KINDS)[number] {
  if (one.kind === 'kept') return 'kept';
  if (one.kind === 'refused') return 'unavailable';
  return one.error.isEstimate ? 'estimate' : 'measured';
}

const numbers = (one: TensorPrediction) => (one.kind === 'changed' ? one.error : null);

function weightedOf(one: TensorPrediction): number {
  const weighted = numbers(one)?.weighted ?? null;
  return weighted === null ? NaN : (weighted.sqnr ?? Infinity);
}

const sumView = ({
  sqnr,
  relativeRmse,
  weights,
  known,
  tensors,
  isEstimate,
}: PredictedSum): PredictedSumView => ({
  ...{ sqnr, relativeRmse, weights, known, tensors, isEstimate },
});

const estimateView = ({ seconds, memoryBytes, timeText, memoryText }: PredictedCost): EstimateView => ({
  ...{ seconds, memoryBytes, timeText, memoryText },
});
