// Numbers of the arrays of a GGUF header, read when the planner asks for them: heads, windows and states layer by layer.
import { readArrayItems } from '../../core/formats/gguf/arrays.ts';
import { isArrayRef, type Model } from '../../core/formats/model.ts';
import type { ReadNumbers } from '../../core/plan/shapeKeys.ts';
import type { FileAccess } from '../ports.ts';

/** @param path of any file of the model */
export function headerNumbers(files: FileAccess, path: string, model: Model): ReadNumbers {
  return (key) => {
    const array = model.metadata.find((entry) => entry.key === key)?.value;
    if (array === undefined || !isArrayRef(array)) return null;
    const name = model.files[array.file]?.name ?? '';
    const encoding = { version: model.version ?? 3, endianness: model.endianness };
    return files.withFolder(path, (folder) => {
      const source = folder.open(name);
      if (source === null) return null;
      return readArrayItems(source, array, encoding, 0, array.count).map(({ value }) =>
        typeof value === 'object' ? Number.NaN : Number(value),
      );
    });
  };
}
