// Bytes of a block and its fields in words. A group of a packed matrix may have parts of a byte: a zero point of 4 bits, a share of a scale.
import { formatFixed, plural } from '../../../src/core/base/units.ts';

/** "64 bytes", "66.5 bytes", "4 bits". */
export function bytesText(bytes: number): string {
  if (Number.isInteger(bytes)) return plural(bytes, 'byte');
  return bytes < 1
    ? `${shortest(bytes * 8)} ${bytes * 8 === 1 ? 'bit' : 'bits'}`
    : `${shortest(bytes)} bytes`;
}

const shortest = (value: number): string => formatFixed(value, 3).replace(/\.?0+$/, '');
