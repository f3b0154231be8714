// The state of the inspector page: what was loaded, and what the user made of it. The parts of the page read these signals
// and change them; nothing else is shared between them.
import { computed, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import type { InspectorHost, InspectorPushes } from '../../src/protocol/inspector.ts';
import type { ModelView, PointerView, UnreadableView } from '../../src/protocol/modelView.ts';
import type { HostLink } from '../shared/link.ts';
import type { AnalysisStatus } from '../../src/protocol/analysis.ts';
import { NO_ROWS, type Rows } from '../shared/tensors/rows.ts';
import type { Stats } from './stats.ts';

export type InspectorLink = HostLink<InspectorHost, InspectorPushes>;
export type Tab = 'layers' | 'depth' | 'metadata' | 'problems';
export type PanelTab = 'distribution' | 'blocks' | 'worst' | 'groups';
/** What the colors of the map stand for; all but the bits and the size need the analysis. */
export type MapMeasure = 'bits' | 'size' | 'outliers' | 'kurtosis' | 'scaleRange' | 'entropy';
/** Counts of a histogram as they are, or by their logarithm. */
export type CountScaleKind = 'linear' | 'log';
export type ColumnId =
  | 'name'
  | 'layer'
  | 'role'
  | 'type'
  | 'bits'
  | 'shape'
  | 'weights'
  | 'bytes'
  | 'share'
  | 'offset'
  | 'file'
  // of the analysis
  | 'beyond3'
  | 'kurtosis'
  | 'std'
  | 'absMax'
  | 'absMaxStd'
  | 'scaleRange'
  | 'entropy';
export interface Sort {
  readonly column: ColumnId;
  readonly descending: boolean;
}

/** Everything that survives a reload of the window, per file. Kept small and plain. */
export interface SavedState {
  readonly tab: Tab;
  /** Full name of the selected tensor; '' for none. */
  readonly selected: string;
  readonly filter: string;
  readonly sort: Sort | null;
  /** Labels of the groups that are open. */
  readonly openGroups: readonly string[];
  /** Names of the packed matrices whose stored tensors are shown. */
  readonly openParts: readonly string[];
  /** Columns hidden by the user, and widths set by the user in px. */
  readonly hidden: readonly ColumnId[];
  /** Columns that the user wants to see whatever the width. */
  readonly wanted: readonly ColumnId[];
  readonly widths: Readonly<Partial<Record<ColumnId, number>>>;
  readonly scrollTop: number;
  readonly metadataFilter: string;
  readonly isPanelOpen: boolean;
  readonly panelTab: PanelTab;
  readonly block: number;
  readonly mapMeasure: MapMeasure;
}

/** What a user prefers in all files. */
export interface Preferences {
  readonly countScale: CountScaleKind;
  readonly panelWidth: number;
}

export const DEFAULT_PREFERENCES: Preferences = { countScale: 'log', panelWidth: 600 };

export interface InspectorState {
  readonly link: InspectorLink;
  /** null while nothing has arrived. */
  readonly model: Signal<ModelView | null>;
  /** Set instead of `model` when there is no model in the file. */
  readonly instead: Signal<PointerView | UnreadableView | null>;
  /** A request failed as a whole: its sentence. */
  readonly failure: Signal<string | null>;
  readonly rows: Signal<Rows>;
  readonly fileState: Signal<'same' | 'changed' | 'gone'>;
  /** How far the analysis of the model is; null until the host has said so. */
  readonly analysis: Signal<AnalysisStatus | null>;
  /** Its results so far; null while there are none. */
  readonly stats: Signal<Stats | null>;

  readonly tab: Signal<Tab>;
  /** Row of the selected tensor, −1 for none. One selection for map, table and commands. */
  readonly selected: Signal<number>;
  readonly filter: Signal<string>;
  readonly sort: Signal<Sort | null>;
  /** Indexes of open groups. */
  readonly openGroups: Signal<ReadonlySet<number>>;
  /** Names of the packed matrices whose stored tensors are shown. */
  readonly openParts: Signal<ReadonlySet<string>>;
  readonly hidden: Signal<ReadonlySet<ColumnId>>;
  readonly wanted: Signal<ReadonlySet<ColumnId>>;
  readonly widths: Signal<Readonly<Partial<Record<ColumnId, number>>>>;
  readonly scrollTop: Signal<number>;
  readonly metadataFilter: Signal<string>;
  /** The panel of the selected tensor. */
  readonly isPanelOpen: Signal<boolean>;
  readonly panelTab: Signal<PanelTab>;
  /** Index of the block that is shown of the selected tensor. */
  readonly block: Signal<number>;
  /** Of the user, in all files. */
  readonly countScale: Signal<CountScaleKind>;
  /** Px of the panel beside map and table. Of the user, in all files. */
  readonly panelWidth: Signal<number>;
  readonly mapMeasure: Signal<MapMeasure>;
  /** What the filter lets through: one byte per row (1: shown); null: everything. Set by the table's filter. */
  readonly matches: Signal<Uint8Array | null>;
  /** The table scrolls to this row and opens its group when it changes; `serial` makes repeated asks differ. */
  readonly reveal: Signal<{ readonly row: number; readonly focus: boolean; readonly serial: number }>;
  readonly loaded: ReadonlySignal<boolean>;
}

/** Columns that the user may show. (The file of a tensor is a column only of models in several files.) */
export const HIDDEN_AT_FIRST: readonly ColumnId[] = ['layer', 'role'];

/** What the parts of the page are given that also act on the file. */
export interface PageProps {
  readonly state: InspectorState;
  /** Makes the host read the file again. */
  readonly reload: () => void;
}

export function createState(link: InspectorLink): InspectorState {
  const rows = signal<Rows>(NO_ROWS);
  return {
    link,
    model: signal(null),
    instead: signal(null),
    failure: signal(null),
    rows,
    fileState: signal('same'),
    analysis: signal(null),
    stats: signal(null),
    tab: signal('layers'),
    selected: signal(-1),
    filter: signal(''),
    sort: signal(null),
    openGroups: signal(new Set<number>()),
    openParts: signal(new Set<string>()),
    hidden: signal(new Set(HIDDEN_AT_FIRST)),
    wanted: signal(new Set<ColumnId>()),
    widths: signal({}),
    scrollTop: signal(0),
    metadataFilter: signal(''),
    isPanelOpen: signal(false),
    panelTab: signal('distribution'),
    block: signal(0),
    countScale: signal('log'),
    panelWidth: signal(DEFAULT_PREFERENCES.panelWidth),
    mapMeasure: signal('bits'),
    matches: signal(null),
    reveal: signal({ row: -1, focus: false, serial: 0 }),
    loaded: computed(() => rows.value.count === rows.value.total),
  };
}

/** Selects a tensor and brings it into view in the table. `focus`: move the keyboard there too. */
export function revealRow(state: InspectorState, row: number, focus: boolean): void {
  state.selected.value = row;
  state.reveal.value = { row, focus, serial: state.reveal.peek().serial + 1 };
}
