// A cell of the map in words, for screen readers.
import { formatBytes, formatPercent, plural } from '../../../src/core/base/units.ts';
import type { ModelView } from '../../../src/protocol/modelView.ts';
import type { MapMeasure } from '../state.ts';
import type { MapCell } from '../../shared/map/mapCells.ts';
import type { Readings } from '../../shared/map/mapPicture.ts';
import { readingInWords } from './mapReadings.ts';

/**
 * "attn_v, layer 3: Q6_K, 6.56 bits per weight, 3.44 MB, 0.07 % of the file"; with another measure than the bits that first:
 * "attn_v, layer 3: 0.52 % of the weights beyond 3σ, Q6_K, 6.56 bits per weight, …".
 */
export function describeCell(
  model: ModelView,
  cell: MapCell,
  wholeBytes: number,
  { measure, readings }: { readonly measure: MapMeasure; readonly readings: Readings },
): string {
  const type = model.types[cell.type]?.name ?? '';
  const count = cell.rows.length;
  const facts = needsWords(measure) ? [readingInWords(measure, readings(cell), count)] : [];
  facts.push(count > 1 ? `${plural(count, 'tensor')}, mostly ${type}` : type);
  facts.push(
    Number.isNaN(cell.bits)
      ? 'bits per weight not known'
      : readingInWords('bits', { value: cell.bits, known: 'exact' }, count),
  );
  if (!Number.isNaN(cell.bytes))
    facts.push(formatBytes(cell.bytes), `${formatPercent(cell.bytes / wholeBytes)} % of the file`);
  if (cell.invalid) facts.push('invalid');
  else if (cell.absent) facts.push('not all of it in the file');
  return `${cell.title}: ${facts.join(', ')}`;
}

/** Bits and size are said of every cell. */
const needsWords = (measure: MapMeasure): boolean => measure !== 'bits' && measure !== 'size';
