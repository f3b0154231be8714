// The results of an analysis by row of the table, in the order in which they came.
import type { ChannelUse, StatsColumns } from '../../protocol/analysis.ts';
import { type NumberedRow, statsColumns, type TensorNumbers } from '../present/statsColumns.ts';

export interface ModelResults {
  /** Grows with every result. */
  readonly serial: number;
  /** Tensors whose exact numbers are there, and tensors that have none to give. */
  readonly exactCount: number;
  readonly unavailableCount: number;
  get(row: number): TensorNumbers | null;
  set(row: number, numbers: TensorNumbers): void;
  columns(since: number): StatsColumns;
  channelUse(): ChannelUse;
}

export function createModelResults(): ModelResults {
  let serial = 0;
  // A row that is set again moves to the end: iteration is in the order of serials.
  const rows = new Map<number, NumberedRow>();
  const counts = { none: 0, estimate: 0, exact: 0, unavailable: 0 };
  return {
    get serial() {
      return serial;
    },
    get exactCount() {
      return counts.exact;
    },
    get unavailableCount() {
      return counts.unavailable;
    },
    get: (row) => rows.get(row)?.numbers ?? null,
    set(row, numbers) {
      const before = rows.get(row);
      if (before !== undefined) counts[before.numbers.known] -= 1;
      counts[numbers.known] += 1;
      rows.delete(row);
      rows.set(row, { row, serial: ++serial, numbers });
    },
    columns: (since) =>
      statsColumns(
        [...rows.values()].filter((row) => row.serial > since),
        since,
      ),
    channelUse: () => channelUse([...rows.values()]),
  };
}

const MAX_CHANNELS = 200;
/** Rows named for one channel; 200 channels of them stay below 1 MiB. */
const MAX_ROWS = 1000;

/** Channels of equal number in tensors of equal width are taken for the same: those that read the residual stream share it. */
function channelUse(rows: readonly NumberedRow[]): ChannelUse {
  const exact = rows.filter(({ numbers }) => numbers.known === 'exact' && numbers.channels !== null);
  const found = new Map<string, { channel: number; width: number; rows: number[]; strongest: number }>();
  for (const { row, numbers } of exact.toSorted((a, b) => a.row - b.row)) {
    const { width = 0, channel: channels = [], ratio = [] } = numbers.channels ?? {};
    channels.forEach((channel, index) => {
      const key = `${width}/${channel}`;
      const entry = found.get(key) ?? { channel, width, rows: [], strongest: 0 };
      found.set(key, entry);
      entry.rows.push(row);
      entry.strongest = Math.max(entry.strongest, ratio[index] ?? 0);
    });
  }
  const channels = [...found.values()]
    .filter((entry) => entry.rows.length > 1)
    .sort((a, b) => b.rows.length - a.rows.length || b.strongest - a.strongest)
    .slice(0, MAX_CHANNELS)
    .map((entry) => ({ ...entry, rows: entry.rows.slice(0, MAX_ROWS) }));
  return { tensorCount: exact.length, channels };
}
