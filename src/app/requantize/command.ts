// The llama-quantize command that makes the same file: what of a plan can be done without us.
import { formatFixed } from '../../core/base/units.ts';
import type { MetadataOverride } from '../../protocol/quantize.ts';
import type { Recipe } from '../quantize/recipe.ts';

/** One option a line, words in quotes where a POSIX shell needs them; the last line has both files and the type. */
export function quantizeCommand(recipe: Recipe, source: string, output: string): string[] {
  const { imatrix, outputType, embeddingType, tensorTypes, metadata, pruneLayers } = recipe;
  const lower = (type: string): string => type.toLowerCase();
  const lines = [
    ...(recipe.allowRequantize ? [['--allow-requantize']] : []),
    ...(recipe.leaveOutput ? [['--leave-output-tensor']] : []),
    ...(recipe.pure ? [['--pure']] : []),
    ...(recipe.keepSplit ? [['--keep-split']] : []),
    ...(imatrix === null ? [] : [['--imatrix', imatrix]]),
    ...(outputType === null ? [] : [['--output-tensor-type', lower(outputType)]]),
    ...(embeddingType === null ? [] : [['--token-embedding-type', lower(embeddingType)]]),
    ...tensorTypes.map(({ pattern, type }) => ['--tensor-type', `${pattern}=${lower(type)}`]),
    ...(pruneLayers.length === 0 ? [] : [['--prune-layers', pruneLayers.join(',')]]),
    ...metadata.map((one) => ['--override-kv', overrideText(one)]),
    [source, output, recipe.type],
  ];
  return lines.map((words) => words.map(quoted).join(' '));
}

/** To paste into a shell. */
export const commandText = (lines: readonly string[]): string => ['llama-quantize', ...lines].join(' \\\n  ');

const overrideText = ({ key, type, value }: MetadataOverride): string =>
  `${key}=${type}:${type === 'float' ? floatText(value) : String(value)}`;

/** Whole numbers stay floats. */
const floatText = (value: number): string =>
  Number.isInteger(value) && Math.abs(value) < 1e15
    ? formatFixed(value, 1).replaceAll(',', '')
    : String(value);

const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
