// The state of the page of an importance matrix: what was loaded, and what the user made of it.
import { computed, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import type { ImatrixHost, ImatrixPushes, ImatrixView } from '../../src/protocol/imatrixView.ts';
import type { UnreadableView } from '../../src/protocol/modelView.ts';
import type { HostLink } from '../shared/link.ts';
import { NO_ROWS, type AllRows } from './rows.ts';
import { shownRows, type ColumnId, type Sort } from './table/columns.ts';

export type ImatrixLink = HostLink<ImatrixHost, ImatrixPushes>;

export const TABS = ['tensors', 'depth'] as const;
export type Tab = (typeof TABS)[number];

export interface ImatrixState {
  readonly link: ImatrixLink;
  /** null while nothing has arrived. */
  readonly view: Signal<ImatrixView | null>;
  readonly unreadable: Signal<UnreadableView | null>;
  /** A request failed as a whole: its sentence. */
  readonly failure: Signal<string | null>;
  /** The file is another than what is shown. */
  readonly fileChange: Signal<'changed' | 'gone' | null>;
  /** As far as they have arrived. */
  readonly rows: Signal<AllRows>;

  readonly tab: Signal<Tab>;
  readonly filter: Signal<string>;
  readonly sort: Signal<Sort | null>;
  /** The row whose channels are shown, −1 for none. */
  readonly selected: Signal<number>;
  /** null: all experts together. */
  readonly expert: Signal<number | null>;
  /** What the charts over depth show. */
  readonly measure: Signal<ColumnId>;
  /** Charts as tables. */
  readonly asTable: Signal<boolean>;
  readonly scrollTop: Signal<number>;

  /** Rows of the table, in its order. */
  readonly shown: ReadonlySignal<Uint32Array>;
}

export function createState(link: ImatrixLink): ImatrixState {
  const rows = signal<AllRows>(NO_ROWS);
  const filter = signal('');
  const sort = signal<Sort | null>(null);
  return {
    ...{ link, rows, filter, sort },
    view: signal(null),
    unreadable: signal(null),
    failure: signal(null),
    fileChange: signal(null),
    tab: signal('tensors'),
    selected: signal(-1),
    expert: signal(null),
    measure: signal('entropyShare'),
    asTable: signal(false),
    scrollTop: signal(0),
    shown: computed(() => shownRows(rows.value, filter.value, sort.value)),
  };
}

/** Shows the channels of a row. */
export function select(state: ImatrixState, row: number): void {
  if (state.selected.peek() !== row) state.expert.value = null;
  state.selected.value = row;
}
