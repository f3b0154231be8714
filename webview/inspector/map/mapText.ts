// A cell of the map in words, for screen readers.
import { formatBits, formatBytes, formatPercent, plural } from '../../../src/core/base/units.ts';
import type { ModelView } from '../../../src/protocol/modelView.ts';
import type { MapCell } from './mapCells.ts';

/** "attn_v, layer 3: Q6_K, 6.56 bits per weight, 3.44 MB, 0.07 % of the file". */
export function describeCell(model: ModelView, cell: MapCell, wholeBytes: number): string {
  const type = model.types[cell.type]?.name ?? '';
  const facts = [cell.rows.length > 1 ? `${plural(cell.rows.length, 'tensor')}, mostly ${type}` : type];
  facts.push(
    Number.isNaN(cell.bits) ? 'bits per weight not known' : `${formatBits(cell.bits)} bits per weight`,
  );
  if (!Number.isNaN(cell.bytes))
    facts.push(formatBytes(cell.bytes), `${formatPercent(cell.bytes / wholeBytes)} % of the file`);
  if (cell.absent) facts.push('not all of it in the file');
  return `${cell.title}: ${facts.join(', ')}`;
}
