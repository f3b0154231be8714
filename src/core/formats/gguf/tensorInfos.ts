// The tensor infos of a GGUF header: name, dimensions, type and offset of each, and whether they contradict themselves.
import type { ProblemList } from '../../base/problemList.ts';
import { formatCount, formatShape } from '../../base/units.ts';
import { ggmlScheme } from '../../quant/ggmlTypes.ts';
import type { Scheme } from '../../quant/scheme.ts';
import { HeaderDamage, type HeaderWindow } from './headerWindow.ts';
import { GGML_MAX_DIMS, GGML_MAX_NAME, MAX_HEADER_BYTES, MAX_READABLE_DIMS } from './limits.ts';
import { readNameLength } from './values.ts';

export interface TensorInfo {
  readonly name: string;
  readonly shape: readonly number[];
  readonly scheme: Scheme;
  /** Position of the data from the beginning of the data section, in bytes; null when it cannot be one. */
  readonly offset: number | null;
  /** Product of the shape; 0 where it is no number of weights. */
  readonly elementCount: number;
  /** null: the type is unknown, or the info contradicts itself. */
  readonly byteLength: number | null;
  /** False: shape, type or offset contradict themselves, the data must not be interpreted. */
  readonly valid: boolean;
  /** Where the info stands in the header. */
  readonly infoOffset: number;
}

/** @throws HeaderDamage where the next info cannot be found */
export function readTensorInfo(window: HeaderWindow, seen: Set<string>, problems: ProblemList): TensorInfo {
  const infoOffset = window.position;
  const name = readName(window, infoOffset, problems);
  const namesBefore = seen.size;
  if (seen.add(name).size === namesBefore)
    problems.add('error', 'tensor-name-duplicate', infoOffset, `Two tensors have the name "${name}".`, name);

  const dims = readDims(window, name, infoOffset, problems);
  const scheme = schemeOf(window.uint32());
  const offset = readOffset(window, name, problems);
  const elementCount = productOf(dims);
  const byteLength = bytesOf(name, dims, elementCount, scheme, infoOffset, problems);
  return {
    name,
    shape: dims.map(Number),
    scheme,
    offset,
    elementCount: elementCount ?? 0,
    byteLength,
    valid:
      offset !== null &&
      elementCount !== null &&
      dims.length <= GGML_MAX_DIMS &&
      (byteLength !== null || scheme.blockBytes === null),
    infoOffset,
  };
}

function readName(window: HeaderWindow, infoOffset: number, problems: ProblemList): string {
  const length = readNameLength(window, 'A tensor name', 'tensor-name-invalid');
  const name = window.text(length, () => {
    const text = `The tensor name at byte ${formatCount(infoOffset)} is not UTF-8.`;
    problems.add('warning', 'tensor-name-invalid', infoOffset, text);
  });
  if (length === 0)
    problems.add(
      'error',
      'tensor-name-invalid',
      infoOffset,
      `The tensor at byte ${formatCount(infoOffset)} has no name.`,
    );
  if (length >= GGML_MAX_NAME) {
    const text = `The tensor name "${name}" has ${formatCount(length)} bytes; llama.cpp loads names below ${GGML_MAX_NAME}.`;
    problems.add('warning', 'tensor-name-invalid', infoOffset, text, name);
  }
  return name;
}

function readDims(
  window: HeaderWindow,
  name: string,
  infoOffset: number,
  problems: ProblemList,
): (number | bigint)[] {
  const count = window.uint32();
  if (count > MAX_READABLE_DIMS) {
    const text = `"${name}" claims ${formatCount(count)} dimensions; ${GGML_MAX_DIMS} are allowed.`;
    throw new HeaderDamage('tensor-shape-invalid', infoOffset, text);
  }
  if (count > GGML_MAX_DIMS) {
    const text = `"${name}" has ${count} dimensions; ggml has at most ${GGML_MAX_DIMS}.`;
    problems.add('error', 'tensor-shape-invalid', infoOffset, text, name);
  }
  const dims: (number | bigint)[] = [];
  for (let index = 0; index < count; index += 1) dims.push(window.size());
  return dims;
}

/** Counted from the beginning of the file, behind the header, an offset must still be an exact number. */
const FARTHEST_OFFSET = Number.MAX_SAFE_INTEGER - 2 * MAX_HEADER_BYTES;

function readOffset(window: HeaderWindow, name: string, problems: ProblemList): number | null {
  const byteOffset = window.position;
  const offset = window.uint64();
  if (offset <= FARTHEST_OFFSET) return Number(offset);
  const text = `"${name}" would begin ${formatCount(offset)} bytes into the data; no file is that long.`;
  problems.add('error', 'tensor-offset-invalid', byteOffset, text, name);
  return null;
}

/** Tensors of one unknown type share one scheme, as those of a known type do; a hostile file may have many such types. */
const unknownSchemes = new Map<number, Scheme>();
const MAX_UNKNOWN_SCHEMES = 1000;

function schemeOf(id: number): Scheme {
  const scheme = unknownSchemes.get(id) ?? ggmlScheme(id);
  if (scheme.kind === 'unknown' && unknownSchemes.size < MAX_UNKNOWN_SCHEMES) unknownSchemes.set(id, scheme);
  return scheme;
}

/** Bytes of the data; null where the type does not tell, or the shape cannot be one. */
function bytesOf(
  name: string,
  dims: readonly (number | bigint)[],
  elementCount: number | null,
  { name: type, blockBytes, blockWeights }: Scheme,
  infoOffset: number,
  problems: ProblemList,
): number | null {
  if (elementCount === null) {
    const text = `"${name}" would have ${dims.map(formatCount).join(' × ')} weights, more than a number can count.`;
    problems.add('error', 'tensor-shape-invalid', infoOffset, text, name);
    return null;
  }
  if (blockBytes === null) return null;
  const rowLength = Number(dims[0] ?? 1);
  if (rowLength % blockWeights !== 0) {
    const text = `A row of "${name}" (${formatShape(dims.map(Number))}) has ${formatCount(rowLength)} weights, which do not fill blocks of ${blockWeights} (${type}).`;
    problems.add('error', 'gguf-row-not-blocks', infoOffset, text, name);
    return null;
  }
  const byteLength = (elementCount / blockWeights) * blockBytes;
  if (byteLength <= Number.MAX_SAFE_INTEGER) return byteLength;
  const text = `"${name}" (${formatShape(dims.map(Number))} of ${type}) would have more bytes than a file can.`;
  problems.add('error', 'tensor-shape-invalid', infoOffset, text, name);
  return null;
}

/** Product of the dimensions; null beyond 2^53. Each factor is exact, so is every product below that. */
function productOf(dims: readonly (number | bigint)[]): number | null {
  let product = 1;
  for (const dim of dims) {
    if (typeof dim === 'bigint') return dims.includes(0) ? 0 : null;
    product *= dim;
    if (product > Number.MAX_SAFE_INTEGER) return dims.includes(0) ? 0 : null;
  }
  return product;
}
