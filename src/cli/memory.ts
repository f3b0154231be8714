// quantscope memory: how much memory a run of a model takes, and whether it fits.
import { headerNumbers } from '../app/plan/headerNumbers.ts';
import { planModel, type PlanOrder } from '../app/plan/planModel.ts';
import { planReport } from '../app/plan/planReport.ts';
import { Failure, wrongUsage } from '../core/base/failure.ts';
import { CACHE_TYPES } from '../core/plan/cacheTypes.ts';
import { diskAccess } from '../node/fileSource.ts';
import { readArguments } from './arguments.ts';
import { planText } from './memoryText.ts';
import { openPath, whyUnreadable } from './openPath.ts';
import { EXIT, type Terminal } from './terminal.ts';

const OPTIONS = ['--context', '--parallel', '--kv-type', '--gpu-layers', '--vram'] as const;

/** LLAMA_MAX_SEQ of llama.cpp. */
const MAX_SEQUENCES = 256;
/** More than any model was trained for, by far. */
const MAX_CONTEXT = 2 ** 27;
const MAX_GPU_LAYERS = 10_000;
const MAX_GIB = 65_536;

/** @throws Failure */
export function memory(args: readonly string[], terminal: Terminal): number {
  const { path, json, options } = readArguments('memory', args, OPTIONS);
  const order: PlanOrder = {
    contextTokens: wholeNumber('--context', options['--context'], 1, MAX_CONTEXT),
    sequences: wholeNumber('--parallel', options['--parallel'], 1, MAX_SEQUENCES) ?? 1,
    types: cacheTypes(options['--kv-type']),
    gpuLayers: wholeNumber('--gpu-layers', options['--gpu-layers'], 0, MAX_GPU_LAYERS),
    gpuGiB: gibibytes(options['--vram']),
  };
  const { absolute, opened } = openPath(path);
  const { model } = opened;
  if (model === null) throw new Failure('not-readable', `${path}: ${whyUnreadable(opened)}`);
  const answer = planModel(model, headerNumbers(diskAccess, absolute, model), order);
  if ('unavailable' in answer) throw new Failure('not-readable', `${path}: ${answer.unavailable}`);
  terminal.out(json ? `${JSON.stringify(planReport(answer), null, 2)}\n` : planText(path, model, answer));
  return EXIT.ok;
}

function wholeNumber(option: string, text: string | undefined, least: number, most: number): number | null {
  if (text === undefined) return null;
  const count = Number(text);
  if (/^\d{1,10}$/.test(text) && count >= least && count <= most) return count;
  throw wrongUsage(`${option} takes a whole number from ${least} to ${most}, not "${text}"`);
}

/** "q8_0" for both, "q8_0,f16" for keys and values. */
function cacheTypes(text: string | undefined): PlanOrder['types'] {
  if (text === undefined) return null;
  const types = text.split(',').map((name) => CACHE_TYPES.find((type) => type === name.trim().toLowerCase()));
  const [keyType, valueType = keyType] = types;
  if (types.length > 2 || types.includes(undefined) || keyType === undefined || valueType === undefined)
    throw wrongUsage(`--kv-type takes one or two of ${CACHE_TYPES.join(', ')}, not "${text}"`);
  return { keyType, valueType };
}

function gibibytes(text: string | undefined): number | null {
  if (text === undefined) return null;
  const size = /^(\d+(?:\.\d+)?)\s*(?:Gi?B?)?$/i.exec(text)?.[1];
  const memoryGiB = Number(size ?? NaN);
  if (memoryGiB > 0 && memoryGiB <= MAX_GIB) return memoryGiB;
  throw wrongUsage(`--vram takes a number of GB above 0 and up to ${MAX_GIB}, not "${text}"`);
}
