// The history of measurements: what is kept of each model, for how long, and how it is taken back. Bounded by model; the bytes
// lie behind a port.
import type { TokenDamage } from '../../protocol/engine.ts';
import type { Curve, MeasurementView, ModelMark } from '../../protocol/quality.ts';
import { curveBytes, damageBytes, readCurve, readDamage } from './damageFile.ts';
import { type KeptMeasurement, keptText, readKept } from './keptMeasurement.ts';

/** Where histories lie: a text for each model, and parts beside it. It never throws but for want of room or rights to write. */
export interface QualityFiles {
  /** Of one model, by its path; null: none. */
  read(path: string): Promise<string | null>;
  /** Of all models. */
  readAll(): Promise<readonly string[]>;
  /** Changes the text of a model, one change at a time, also among programs. */
  change(path: string, change: (text: string | null) => string): Promise<void>;
  readPart(path: string, name: string): Promise<Uint8Array | null>;
  writePart(path: string, name: string, bytes: Uint8Array): Promise<void>;
  removePart(path: string, name: string): Promise<void>;
  /** Names of the parts that are there. */
  parts(path: string): Promise<readonly string[]>;
  /** What ModelMark.stamp would be now; null: there is no such file. */
  stamp(path: string): Promise<string | null>;
}

export interface QualityHistory {
  /** Of a model, the latest first. */
  of(path: string): Promise<KeptMeasurement[]>;
  /** Of all models, the latest first. */
  all(): Promise<KeptMeasurement[]>;
  add(
    measurement: KeptMeasurement,
    parts: { readonly curve: Curve | null; readonly damage: TokenDamage | null },
  ): Promise<void>;
  /** Hides them; they are gone for good with the next change. */
  remove(path: string, ids: readonly string[]): Promise<void>;
  undoRemove(path: string): Promise<void>;
  /** How many undoRemove would bring back. */
  removed(path: string): number;
  curve(path: string, id: string): Promise<Curve | null>;
  damage(path: string, id: string): Promise<TokenDamage | null>;
  /** Which parts are there of each measurement. */
  partsOf(path: string): Promise<(id: string) => Pick<MeasurementView, 'hasCurve' | 'hasDamage'>>;
  fileState(model: ModelMark): Promise<MeasurementView['fileState']>;
  /** Hears of every change of a model. Answers what stops the telling. */
  onChange(tell: (path: string) => void): () => void;
}

export interface HistoryLimits {
  readonly measurements: number;
  /** The latest that keep what happened to each token: some hundred kilobytes each. */
  readonly damages: number;
}
const LIMITS: HistoryLimits = { measurements: 200, damages: 20 };

/** A million tokens: a text that nobody reads token by token. */
const MAX_DAMAGE_BYTES = 20e6;

const curveName = (id: string): string => `${id}.curve`;
const damageName = (id: string): string => `${id}.damage`;

export function createQualityHistory(files: QualityFiles, limits: HistoryLimits = LIMITS): QualityHistory {
  const listeners = new Set<(path: string) => void>();
  const lastRemoved = new Map<string, readonly string[]>();
  const read = remembered(readKept);

  const change = async (
    path: string,
    edit: (kept: readonly KeptMeasurement[]) => KeptMeasurement[],
  ): Promise<void> => {
    await files.change(path, (text) => keptText(edit(text === null ? [] : readKept(text))));
    for (const tell of listeners) tell(path);
  };
  /** Removes parts that no measurement has any more. */
  const sweep = async (path: string): Promise<void> => {
    const text = await files.read(path);
    const kept = text === null ? [] : readKept(text);
    const wanted = new Set([
      ...kept.map(({ id }) => curveName(id)),
      ...latestFirst(kept)
        .filter(({ figures }) => figures !== null)
        .slice(0, limits.damages)
        .map(({ id }) => damageName(id)),
    ]);
    for (const name of await files.parts(path)) if (!wanted.has(name)) await files.removePart(path, name);
  };
  return {
    async of(path) {
      const text = await files.read(path);
      return text === null ? [] : shown(read(path, text));
    },
    async all() {
      const texts = await files.readAll();
      return shown(texts.flatMap((text, at) => read(`all ${at}`, text)));
    },
    async add(measurement, { curve, damage }) {
      const { id, model } = measurement;
      lastRemoved.delete(model.path);
      // The parts come first: what the history names is there.
      if (curve !== null) await files.writePart(model.path, curveName(id), curveBytes(curve));
      const bytes = damage === null ? null : damageBytes(id, damage);
      if (bytes !== null && bytes.length <= MAX_DAMAGE_BYTES)
        await files.writePart(model.path, damageName(id), bytes);
      await change(model.path, (kept) =>
        latestFirst([...kept.filter(({ isRemoved }) => !isRemoved), measurement]).slice(
          0,
          limits.measurements,
        ),
      );
      await sweep(model.path);
    },
    async remove(path, ids) {
      const chosen = new Set(ids);
      lastRemoved.set(path, [...chosen]);
      await change(path, (kept) =>
        kept
          .filter(({ isRemoved }) => !isRemoved)
          .map((one) => (chosen.has(one.id) ? { ...one, isRemoved: true } : one)),
      );
      await sweep(path);
    },
    async undoRemove(path) {
      const chosen = new Set(lastRemoved.get(path));
      lastRemoved.delete(path);
      await change(path, (kept) =>
        kept.map((one) => (chosen.has(one.id) ? { ...one, isRemoved: false } : one)),
      );
    },
    removed: (path) => lastRemoved.get(path)?.length ?? 0,
    async curve(path, id) {
      const bytes = await files.readPart(path, curveName(id));
      return bytes === null ? null : readCurve(bytes, id);
    },
    async damage(path, id) {
      const bytes = await files.readPart(path, damageName(id));
      return bytes === null ? null : readDamage(bytes, id);
    },
    async partsOf(path) {
      const names = new Set(await files.parts(path));
      return (id) => ({ hasCurve: names.has(curveName(id)), hasDamage: names.has(damageName(id)) });
    },
    async fileState({ path, stamp }) {
      const now = await files.stamp(path);
      return now === null ? 'gone' : now === stamp ? 'same' : 'changed';
    },
    onChange(tell) {
      listeners.add(tell);
      return () => listeners.delete(tell);
    },
  };
}

const latestFirst = (kept: readonly KeptMeasurement[]): KeptMeasurement[] =>
  kept.toSorted((one, other) => other.date - one.date);

const shown = (kept: readonly KeptMeasurement[]): KeptMeasurement[] =>
  latestFirst(kept.filter(({ isRemoved }) => !isRemoved));

/** Parses a text only when it is another one than last time. */
function remembered<T>(parse: (text: string) => T): (key: string, text: string) => T {
  const known = new Map<string, { readonly text: string; readonly value: T }>();
  return (key, text) => {
    const entry = known.get(key);
    if (entry?.text === text) return entry.value;
    const value = parse(text);
    known.set(key, { text, value });
    return value;
  };
}
