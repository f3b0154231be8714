// One safetensors file: its tensors, every declaration checked against its scheme and the real size of the file.
import type { CancelSignal } from '../../base/cancel.ts';
import type { ProblemList } from '../../base/problemList.ts';
import { formatCount, formatShape, plural } from '../../base/units.ts';
import { shorten } from '../../base/visibleText.ts';
import { safetensorsScheme } from '../../quant/safetensorsTypes.ts';
import type { Scheme } from '../../quant/scheme.ts';
import type { ByteSource } from '../byteSource.ts';
import { checkLayout } from '../layout.ts';
import type { Tensor } from '../model.ts';
import type { Placer } from '../naming/hfNames.ts';
import { readHeader, type Header } from './header.ts';
import type { HeaderEntry, HeaderText } from './headerMembers.ts';

const MAX_NAME_SHOWN = 120;

export interface Shard {
  /** null: not known, the length of the header cannot be true. */
  readonly dataOffset: number | null;
  readonly expectedSize: number | null;
  /** False when the header broke off: then there may be more tensors. */
  readonly isWhole: boolean;
  readonly texts: readonly HeaderText[];
  /** In the order of the header. */
  readonly tensors: readonly Tensor[];
}

/** Reads the header of one file; null when there is none. No data is read. */
export function readShard(
  source: ByteSource,
  file: number,
  place: Placer,
  problems: ProblemList,
  signal: CancelSignal,
): Shard | null {
  const header = readHeader(source, problems, signal);
  if (header === null) return null;
  const declared = header.entries.map((entry) => declare(entry, header, file, place, problems));
  const dataOffset = header.isDataOffsetKnown ? header.dataOffset : null;
  if (dataOffset === null || dataOffset > source.size) {
    const state = dataOffset === null ? 'invalid' : 'missing';
    const tensors = declared.map((tensor) => ({ ...tensor, state }) satisfies Tensor);
    return { dataOffset, expectedSize: null, isWhole: header.isWhole, texts: header.metadata, tensors };
  }

  const ranged = declared.flatMap(({ name, byteOffset, byteLength }) =>
    byteLength === null ? [] : [{ name, byteOffset, byteLength }],
  );
  // Where a tensor is not known, its bytes are no hole.
  const isComplete = header.isWhole && ranged.length === declared.length;
  const rules = { dataOffset, fileSize: source.size, alignment: isComplete ? 1 : Infinity };
  const layout = checkLayout(ranged, rules, problems);
  let next = 0;
  const tensors = declared.map((tensor): Tensor => {
    const state = tensor.byteLength === null ? 'invalid' : (layout.states[next++] ?? 'invalid');
    return tensor.state === 'invalid' || state === 'whole' ? tensor : { ...tensor, state };
  });
  const expectedSize = isComplete ? layout.expectedSize : null;
  return { dataOffset, expectedSize, isWhole: header.isWhole, texts: header.metadata, tensors };
}

/** The tensor an entry declares; state 'invalid' where it contradicts itself, else 'whole' until the layout is known. */
function declare(
  entry: HeaderEntry,
  header: Header,
  file: number,
  place: Placer,
  problems: ProblemList,
): Tensor {
  const { name, dtype, shape, range } = entry;
  let isSound = entry.isSound;
  const fault = (
    code: 'tensor-shape-invalid' | 'tensor-size-mismatch' | 'tensor-offset-invalid',
    text: string,
  ) => {
    isSound = false;
    problems.add('error', code, entry.byteOffset, `"${shorten(name, MAX_NAME_SHOWN)}" ${text}`, name);
  };

  const scheme = safetensorsScheme(dtype ?? 'unknown');
  if (dtype !== null && scheme.blockBytes === null) {
    const text = `"${shorten(name, MAX_NAME_SHOWN)}" has the type ${dtype}, which the format does not know.`;
    problems.add('warning', 'type-unknown', entry.byteOffset, text, name);
  }
  const elementCount = product(shape ?? []);
  if (elementCount === null)
    fault('tensor-shape-invalid', `has the shape ${formatShape(shape ?? [])}: more than 2^53 weights.`);

  let byteLength = range === null ? null : range[1] - range[0];
  let byteOffset = header.dataOffset + (range?.[0] ?? 0);
  if (range !== null && !Number.isSafeInteger(header.dataOffset + range[1])) {
    fault('tensor-offset-invalid', `ends at ${formatCount(range[1])}, beyond 2^53.`);
    [byteLength, byteOffset] = [null, header.dataOffset];
  }
  const misfit =
    byteLength === null || elementCount === null || shape === null
      ? null
      : sizeMisfit(scheme, elementCount, byteLength);
  if (misfit !== null) fault('tensor-size-mismatch', misfit);
  return {
    name,
    place: place(name),
    scheme,
    shape: shape ?? [],
    elementCount: shape === null ? 0 : (elementCount ?? 0),
    byteLength,
    byteOffset,
    file,
    state: isSound ? 'whole' : 'invalid',
    packed: null,
  };
}

/** What is wrong between shape, type and bytes; null when they agree or the type is not known. */
function sizeMisfit(scheme: Scheme, elementCount: number, byteLength: number): string | null {
  if (scheme.blockBytes === null) return null;
  const bits = elementCount * scheme.blockBytes * 8;
  if (bits / 8 === byteLength && Number.isSafeInteger(bits)) return null;
  const has = `has ${plural(elementCount, 'weight')} of type ${scheme.name}`;
  if (!Number.isSafeInteger(bits)) return `${has}: more than any file holds.`;
  if (bits % 8 !== 0) return `${has}: they do not fill whole bytes.`;
  return `${has} in ${plural(byteLength, 'byte')}; needed are ${formatCount(bits / 8)}.`;
}

/** Product of a shape; null beyond 2^53 − 1. A dimension of 0 makes it 0, whatever the others are. */
function product(shape: readonly number[]): number | null {
  if (shape.includes(0)) return 0;
  const count = shape.reduce((left, right) => left * right, 1);
  return Number.isSafeInteger(count) ? count : null;
}
