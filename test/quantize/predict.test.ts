// What is predicted of a quantization is what it does: against outputs that were written, decoded by our own decoders.
import { existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { dryRun, type QuantizeOrder } from '../../src/app/quantize/dryRun.ts';
import { makeImatrix } from '../../src/app/quantize/makeImatrix.ts';
import {
  createErrorPredictor,
  type ErrorPredictor,
  type PredictedError,
  type Prediction,
  type PredictNews,
  type PredictRequest,
} from '../../src/app/quantize/predict.ts';
import { predictRequest } from '../../src/app/quantize/predictRequest.ts';
import { quantizeModel } from '../../src/app/quantize/quantizeModel.ts';
import { DEFAULT_DEVICE } from '../../src/app/quality/engine.ts';
import type { Recipe } from '../../src/app/quantize/recipe.ts';
import { createErrorEngine } from '../../src/node/errorProcess.ts';
import { ENGINE_MISSING } from '../support/engine.ts';
import { writeLanguageModel } from '../support/languageModel.ts';
import {
  atHalf,
  createSetting,
  isAlive,
  listing,
  never,
  nothing,
  removeSetting,
  type Setting,
} from './setting.ts';
import { type TrueError, trueErrors } from './trueErrors.ts';

let setting: Setting;
let predictor: ErrorPredictor;
const F16 = 'sotu-5m-F16.gguf';
const Q4_K_M = 'sotu-5m-Q4_K_M.gguf';
const IMATRIX = 'sotu-5m.imatrix.gguf';
const EXPERTS = 'experts.gguf';

beforeAll(async () => {
  if (ENGINE_MISSING !== null) return;
  setting = await createSetting();
  predictor = createErrorPredictor(createErrorEngine(setting.parts));
}, 240_000);
afterEach(() => {
  for (const name of listing(setting.folder)) if (name.startsWith('out')) rmSync(setting.path(name));
});
afterAll(() => removeSetting(setting));

const orderOf = (recipe: Partial<Recipe>, source = F16): QuantizeOrder =>
  setting.order(
    { ...recipe, ...(typeof recipe.imatrix === 'string' && { imatrix: setting.path(recipe.imatrix) }) },
    { source: setting.path(source) },
  );

/** @param weights up to which a tensor is measured as a whole */
async function requestOf(order: QuantizeOrder, weights: number | null): Promise<PredictRequest> {
  const planned = await dryRun(setting.ports, order, never);
  return { ...predictRequest(setting.ports.files, order, planned), sampleWeights: weights };
}

async function predicted(order: QuantizeOrder, weights: number | null): Promise<Prediction> {
  return await predictor.predict(await requestOf(order, weights), nothing, never);
}

/** Of the tensors that change. */
function errorsOf({ tensors }: Prediction): Map<string, PredictedError> {
  return new Map(
    [...tensors].flatMap(([name, one]) => (one.kind === 'changed' ? [[name, one.error] as const] : [])),
  );
}

async function truth(order: QuantizeOrder): Promise<Map<string, TrueError>> {
  const { output } = await quantizeModel(setting.ports, order, nothing, never);
  return trueErrors(order.source, output);
}

const ALL = Number.MAX_SAFE_INTEGER;

const recipes: readonly (readonly [string, Partial<Recipe>, source: string])[] = [
  ['Q4_K_M', {}, F16],
  ['Q4_K_M with an importance matrix', { imatrix: IMATRIX }, F16],
  [
    'IQ3_XXS by an importance matrix',
    { type: 'Q4_0', imatrix: IMATRIX, tensorTypes: [{ pattern: 'blk\\.0\\.attn', type: 'IQ3_XXS' }] },
    F16,
  ],
  [
    'Q4_0 with MXFP4 and NVFP4',
    {
      type: 'Q4_0',
      tensorTypes: [
        { pattern: 'ffn_up', type: 'MXFP4' },
        { pattern: 'ffn_down', type: 'NVFP4' },
      ],
    },
    F16,
  ],
  ['Q3_K_L', { type: 'Q3_K_L' }, F16],
  ['BF16', { type: 'BF16' }, F16],
  ['Q8_0 from Q4_K_M', { type: 'Q8_0', allowRequantize: true }, Q4_K_M],
  ['F16 from Q4_K_M', { type: 'F16', allowRequantize: true }, Q4_K_M],
];

describe.skipIf(ENGINE_MISSING !== null)('a prediction', () => {
  it.each(recipes)('of all weights is the error that %s has', async (_what, recipe, source) => {
    const order = orderOf(recipe, source);
    const prediction = await predicted(order, ALL);
    const errors = errorsOf(prediction);
    const expected = await truth(order);
    expect([...errors.keys()].sort()).toEqual(
      [...expected.keys()].filter((name) => expected.get(name)?.changes).sort(),
    );
    let [squares, errorSquares] = [0, 0];
    for (const [
      name,
      { squares: own, errorSquares: ownErrors, largestError, weights, changes },
    ] of expected) {
      squares += own;
      errorSquares += ownErrors;
      if (!changes) continue;
      const error = errors.get(name)!;
      expect(error.relativeRmse / Math.sqrt(ownErrors / own)).toBeCloseTo(1, 6);
      expect(error.largestError).toBe(largestError);
      expect(error).toMatchObject({ isEstimate: false, sqnrError: 0, sampledWeights: weights });
      expect(error.sqnr).toBeCloseTo(-10 * Math.log10(ownErrors / own), 6);
    }
    expect(prediction.isComplete).toBe(true);
    expect(prediction.whole.relativeRmse).toBeCloseTo(Math.sqrt(errorSquares / squares), 9);
    expect(prediction.whole).toMatchObject({ isEstimate: false, known: expected.size });
  });

  it('of floats that lose nothing says so', async () => {
    const { tensors, whole } = await predicted(orderOf({ type: 'F32' }), null);
    const error = { relativeRmse: 0, sqnr: null, largestError: 0, sqnrError: 0 };
    expect(tensors.get('blk.0.attn_q.weight')).toMatchObject({ kind: 'changed', error });
    expect(tensors.get('output_norm.weight')).toEqual({ kind: 'kept' });
    expect(whole).toMatchObject({ relativeRmse: 0, sqnr: null, weights: 5_245_184 });
  });

  // Of 100 tensors one would be beyond 2.6 standard errors, of 10,000 one beyond 3.9.
  it.each([2 ** 13, 2 ** 15])(
    'of about %i weights is within four of its standard errors',
    async (weights) => {
      const order = orderOf({ type: 'Q3_K_M' });
      const errors = errorsOf(await predicted(order, weights));
      const expected = await truth(order);
      expect(errors.size).toBe(30);
      for (const [name, error] of errors) {
        const { squares, errorSquares, weights: all } = expected.get(name)!;
        const off = Math.abs(error.sqnr! + 10 * Math.log10(errorSquares / squares));
        expect(error.sampledWeights).toBeGreaterThanOrEqual(weights);
        expect(error.isEstimate).toBe(error.sampledWeights < all);
        expect(off).toBeLessThan(4 * error.sqnrError + 1e-9);
        expect(error.sqnrError).toBeLessThan(0.25);
      }
    },
  );

  it('is better for what matters where an importance matrix says what', async () => {
    const tensorTypes = [{ pattern: 'blk', type: 'Q4_0' }];
    const [without, withOne] = [
      errorsOf(await predicted(orderOf({ tensorTypes }), null)),
      errorsOf(await predicted(orderOf({ tensorTypes, imatrix: IMATRIX }), null)),
    ];
    const name = 'blk.0.ffn_down.weight';
    expect(without.get(name)!.weighted).toBeNull();
    expect(withOne.get(name)!.weighted!.sqnr).toBeGreaterThan(withOne.get(name)!.sqnr! + 0.5);
    expect(withOne.get(name)!.sqnr).not.toBe(without.get(name)!.sqnr);
    // It knows nothing of the embedding.
    expect(withOne.get('token_embd.weight')).toEqual(without.get('token_embd.weight'));
  });

  it('of experts counts each by its own importance', async () => {
    writeLanguageModel(setting.path(EXPERTS), 400, 7, 4);
    const text = {
      name: 'text',
      content: String.fromCodePoint(...Array.from({ length: 600 }, (_x, at) => 0x20000 + ((at * 7) % 140))),
    };
    await makeImatrix(
      { ...setting.ports, removePartial: nothing },
      {
        model: setting.path(EXPERTS),
        output: setting.path('out-experts.imatrix.gguf'),
        text,
        ...{ contextTokens: 128, chunkLimit: 3, force: false, partial: null },
        device: { ...DEFAULT_DEVICE, choice: 'off', threads: 1 },
      },
      nothing,
      never,
    );
    const order = orderOf({ type: 'Q4_0', imatrix: 'out-experts.imatrix.gguf' }, EXPERTS);
    const errors = errorsOf(await predicted(order, ALL));
    const expected = await truth(order);
    const names = [...errors.keys()].filter((name) => name.includes('_exps'));
    expect(names.length).toBe(3);
    for (const name of names) {
      const { squares, errorSquares } = expected.get(name)!;
      expect(errors.get(name)!.relativeRmse / Math.sqrt(errorSquares / squares)).toBeCloseTo(1, 6);
      expect(errors.get(name)!.weighted).not.toBeNull();
    }
  });

  it('tells what it measured tensor by tensor, the largest first, and sums by role', async () => {
    const own = createErrorPredictor(createErrorEngine(setting.parts));
    const news: PredictNews[] = [];
    const request = await requestOf(orderOf({}), null);
    expect(own.known(request)).toMatchObject({
      isComplete: false,
      roles: expect.anything(),
      cost: { seconds: null },
    });
    const prediction = await own.predict(request, (one) => void news.push(one), never);
    expect(news.length).toBe(39);
    expect(news[0]?.prediction.kind).toBe('changed');
    expect(['output.weight', 'token_embd.weight']).toContain(news[0]?.name);
    expect(news.at(-1)).toMatchObject({ done: 39, count: 39 });
    const role = (id: string) => prediction.roles.find((one) => one.role === id)!;
    expect(role('ffn_down')).toMatchObject({ tensors: 4, known: 4, weights: 4 * 196_608, isEstimate: true });
    expect(role('ffn_norm')).toBeUndefined();
    expect(role('ffn_down').sqnr).toBeGreaterThan(role('ffn_up').sqnr!);
    expect(prediction.cost.seconds).toBeGreaterThan(0);
    expect(prediction.cost.computeSeconds! + prediction.cost.diskSeconds).toBeCloseTo(
      prediction.cost.seconds!,
      9,
    );
    expect(prediction.notes).toEqual([]);
  });

  it('is remembered: a changed type measures only what is new, the same plan nothing', async () => {
    const own = createErrorPredictor(createErrorEngine(setting.parts));
    const first = await own.predict(await requestOf(orderOf({}), null), nothing, never);
    const rule = { tensorTypes: [{ pattern: 'blk\\.1\\.ffn_up', type: 'Q8_0' }] };
    const changed = await requestOf(orderOf(rule), null);
    const names: string[] = [];
    const second = await own.predict(changed, ({ name }) => void names.push(name), never);
    expect(names).toEqual(['blk.1.ffn_up.weight']);
    expect(second.whole.sqnr).toBeGreaterThan(first.whole.sqnr!);
    const again = await requestOf(orderOf({}), null);
    rmSync(setting.pidFile);
    expect({ ...own.known(again), cost: null }).toEqual({ ...first, cost: null });
    expect((await own.predict(again, nothing, never)).tensors).toEqual(first.tensors);
    expect(existsSync(setting.pidFile)).toBe(false);
  });

  it.skipIf(process.platform !== 'linux')('of memory is about what the process takes', async () => {
    const order = orderOf({ type: 'Q5_K_M' });
    const { memoryBytes, mappedBytes } = (await predicted(order, null)).cost;
    let most = 0;
    const look = (): void => {
      const status = readFileSync(`/proc/${readFileSync(setting.pidFile, 'utf8')}/status`, 'utf8');
      most = 1024 * Number(/VmHWM:\s*(\d+)/.exec(status)?.[1]);
    };
    // By then the largest tensors are done.
    await quantizeModel(setting.ports, order, atHalf(look), never);
    // What Node takes is not the same in every version.
    expect(most / (memoryBytes + mappedBytes)).toBeGreaterThan(0.6);
    expect(most / (memoryBytes + mappedBytes)).toBeLessThan(1.6);
  });

  it('of a model that is quantized already says what these errors are not', async () => {
    const { notes } = await predicted(orderOf({ type: 'Q4_0', allowRequantize: true }, Q4_K_M), null);
    expect(notes).toEqual([
      '29 of 39 tensors are quantized already (Q4_K, Q6_K): these errors are relative to the weights as they are stored now, and come on top of those that are in them.',
    ]);
  });
});

describe.skipIf(ENGINE_MISSING !== null)('no prediction', () => {
  const failureOf = async (
    request: PredictRequest,
    tell: (news: PredictNews) => void = nothing,
    signal = never,
    own = createErrorPredictor(createErrorEngine(setting.parts)),
  ): Promise<Error & { code?: string }> =>
    await own.predict(request, tell, signal).then(
      () => new Error('It came to an end.'),
      (error: Error) => error,
    );
  const whyOf = ({ tensors }: Prediction, name: string): string => {
    const one = tensors.get(name);
    return one?.kind === 'refused' ? one.why : '';
  };
  const pid = (): number => Number(readFileSync(setting.pidFile, 'utf8'));

  it('is made of types that need an importance matrix which is not there, and no process dies of it', async () => {
    const without = await predicted(orderOf({ type: 'IQ2_XS' }), null);
    expect(whyOf(without, 'blk.0.attn_q.weight')).toBe(
      'IQ2_XS needs an importance matrix: what it makes of blk.0.attn_q.weight cannot be told without.',
    );
    expect(without.cost.seconds).toBeNull();
    expect(without.whole.known).toBeLessThan(39);
    // llama.cpp would try this one, and end.
    const embedding = orderOf({ type: 'Q8_0', embeddingType: 'IQ1_S', imatrix: IMATRIX });
    expect(whyOf(await predicted(embedding, null), 'token_embd.weight')).toBe(
      'IQ1_S needs an importance matrix, and this one knows nothing of token_embd.weight.',
    );
  });

  it('is made of weights that are no numbers', async () => {
    const source = setting.path('out-nan.gguf');
    const bytes = Buffer.from(readFileSync(setting.path(F16)));
    bytes.writeUInt16LE(0x7e00, bytes.length - 2);
    writeFileSync(source, bytes);
    const { tensors, isComplete } = await predicted(orderOf({}, 'out-nan.gguf'), ALL);
    const refused = [...tensors].filter(([, { kind }]) => kind === 'refused');
    expect(refused.length).toBe(1);
    expect(refused[0]![1]).toEqual({
      kind: 'refused',
      why: `${refused[0]![0]} has a weight that is no finite number, as F16 or as Q4_K: llama.cpp will refuse it.`,
    });
    expect(isComplete).toBe(true);
  });

  it('is made of a source that became shorter', async () => {
    const source = setting.path('out-cut.gguf');
    writeFileSync(source, readFileSync(setting.path(F16)));
    const request = await requestOf(orderOf({}, 'out-cut.gguf'), ALL);
    truncateSync(source, readFileSync(source).length - 1);
    expect((await failureOf(request)).message).toMatch(/out-cut\.gguf cannot be read \(it became shorter/);
  });

  it('is waited for after a cancel, and what was measured is kept', async () => {
    const own = createErrorPredictor(createErrorEngine(setting.parts));
    const request = await requestOf(orderOf({ type: 'IQ3_S' }), ALL);
    const controller = new AbortController();
    const stop = ({ done }: PredictNews): void => {
      if (done === 3) controller.abort();
    };
    expect((await failureOf(request, stop, controller.signal, own)).code).toBe('cancelled');
    expect(isAlive(pid())).toBe(false);
    const { whole, isComplete } = own.known(request);
    expect(isComplete).toBe(false);
    expect(whole.known).toBeGreaterThanOrEqual(3);
  });

  it('is made before it is asked for: a cancelled ask starts nothing', async () => {
    const request = await requestOf(orderOf({}), null);
    rmSync(setting.pidFile);
    expect((await failureOf(request, nothing, AbortSignal.abort())).code).toBe('cancelled');
    expect(existsSync(setting.pidFile)).toBe(false);
  });

  it('survives its process, but the failure says what happened', async () => {
    const request = await requestOf(orderOf({ type: 'IQ3_S' }), ALL);
    const failed = await failureOf(request, ({ done }) => {
      if (done === 1) process.kill(pid(), 'SIGKILL');
    });
    expect(failed.message).toMatch(/^The engine stopped \(SIGKILL\)/);
  });
});
