// The state of the Quality page: what was loaded, and what the user made of it. The parts of the page read these signals and
// change them; nothing else is shared between them.
import { computed, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import type {
  Curve,
  MeasurementDetail,
  MeasurementView,
  QualityHost,
  QualityPushes,
  QualityView,
  RunView,
} from '../../src/protocol/quality.ts';
import type { HostLink } from '../shared/link.ts';
import type { DamageText } from './damage/damageText.ts';

export type QualityLink = HostLink<QualityHost, QualityPushes>;

/** What the colors of the text stand for. */
export type DamageMeasure = 'kl' | 'lost';

export type HistoryColumn =
  'date' | 'model' | 'bits' | 'bytes' | 'perplexity' | 'delta' | 'kl' | 'sameTop' | 'device';

export interface HistorySort {
  readonly column: HistoryColumn;
  readonly descending: boolean;
}

export interface QualityState {
  readonly link: QualityLink;
  /** null while nothing has arrived. */
  readonly view: Signal<QualityView | null>;
  /** A request failed as a whole: its sentence. */
  readonly failure: Signal<string | null>;
  readonly run: Signal<RunView | null>;
  /** What has arrived of measurements, by their id. */
  readonly curves: Signal<ReadonlyMap<string, Curve>>;
  readonly details: Signal<ReadonlyMap<string, MeasurementDetail>>;
  /** The text of the measurement that is shown, as far as it has arrived. */
  readonly damage: Signal<DamageText | null>;

  /** Id of the measurement that the user chose; '': the one that runs, else the latest. */
  readonly chosen: Signal<string>;
  /** Measurements ticked in the table. */
  readonly ticked: Signal<ReadonlySet<string>>;
  readonly sort: Signal<HistorySort>;
  readonly measure: Signal<DamageMeasure>;
  /** Piece of the text that was chosen, −1 for none. */
  readonly piece: Signal<number>;
  /** Charts as tables. */
  readonly asTable: Signal<boolean>;
  readonly scrollTop: Signal<number>;

  /** What is shown: a run that goes on, or a measurement; null where there is neither. */
  readonly shown: ReadonlySignal<Shown | null>;
}

export type Shown =
  | { readonly kind: 'run'; readonly run: RunView & { readonly state: 'running' } }
  | { readonly kind: 'measurement'; readonly measurement: MeasurementView };

export const FIRST_SORT: HistorySort = { column: 'date', descending: true };

export function createState(link: QualityLink): QualityState {
  const view = signal<QualityView | null>(null);
  const run = signal<RunView | null>(null);
  const chosen = signal('');
  return {
    link,
    view,
    run,
    chosen,
    failure: signal(null),
    curves: signal(new Map()),
    details: signal(new Map()),
    damage: signal(null),
    ticked: signal(new Set()),
    sort: signal(FIRST_SORT),
    measure: signal('kl'),
    piece: signal(-1),
    asTable: signal(false),
    scrollTop: signal(0),
    shown: computed(() => shownOf(view.value, run.value, chosen.value)),
  };
}

function shownOf(view: QualityView | null, run: RunView | null, chosen: string): Shown | null {
  if (view === null) return null;
  const found = [...view.measurements, ...view.others].find(({ id }) => id === chosen);
  if (found !== undefined) return { kind: 'measurement', measurement: found };
  if (run?.state === 'running') return { kind: 'run', run };
  const [latest] = view.measurements;
  return latest === undefined ? null : { kind: 'measurement', measurement: latest };
}
