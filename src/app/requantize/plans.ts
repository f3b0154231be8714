// Dry runs that are kept: the same recipe of the same model is asked of llama.cpp once.
import { gone } from '../../core/base/failure.ts';
import { visibleText } from '../../core/base/visibleText.ts';
import type { AbortSignal } from '../../protocol/rpc.ts';
import {
  MAX_COMMAND_LINES,
  type OutputView,
  type PlanView,
  type RecipeView,
} from '../../protocol/requantize.ts';
import { dryRun, type DryRun, filesOf, outputFiles } from '../quantize/dryRun.ts';
import type { OutputFacts } from '../quantize/outputPlace.ts';
import { predictRequest } from '../quantize/predictRequest.ts';
import type { QuantizePorts } from '../quantize/quantizeModel.ts';
import type { Recipe } from '../quantize/recipe.ts';
import { targetNamed } from '../quantize/targets.ts';
import { quantizeCommand, type Shell } from './command.ts';
import { imatrixChoice } from './imatrixChoice.ts';
import { type PresentedPlan, planPage, presentPlan } from './planView.ts';
import type { PredictablePlan, Predictions } from './predictions.ts';
import { proposedOutput } from './proposedOutput.ts';
import { recipeOfView, type RecipeOfView } from './recipeViews.ts';
import type { PlanOrder } from './requantizer.ts';
import type { SourceModel, SourceModels } from './sourceModels.ts';
import { planWarnings } from './warnings.ts';

export interface KeptPlan {
  readonly view: PlanView;
  readonly columns: PresentedPlan['columns'];
  /** All of it, where the view has only the first lines. */
  readonly command: readonly string[];
  readonly predictable: PredictablePlan;
}

export interface Plans {
  /** @throws Failure; EngineFailure when llama.cpp refuses or dies */
  plan(order: PlanOrder, signal: AbortSignal): Promise<KeptPlan>;
  /** @throws gone */
  kept(id: string): KeptPlan;
}

export interface PlansPorts extends QuantizePorts {
  readonly sources: SourceModels;
  readonly predictions: Predictions;
  /** Of which the command is one. */
  readonly shell: Shell;
}

/** Kept at a time: what a person goes back and forth between. */
const MAX_RUNS = 16;
const MAX_PLANS = 8;

interface Run {
  readonly dry: DryRun;
  readonly recipe: Recipe;
  readonly options: RecipeOfView;
  readonly presented: PresentedPlan;
}

