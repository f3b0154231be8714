// What the Re-quantize page of a model may ask, answered from the planner, the jobs and the editor's own services.
import { Failure, gone, wrongUsage } from '../../core/base/failure.ts';
import type { AbortSignal } from '../../protocol/rpc.ts';
import type {
  JobView,
  ObstacleView,
  PlanView,
  RecipeView,
  RequantizeHost,
  RequantizePushes,
  RequantizeView,
  ResultUse,
} from '../../protocol/requantize.ts';
import type { ModelReader } from '../ports.ts';
import { copyInParts, nothing } from '../pageAnswers.ts';
import { type Later, throttle } from '../telling.ts';
import { FIRST_RECIPE } from './recipeViews.ts';
import type { Requantizer } from './requantizer.ts';
import type { RequantizeJobs } from './requantizeJobs.ts';
import { targetViews, tensorTypeViews } from './targetViews.ts';

export interface RequantizeSources {
  readonly reader: Pick<ModelReader, 'open' | 'tensors'>;
  readonly requantizer: Requantizer;
  readonly jobs: RequantizeJobs;
}

/** The editor around the page. Paths are absolute; null where the user chose nothing. */
export interface RequantizeShell {
  isTrusted(): boolean;
  /** Asks whether a file may be replaced. */
  mayReplace(path: string): Promise<boolean>;
  chooseOutput(suggested: string): Promise<string | null>;
  chooseImatrix(): Promise<string | null>;
  chooseRecipe(): Promise<string | null>;
  chooseRecipeTarget(name: string): Promise<string | null>;
  /** Writes, and tells how it went. */
  writeText(path: string, text: string): Promise<void>;
  useResult(job: JobView, how: ResultUse): Promise<void>;
  canMakeImatrix(): Promise<boolean>;
  makeImatrix(): Promise<void>;
  showLayers(): Promise<void>;
  manageTrust(): Promise<void>;
  showLog(): void;
  copy(text: string): Promise<void>;
  loadState(): unknown;
  saveState(state: unknown): Promise<void>;
  loadPreferences(): unknown;
  savePreferences(preferences: unknown): Promise<void>;
}

/** A plan that the page has seen. */
interface Shown {
  readonly recipe: RecipeView;
  readonly view: PlanView;
}

/** A page shows one, and asks for the next. */
const MAX_SHOWN = 8;

