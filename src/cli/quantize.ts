// quantscope quantize: a model in other types, or only the plan of it.
import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { EngineFailure } from '../app/quality/engine.ts';
import { createErrorPredictor, type Prediction } from '../app/quantize/predict.ts';
import { predictQuantization } from '../app/quantize/predictQuantization.ts';
import {
  type Quantized,
  planQuantization,
  type QuantizeOrder,
  quantizeModel,
} from '../app/quantize/quantizeModel.ts';
import { Obstacle, type ObstacleKind } from '../app/quantize/obstacle.ts';
import { quantizeReport } from '../app/quantize/quantizeReport.ts';
import { EMPTY_RECIPE, parseRecipe, type Recipe } from '../app/quantize/recipe.ts';
import { messageOf, notFound, notReadable, wrongUsage } from '../core/base/failure.ts';
import { visibleText } from '../core/base/visibleText.ts';
import type { EngineParts } from '../node/engineProcess.ts';
import { createErrorEngine } from '../node/errorProcess.ts';
import { diskAccess } from '../node/fileSource.ts';
import { diskPlaces } from '../node/outputPlaces.ts';
import { createQuantizeEngine } from '../node/quantizeProcess.ts';
import { type Options, readOptions, wholeNumber } from './options.ts';
import { predictProgress } from './predictionText.ts';
import { planText, quantizeProgress } from './quantizeText.ts';
import { EXIT, type Terminal } from './terminal.ts';

const NAMES = {
  values: ['--type', '--imatrix', '--output-type', '--embedding-type', '--recipe', '--threads'],
  lists: ['--tensor-type'],
  switches: ['--pure', '--keep-split', '--allow-requantize', '--dry-run', '--predict', '--force', '--json'],
} as const;

type Given = Options<
  (typeof NAMES.values)[number],
  (typeof NAMES.lists)[number],
  (typeof NAMES.switches)[number]
>;

/** @throws Failure */
export async function quantize(
  args: readonly string[],
  terminal: Terminal,
  parts: EngineParts,
  signal: AbortSignal,
): Promise<number> {
  const given = readOptions('quantize', args, ['IN', 'OUT'], NAMES);
  const [source = '', output = ''] = given.paths;
  const { switches } = given;
  const order: QuantizeOrder = {
    source: existing(source),
    output: resolve(output),
    recipe: recipeOf(given),
    threads: wholeNumber('--threads', given.values['--threads']),
    force: switches['--force'],
  };
  if (switches['--predict'] && !switches['--dry-run'])
    throw wrongUsage('--predict tells what a run would do: it goes with --dry-run');
  const ports = { files: diskAccess, engine: createQuantizeEngine(parts), places: diskPlaces };
  const done = await withLog(terminal, async (): Promise<Quantized & { prediction?: Prediction }> => {
    if (switches['--predict']) {
      const predictor = createErrorPredictor(createErrorEngine(parts));
      return await predictQuantization(
        { ...ports, predictor },
        order,
        (news) => terminal.progress?.(predictProgress(news)),
        signal,
      );
    }
    if (switches['--dry-run']) return await planQuantization(ports, order, signal);
    const progress = quantizeProgress();
    return await quantizeModel(
      ports,
      order,
      (news, plan) => terminal.progress?.(progress(news, plan)),
      signal,
    );
  });
  tellNotes(terminal, done);
  terminal.out(
    switches['--json']
      ? `${JSON.stringify(quantizeReport(done, done.prediction), null, 2)}\n`
      : planText(done, switches['--dry-run']),
  );
  return EXIT.ok;
}

function tellNotes(terminal: Terminal, { plan }: Quantized): void {
  for (const note of plan.notes) terminal.error(`quantscope: ${note}\n`);
}

const LIFTED_BY: Record<ObstacleKind, string> = {
  requantize: '--allow-requantize quantizes it all the same.',
  imatrix: 'Make one of this model with "quantscope imatrix", and give it with --imatrix.',
  output: '--force replaces it.',
};

/** Lines of llama.cpp's log that stand before the reason of a failure. */
const LOG_LINES = 10;

/** Takes the line of progress away, whatever happens, and shows what llama.cpp said last when it was llama.cpp that failed. */
export async function withLog<T>(terminal: Terminal, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    terminal.progress?.('');
    if (error instanceof Obstacle) throw wrongUsage(`${error.message} ${LIFTED_BY[error.kind]}`);
    if (error instanceof EngineFailure)
      for (const line of error.log.slice(-LOG_LINES)) terminal.error(`  ${visibleText(line)}\n`);
    throw error;
  } finally {
    terminal.progress?.('');
  }
}

/** What stands on the command line counts before what stands in the recipe. */
function recipeOf({ values, lists, switches }: Given): Recipe {
  const file = values['--recipe'];
  const base = file === undefined ? null : parseRecipe(textOf(file));
  const type = values['--type'] ?? base?.type;
  if (type === undefined) throw wrongUsage('quantize needs a type: --type Q4_K_M');
  const { imatrix, outputType, embeddingType, tensorTypes, ...rest } = base ?? EMPTY_RECIPE;
  const ownImatrix = values['--imatrix'];
  const recipeImatrix = imatrix === null ? null : existing(resolve(dirname(file ?? ''), imatrix));
  return {
    ...rest,
    type,
    imatrix: ownImatrix === undefined ? recipeImatrix : existing(ownImatrix),
    outputType: values['--output-type'] ?? outputType,
    embeddingType: values['--embedding-type'] ?? embeddingType,
    tensorTypes: [...lists['--tensor-type'].map(ruleOf), ...tensorTypes],
    pure: switches['--pure'] || rest.pure,
    keepSplit: switches['--keep-split'] || rest.keepSplit,
    allowRequantize: switches['--allow-requantize'] || rest.allowRequantize,
  };
}

/** A pattern may have "=" in it, a type has none. */
function ruleOf(text: string): Recipe['tensorTypes'][number] {
  const at = text.lastIndexOf('=');
  if (at < 1 || at === text.length - 1)
    throw wrongUsage(`--tensor-type takes REGEX=TYPE, as "attn_v=Q8_0", not "${text}"`);
  return { pattern: text.slice(0, at), type: text.slice(at + 1) };
}

/** @throws Failure not-readable */
export function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw notReadable(path, messageOf(error));
  }
}

/** @throws Failure not-found or not-readable */
export function existing(path: string): string {
  const absolute = resolve(path);
  const stat = statSync(absolute, { throwIfNoEntry: false });
  if (stat === undefined) throw notFound(path);
  if (!stat.isFile())
    throw notReadable(path, stat.isDirectory() ? 'it is a folder' : 'it is not a regular file');
  return absolute;
}