export function createPlans({ files, engine, places, sources, predictions, shell }: PlansPorts): Plans {
  const runs = createMemo<Run>(MAX_RUNS);
  const plans = createMemo<KeptPlan>(MAX_PLANS);

  const runOf = async (source: SourceModel, view: RecipeView, signal: AbortSignal): Promise<Run> => {
    const options = recipeOfView(source.model, view);
    const { recipe } = options;
    const key = keyOf(source, recipe, recipe.imatrix === null ? '' : stampOf(recipe.imatrix));
    const known = runs.get(key);
    if (known !== undefined) return known;
    const { path } = source.reading.source;
    const order = { source: path, output: path, recipe, threads: null, force: false };
    const dry = await dryRun({ files, engine }, order, signal);
    const presented = presentPlan(source, dry.plan, options.chosen);
    return runs.set(key, { dry, recipe, options, presented });
  };
  const stampOf = (path: string): string => files.stamp(path, [baseName(path)]);

  const outputOf = (source: SourceModel, recipe: Recipe, wanted: string | null) => {
    const { path } = source.reading.source;
    const look = (output: string): OutputFacts & { readonly files: readonly string[] } => {
      const finals = outputFiles(output, recipe, source.model);
      const others = [...filesOf(path, source.model), ...(recipe.imatrix === null ? [] : [recipe.imatrix])];
      return { ...places.look({ output, files: finals, sources: others, force: false }), files: finals };
    };
    const isTaken = (output: string): boolean => {
      const { exists, why } = look(output);
      return exists || why !== null;
    };
    const output = wanted ?? proposedOutput(path, targetNamed(recipe.type)?.name ?? recipe.type, isTaken);
    const facts = look(output);
    const view: OutputView = {
      path: output,
      folder: output.slice(0, Math.max(0, output.length - baseName(output).length - 1)),
      fileName: baseName(output),
      fileCount: facts.files.length,
      exists: facts.exists,
      freeBytes: facts.freeBytes,
    };
    return { view, facts };
  };

  return {
    async plan({ path, recipe: view, output: wanted, threads = null }, signal) {
      const source = sources.model(path);
      const run = await runOf(source, view, signal);
      const hasOwnTypes = run.recipe.tensorTypes.length > 0;
      // What overrides cost: against the same recipe without them, which is mostly known.
      const plain = hasOwnTypes ? await runOf(source, { ...view, overrides: [], rules: [] }, signal) : run;
      const { dry, recipe, options, presented } = run;
      const { view: output, facts } = outputOf(source, recipe, wanted);
      const command = quantizeCommand(
        recipe,
        { source: source.reading.source.path, output: output.path },
        shell,
      );
      const id = planId(keyOf(source, recipe, output.path));
      const order = {
        source: source.reading.source.path,
        output: output.path,
        recipe,
        threads,
        force: false,
      };
      const request = predictRequest(files, order, dry);
      const warnings = planWarnings({
        ...{ source, recipe, notes: options.notes },
        run: dry,
        output: { ...facts, fileName: output.fileName },
      });
      const planView: PlanView = {
        id,
        ...presented.figures,
        overrideBytes: dry.plan.fileBytes - plain.dry.plan.fileBytes,
        rows: planPage(presented.columns, 0),
        output,
        estimate: predictions.estimate(request),
        imatrix: dry.imatrix === null ? null : imatrixChoice(recipe.imatrix ?? '', dry.imatrix),
        warnings,
        blockedBy: warnings.find(({ blocks }) => blocks)?.text ?? null,
        command: command.slice(0, MAX_COMMAND_LINES).map(visibleText),
        commandLines: command.length,
        engineVersion: dry.engineVersion,
      };
      const predictable = { id, path, request, ...rowsOf(source, dry) };
      return plans.set(id, { view: planView, columns: presented.columns, command, predictable });
    },
    kept(id) {
      const kept = plans.get(id);
      if (kept === undefined) throw gone('This plan');
      return kept;
    },
  };
}

const keyOf = ({ reading }: SourceModel, recipe: Recipe, rest: string): string =>
  JSON.stringify([reading.source.path, reading.source.stamp, recipe, rest]);

const baseName = (path: string): string =>
  path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);

/** The same for the same plan, whoever makes it: two sums of 32 bits (FNV-1a), one from each end, so that no two of a window meet. */
function planId(key: string): string {
  const [basis, prime] = [0x811c9dc5, 0x01000193];
  let [forwards, backwards] = [basis, basis];
  for (let at = 0; at < key.length; at++) {
    forwards = Math.imul(forwards ^ key.charCodeAt(at), prime);
    backwards = Math.imul(backwards ^ key.charCodeAt(key.length - 1 - at), prime);
  }
  return `plan-${(forwards >>> 0).toString(16)}-${(backwards >>> 0).toString(16)}`;
}

function rowsOf({ order }: SourceModel, { plan }: DryRun): Pick<PredictablePlan, 'rows' | 'roleIndex'> {
  const rowOf = new Map(order.rows.map(({ tensor }, row) => [tensor.name, row]));
  const roles = new Map(
    order.rows.map(({ tensor, role }) => [`${tensor.place.stack}\n${tensor.place.role}`, role]),
  );
  return {
    rows: new Map(plan.tensors.map(({ name, source }) => [name, rowOf.get(source.name) ?? 0])),
    roleIndex: (role, stack) => roles.get(`${stack}\n${role}`) ?? -1,
  };
}

interface Memo<T> {
  get(key: string): T | undefined;
  set(key: string, value: T): T;
}

/** The last ones that were set or got. */
function createMemo<T>(limit: number): Memo<T> {
  const entries = new Map<string, T>();
  const set = (key: string, value: T): T => {
    entries.delete(key); // the newest stands last
    entries.set(key, value);
    for (const oldest of entries.keys()) {
      if (entries.size <= limit) break;
      entries.delete(oldest);
    }
    return value;
  };
  return {
    get(key) {
      const value = entries.get(key);
      return value === undefined ? undefined : set(key, value);
    },
    set,
  };
}