/** @param path of any file of the model */
export function createRequantizeService(
  path: string,
  { reader, requantizer, jobs }: RequantizeSources,
  shell: RequantizeShell,
): RequantizeHost {
  const shown = new Map<string, Shown>();

  const needTrust = (): void => {
    if (!shell.isTrusted()) throw wrongUsage(UNTRUSTED);
  };
  const plan = async (recipe: RecipeView, output: string | null, signal: AbortSignal): Promise<PlanView> => {
    needTrust();
    const view = await requantizer.plan({ path, recipe, output }, signal);
    shown.delete(view.id); // the newest stands last
    shown.set(view.id, { recipe, view });
    for (const oldest of shown.keys()) {
      if (shown.size <= MAX_SHOWN) break;
      shown.delete(oldest);
    }
    return view;
  };
  /** The planner forgets, and starts anew when it died: the same plan has the same id. */
  const withPlan = async <T>(id: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      const known = shown.get(id);
      if (!(error instanceof Failure) || error.code !== 'gone' || known === undefined) throw error;
      await plan(known.recipe, known.view.output.path, signal);
      return await work();
    }
  };
  return {
    async open(_argument, signal): Promise<RequantizeView> {
      const [model, reading, canMakeImatrix] = await Promise.all([
        reader.open(path, signal),
        requantizer.source(path, signal),
        shell.canMakeImatrix(),
      ]);
      const { source, obstacle, isSplit, parameterCount } = reading;
      const untrusted: ObstacleView | null = shell.isTrusted()
        ? null
        : { kind: 'untrusted', text: UNTRUSTED };
      return {
        ...{ source, model, isSplit, canMakeImatrix },
        obstacle: obstacle ?? untrusted,
        targets: targetViews(parameterCount),
        tensorTypes: tensorTypeViews(),
        recipe: FIRST_RECIPE,
        jobs: jobs.all(),
        savedState: shell.loadState() ?? null,
        preferences: shell.loadPreferences() ?? null,
      };
    },
    tensors: ({ first }, signal) => reader.tensors(path, first, signal),
    plan: ({ recipe, output }, signal) => plan(recipe, output, signal),
    planColumns: ({ plan: id, first }, signal) =>
      withPlan(id, signal, () => requantizer.planColumns(id, first, signal)),
    async predictedErrors({ plan: id, since }, signal) {
      needTrust();
      return withPlan(id, signal, () => requantizer.predictedErrors(id, since, signal));
    },
    async copyCommand({ plan: id }, signal) {
      return nothing(shell.copy(await withPlan(id, signal, () => requantizer.command(id, signal))));
    },
    async start({ plan: id }, signal) {
      const known = shown.get(id);
      if (known === undefined) throw gone('This plan');
      const { recipe } = known;
      // As it stands now: files may have come and gone since the page was shown it.
      const view = await plan(recipe, known.view.output.path, signal);
      if (view.id !== id) throw gone('This plan');
      if (view.blockedBy !== null) throw wrongUsage(view.blockedBy);
      const { output } = view;
      if (jobs.all().some((job) => isOpen(job) && job.output.path === output.path))
        throw wrongUsage(`${output.fileName} is being written already; choose another name for the output.`);
      if (output.exists && !(await shell.mayReplace(output.path))) return null;
      const { source } = await requantizer.source(path, signal);
      const job = jobs.start({
        source: { path: source.path, fileName: source.fileName },
        output: { path: output.path, fileName: output.fileName },
        ...{ recipe, stamp: source.stamp, force: output.exists, plannedBytes: view.after.fileBytes },
      });
      return { job };
    },
    cancelJob: ({ job }) => nothing(jobs.cancel(job)),
    dismissJob: ({ job }) => nothing(jobs.dismiss(job)),
    async jobRecipe({ job }) {
      const recipe = jobs.recipe(job);
      if (recipe === null) throw gone('This job');
      return recipe;
    },
    async useResult({ job: id, how }) {
      const job = jobs.all().find((one) => one.id === id && one.state === 'done');
      if (job === undefined) throw gone('This result');
      return nothing(shell.useResult(job, how));
    },
    async chooseOutput({ suggested }) {
      const chosen = await shell.chooseOutput(suggested);
      return chosen === null ? null : { path: chosen };
    },
    async chooseImatrix(_argument, signal) {
      const file = await shell.chooseImatrix();
      return file === null ? null : requantizer.imatrix(file, signal);
    },
    makeImatrix: () => nothing(shell.makeImatrix()),
    async saveRecipe({ recipe }, signal) {
      const { source } = await requantizer.source(path, signal);
      const stem = source.fileName.replace(/\.gguf$/i, '');
      const file = await shell.chooseRecipeTarget(`${stem}.${recipe.type}.recipe.json`);
      if (file === null) return null;
      return nothing(shell.writeText(file, await requantizer.recipeText({ path, recipe }, file, signal)));
    },
    async loadRecipe(_argument, signal) {
      const file = await shell.chooseRecipe();
      return file === null ? null : requantizer.readRecipe(path, file, signal);
    },
    showLayers: () => nothing(shell.showLayers()),
    manageTrust: () => nothing(shell.manageTrust()),
    showLog: () => nothing(shell.showLog()),
    copy: copyInParts(shell.copy),
    saveState: ({ state }) => nothing(shell.saveState(state)),
    savePreferences: ({ preferences }) => nothing(shell.savePreferences(preferences)),
  };
}

/** The page of predictions is told this often at most. */
const TELL_MILLISECONDS = 100;

/** Tells the page what happens, until the answer is called. */
export function connectRequantizePage(
  path: string,
  { requantizer, jobs }: Pick<RequantizeSources, 'requantizer' | 'jobs'>,
  later: Later,
  push: <K extends keyof RequantizePushes & string>(name: K, value: RequantizePushes[K]) => void,
): () => void {
  let last: RequantizePushes['errors'] | null = null;
  const telling = throttle(TELL_MILLISECONDS, () => last !== null && push('errors', last), later);
  const stops = [
    jobs.onChange((all) => push('jobs', all)),
    requantizer.onErrors((news) => {
      last = news; // of another page's plan, perhaps: this one does not know it
      telling.ask();
    }),
    () => telling.stop(),
    () => void requantizer.endPrediction(path).catch(() => undefined), // where its thread is gone, so is the prediction
  ];
  return () => stops.forEach((stop) => stop());
}

export const isOpen = ({ state }: JobView): boolean =>
  state === 'queued' || state === 'running' || state === 'cancelling';

const UNTRUSTED =
  'This workspace is not trusted. A plan is made by llama.cpp, native code, on this file: nothing is started until you trust it.';
