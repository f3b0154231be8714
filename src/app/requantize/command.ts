// The llama-quantize command that makes the same file: what of a plan can be done without us. With an importance matrix the tool
// writes its whole path into the header, where we write the name: the tensors are the same.
import { formatFixed } from '../../core/base/units.ts';
import type { MetadataOverride } from '../../protocol/quantize.ts';
import type { Recipe } from '../quantize/recipe.ts';

/** Into which a command is pasted: sh and its kin, or what Windows opens as a terminal. */
export type Shell = 'posix' | 'powershell';

export interface CommandFiles {
  /** Absolute paths. */
  readonly source: string;
  readonly output: string;
}

/** One option a line, words in quotes where the shell needs them; the last line has both files and the type. */
export function quantizeCommand(recipe: Recipe, { source, output }: CommandFiles, shell: Shell): string[] {
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
    ...tensorTypes.map(({ pattern, type }) => ['--tensor-type', `${toolPattern(pattern)}=${lower(type)}`]),
    ...(pruneLayers.length === 0 ? [] : [['--prune-layers', pruneLayers.join(',')]]),
    ...metadata.map((one) => ['--override-kv', overrideText(one)]),
    [source, output, recipe.type],
  ];
  return lines.map((words) => words.map(QUOTED[shell]).join(' '));
}

/** To paste into a shell. */
export const commandText = (lines: readonly string[], shell: Shell): string =>
  ['llama-quantize', ...lines].join(` ${shell === 'posix' ? '\\' : '`'}\n  `);

/**
 * A pattern as llama-quantize reads it, which ends it at the first "=" and makes it lower case: \S would become \s. Inside of brackets
 * there is no other way to write \S, and at the "=" of a lookahead the tool stops.
 */
const toolPattern = (pattern: string): string =>
  pattern.replace(/\[(?:\\.|[^\]\\])*\]|\(\?=|\\.|=/gs, (piece) => {
    if (piece.startsWith('[')) return piece.replace(/\\.|=/gs, plainEquals);
    return /^\\[SDW]$/.test(piece) ? `[^${piece.toLowerCase()}]` : plainEquals(piece);
  });

const plainEquals = (piece: string): string => (piece === '=' || piece === '\\=' ? '\\x3d' : piece);

const overrideText = ({ key, type, value }: MetadataOverride): string =>
  `${key}=${type}:${type === 'float' ? floatText(value) : String(value)}`;

/** Whole numbers stay floats. */
const floatText = (value: number): string =>
  Number.isInteger(value) && Math.abs(value) < 1e15
    ? formatFixed(value, 1).replaceAll(',', '')
    : String(value);

/** Signs that mean nothing to a shell. PowerShell makes several words of "1,2", and knows curly quotes as quotes. */
const QUOTED: Readonly<Record<Shell, (word: string) => string>> = {
  posix: (word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`),
  powershell: (word) => (/^[\w+=:./\\-]+$/.test(word) ? word : `'${word.replace(/['‘’‚‛]/g, '$&$&')}'`),
};
