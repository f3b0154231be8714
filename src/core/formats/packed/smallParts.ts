// Reads the small tensors that describe a packing (a shape, a quant_state): few bytes, few of them, and none when they are not there.
import { Failure } from '../../base/failure.ts';
import type { ByteSource, ModelFolder } from '../byteSource.ts';
import type { ModelFile, Tensor } from '../model.ts';

/** A quant_state has 170 bytes, a shape 16. */
const MAX_PART_BYTES = 4096;
/** Opening must stay fast on a slow disk: 10,000 reads of a warm file take 60 ms. A 70B model in NF4 has 560 such parts, one of
 * 20,000 experts 20,000; what is not read follows from tensors of the same role (see shapes.ts). */
const MAX_READS = 4096;

export interface SmallParts {
  /** The first bytes of a tensor's data, at most `limit`; null when they are not there, or when enough has been read. */
  read(tensor: Tensor | undefined, limit?: number): Uint8Array | null;
}

export function smallParts(folder: ModelFolder, files: readonly Pick<ModelFile, 'name'>[]): SmallParts {
  const sources = new Map<number, ByteSource | null>();
  let reads = 0;
  const sourceOf = (file: number): ByteSource | null => {
    let source = sources.get(file);
    if (source === undefined) {
      source = folder.open(files[file]?.name ?? '');
      sources.set(file, source);
    }
    return source;
  };
  return {
    read(tensor, limit = MAX_PART_BYTES) {
      if (tensor?.state !== 'whole' || tensor.byteLength === null || reads >= MAX_READS) return null;
      reads += 1;
      try {
        const bytes = new Uint8Array(Math.min(tensor.byteLength, limit, MAX_PART_BYTES));
        return (sourceOf(tensor.file)?.read(tensor.byteOffset, bytes) ?? 0) === bytes.length ? bytes : null;
      } catch (error) {
        if (error instanceof Failure && error.code !== 'cancelled') return null; // the header was readable: so is the model
        throw error;
      }
    },
  };
}

/** Whole numbers of a small I16, I32 or I64 tensor; null when it is another type or was not read. */
export function wholeNumbers(parts: SmallParts, tensor: Tensor | undefined): number[] | null {
  const width = { I16: 2, I32: 4, U32: 4, I64: 8 }[tensor?.scheme.name ?? ''];
  const bytes = width === undefined ? null : parts.read(tensor);
  if (bytes === null || width === undefined) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: Math.floor(bytes.length / width) }, (_none, index) => {
    const at = index * width;
    return width === 2
      ? view.getInt16(at, true)
      : width === 4
        ? view.getInt32(at, true)
        : Number(view.getBigInt64(at, true));
  });
}
