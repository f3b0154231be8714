// Integers of a packed matrix that say where others are: group indexes, permutations, descriptions of groups.
import { undecodable } from '../../base/failure.ts';
import { checkBytes, type Part } from './parts.ts';

/**
 * The first `count` integers of a part.
 * @throws Failure when they are not whole numbers of 8 to 64 bits, or beyond 32
 */
export function allIntegers(part: Part, count: number, what: string): Int32Array {
  const size = part.scheme.blockBytes ?? 0;
  if (part.scheme.kind !== 'integer') throw undecodable(`its ${what} are no integers`);
  checkBytes(part, count * size, what);
  const bytes = part.read(0, count * size);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isSigned = part.scheme.name.startsWith('I');
  return Int32Array.from({ length: count }, (_item, index) => {
    const value = integerAt(view, index * size, size, isSigned);
    if (value !== (value | 0)) throw undecodable(`${value} is among its ${what}`);
    return value;
  });
}

function integerAt(view: DataView, at: number, size: number, isSigned: boolean): number {
  switch (size) {
    case 1:
      return isSigned ? view.getInt8(at) : view.getUint8(at);
    case 2:
      return isSigned ? view.getInt16(at, true) : view.getUint16(at, true);
    case 4:
      return isSigned ? view.getInt32(at, true) : view.getUint32(at, true);
    default:
      return Number(isSigned ? view.getBigInt64(at, true) : view.getBigUint64(at, true));
  }
}

/**
 * The other way round: where each number of a permutation stands.
 * @throws Failure when it is none
 */
export function inverse(permutation: Int32Array): Int32Array {
  const places = new Int32Array(permutation.length).fill(-1);
  for (const [index, place] of permutation.entries()) {
    if (!(place >= 0 && place < places.length) || places[place] !== -1)
      throw undecodable(`its input channels are in no order: ${place} is no place or taken twice`);
    places[place] = index;
  }
  return places;
}
