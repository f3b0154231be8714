// Where a quantization is written when the user has not said it: beside the source, under its name with the new type in it.
import { QUANTIZE_TARGETS } from '../quantize/targets.ts';

const TYPE_AT_END = new RegExp(
  `[-._ ](${['FP16', 'FP32', ...QUANTIZE_TARGETS.map(({ name }) => name)].join('|')})$`,
  'i',
);

/** More files of one name than anybody has. */
const MAX_TRIES = 100;

/**
 * "model-F16.gguf" → "model-Q4_K_M.gguf"; "model-Q4_K_M-2.gguf" where that is taken.
 * @param source absolute path of a file of the source
 */
export function proposedOutput(source: string, type: string, isTaken: (path: string) => boolean): string {
  const folderEnd = Math.max(source.lastIndexOf('/'), source.lastIndexOf('\\')) + 1;
  const stem = source
    .slice(folderEnd)
    .replace(/\.gguf$/i, '')
    .replace(/-\d{5}-of-\d{5}$/, '')
    .replace(TYPE_AT_END, '');
  const named = `${source.slice(0, folderEnd)}${stem}-${type}`;
  for (let attempt = 2; attempt < MAX_TRIES; attempt++) {
    const path = attempt === 2 ? `${named}.gguf` : `${named}-${attempt - 1}.gguf`;
    if (!isTaken(path)) return path;
  }
  return `${named}.gguf`;
}
