// What must hold of a model whatever its file holds: used where every byte is damaged and where files are made by chance.
import { memorySource, type ByteSource, type ModelFolder } from '../../src/core/formats/byteSource.ts';
import { readArrayItems, searchArrayItems } from '../../src/core/formats/gguf/arrays.ts';
import { isArrayRef, type Opened, type Tensor } from '../../src/core/formats/model.ts';
import { openModel } from '../../src/core/formats/openModel.ts';
import { watchedSource, type WatchedSource } from './watchedSource.ts';

const MEMORY_LIMIT = 64 * 2 ** 20;
/** The slowest thing a small file can ask for; a hang takes for ever. */
const LONGEST_MS = 2000;

/** Opens the first of these files and says what is wrong with what comes back; nothing should be. */
export function openComplaints(files: ReadonlyMap<string, Uint8Array | ByteSource>): string[] {
  const [name = ''] = files.keys();
  const watched: WatchedSource[] = [];
  const folder: ModelFolder = {
    open: (wanted) => {
      const file = files.get(wanted);
      if (file === undefined) return null;
      const source = watchedSource(file instanceof Uint8Array ? memorySource(file) : file);
      watched.push(source);
      return source;
    },
  };
  const start = performance.now();
  const opened = openModel(folder, name);
  const found = complaintsAbout(opened);
  lookIntoArrays(opened, folder);
  if (performance.now() - start > LONGEST_MS) found.push('it took too long');
  const bytes = watched.reduce((sum, source) => sum + source.bufferBytes(), 0);
  if (bytes > MEMORY_LIMIT) found.push(`it allocated ${bytes} bytes to read into`);
  return found;
}

function complaintsAbout({ model, problems }: Opened): string[] {
  const found: string[] = [];
  if (problems.length > 1000) found.push(`it has ${problems.length} problems`);
  if (model === null && problems.length === 0) found.push('there is neither a model nor a problem');
  for (const { text, byteOffset } of problems) {
    if (text.length === 0 || text.length > 400) found.push(`a problem has ${text.length} characters`);
    if (byteOffset !== null && !(Number.isSafeInteger(byteOffset) && byteOffset >= 0))
      found.push(`the problem "${text}" is at byte ${byteOffset}`);
  }
  const stored = (model?.tensors ?? []).flatMap((tensor) =>
    tensor.packed === null ? [tensor] : tensor.packed.parts.map((part) => part.tensor),
  );
  if (new Set(stored).size < stored.length) found.push('a stored tensor belongs to two');
  for (const tensor of model?.tensors ?? [])
    if (tensor.packed !== null) found.push(...packedComplaints(tensor));
  for (const { name, elementCount, byteLength, byteOffset, state, file } of stored) {
    const numbers = [elementCount, byteLength ?? 0, byteOffset];
    if (!numbers.every((number) => Number.isSafeInteger(number) && number >= 0))
      found.push(`"${name}" has the numbers ${numbers.join(', ')}`);
    if (state === 'whole' && byteOffset + (byteLength ?? 0) > (model?.files[file]?.size ?? 0))
      found.push(`"${name}" is whole but ends behind the file`);
  }
  return found;
}

function packedComplaints({ name, packed, shape, elementCount, byteLength, state }: Tensor): string[] {
  const found: string[] = [];
  const { matrix, parts } = packed ?? { matrix: null, parts: [] };
  const weights = shape.reduce((product, size) => product * size, 1);
  const [first] = parts;
  const bytes = parts.reduce((sum, { tensor }) => sum + (tensor.byteLength ?? NaN), 0);
  if (first?.use !== 'codes') found.push(`"${name}" has no codes`);
  if (weights !== elementCount || !Number.isSafeInteger(weights) || weights < 1)
    found.push(`"${name}" of ${shape.join(' × ')} has ${elementCount} weights`);
  if (matrix === null || matrix.matrices * matrix.rows * matrix.columns !== weights)
    found.push(`"${name}" is another matrix than its shape`);
  if (byteLength !== null && byteLength !== bytes)
    found.push(`"${name}" has ${byteLength} bytes, its parts ${bytes}`);
  if (state === 'whole' && parts.some(({ tensor }) => tensor.state !== 'whole'))
    found.push(`"${name}" is whole, its parts are not`);
  const { codeBits, groupSize } = matrix?.packing ?? { codeBits: NaN, groupSize: null };
  if (!(codeBits > 0 && codeBits <= 32) || (groupSize !== null && !(groupSize >= 1)))
    found.push(`"${name}" has ${codeBits} bits in groups of ${groupSize}`);
  return found;
}

/** A page may ask for any array: its beginning, its end, a search. */
function lookIntoArrays({ model }: Opened, folder: ModelFolder): void {
  if (model?.container !== 'gguf') return;
  const encoding = { endianness: model.endianness, version: model.version ?? 3 };
  for (const { value } of model.metadata) {
    if (!isArrayRef(value)) continue;
    const source = folder.open(model.files[value.file]?.name ?? '');
    if (source === null) continue;
    readArrayItems(source, value, encoding, 0, 3);
    readArrayItems(source, value, encoding, Math.max(0, value.count - 3), 3);
    searchArrayItems(source, value, encoding, 'zz', 3);
  }
}
