// What the Quality page of a model may ask, answered from the history, the jobs, the plan and the editor's own services.
import { type Failure, gone, wrongUsage } from '../../core/base/failure.ts';
import { encodeUtf8 } from '../../core/base/utf8.ts';
import type { TokenDamage } from '../../protocol/engine.ts';
import type { AbortSignal } from '../../protocol/rpc.ts';
import type {
  DeviceList,
  ModelMark,
  PlanPart,
  QualityHost,
  QualityPushes,
  QualityView,
} from '../../protocol/quality.ts';
import type { ModelReader } from '../ports.ts';
import { copyInParts, NEVER_ABORTED, nothing } from '../pageAnswers.ts';
import type { KeptMeasurement } from './keptMeasurement.ts';
import { damagePage, detailOf, type Pieces, piecesOf } from './present/damagePieces.ts';
import { exportText, EXPORT_ENDINGS } from './present/qualityExport.ts';
import { historyView } from './present/qualityView.ts';
import type { QualityHistory } from './qualityHistory.ts';
import type { QualityJobs } from './qualityJobs.ts';
import type { Plans } from './qualityPlan.ts';

export interface QualitySources {
  readonly reader: Pick<ModelReader, 'measurable'>;
  readonly jobs: QualityJobs;
  readonly history: QualityHistory;
  readonly plans: Plans;
  readonly devices: (signal: AbortSignal) => Promise<DeviceList>;
}

/** The editor around the page. */
export interface QualityShell {
  isTrusted(): boolean;
  /** Lets the user choose, and changes the plan. */
  pick(what: PlanPart): Promise<void>;
  openModel(path: string, page: 'layers' | 'quality'): Promise<void>;
  manageTrust(): Promise<void>;
  showLog(): void;
  copy(text: string): Promise<void>;
  /** Asks where to, writes, and tells how it went. */
  saveFile(name: string, bytes: Uint8Array): Promise<void>;
  loadState(): unknown;
  saveState(state: unknown): Promise<void>;
  loadPreferences(): unknown;
  savePreferences(preferences: unknown): Promise<void>;
}

/** @param path of any file of the model */
export function createQualityService(
  path: string,
  { reader, jobs, history, plans, devices }: QualitySources,
  shell: QualityShell,
): QualityHost {
  const text = createDamageMemo(history);
  let lastMark: ModelMark | null = null;

  const markOf = async (signal: AbortSignal): Promise<{ mark: ModelMark; unfit: string | null }> => {
    try {
      const { mark, unfit } = await reader.measurable(path, signal);
      lastMark = mark;
      return { mark, unfit };
    } catch (error) {
      const failure = error as Failure;
      if (failure.code === 'cancelled') throw error;
      return { mark: lastMark ?? unknownMark(path), unfit: failure.message }; // its history can be read all the same
    }
  };
  /** Histories go by the first file of a model. */
  const ownPath = async (signal: AbortSignal): Promise<string> => (await markOf(signal)).mark.path;
  const measurement = async (id: string, signal: AbortSignal): Promise<KeptMeasurement> => {
    const own = await history.of(await ownPath(signal));
    const found = own.find((one) => one.id === id) ?? (await history.all()).find((one) => one.id === id);
    if (found === undefined) throw gone('This measurement');
    return found;
  };
  return {
    async open(_argument, signal): Promise<QualityView> {
      const { mark, unfit } = await markOf(signal);
      const plan = await plans.view(path, signal);
      const view = await historyView(mark.path, history);
      return {
        ...{ model: mark, unfit, isTrusted: shell.isTrusted(), plan },
        ...view,
        removed: history.removed(mark.path),
        savedState: shell.loadState() ?? null,
        preferences: shell.loadPreferences() ?? null,
        run: jobs.run(mark.path),
      };
    },
    async curve({ id }, signal) {
      const running = jobs.curve(id);
      if (running !== null) return running;
      const { model } = await measurement(id, signal);
      const curve = await history.curve(model.path, id);
      if (curve === null) throw gone('The curve of this measurement');
      return curve;
    },
    async detail({ id }, signal) {
      const { model, spreads } = await measurement(id, signal);
      if (spreads === null) throw wrongUsage('This measurement has no base model to compare with.');
      const kept = await text(model.path, id);
      return detailOf(id, spreads, kept?.damage ?? null, kept?.pieces ?? null);
    },
    async damage({ id, first, count }, signal) {
      const { model, contextTokens } = await measurement(id, signal);
      const kept = await text(model.path, id);
      if (kept === null) throw gone('The text of this measurement');
      return damagePage(kept.damage, kept.pieces, contextTokens, { first, count });
    },
    async measure(_argument, signal) {
      if (!shell.isTrusted()) throw notTrusted();
      const order = await plans.order(path, signal);
      if (!signal.aborted) jobs.start(order);
      return null;
    },
    cancel: async (_argument, signal) => nothing(jobs.cancel(await ownPath(signal))),
    dismiss: async (_argument, signal) => nothing(jobs.dismiss(await ownPath(signal))),
    async setChunks({ chunkLimit }) {
      const isCount = chunkLimit === null || (Number.isSafeInteger(chunkLimit) && chunkLimit > 0);
      if (!isCount) throw wrongUsage('The number of chunks is a whole number above zero.');
      plans.change(path, { chunkLimit });
      return null;
    },
    pick: ({ what }) => nothing(shell.pick(what)),
    async devices(_argument, signal) {
      if (!shell.isTrusted()) throw notTrusted();
      return devices(signal);
    },
    remove: async ({ ids }, signal) => nothing(history.remove(await ownPath(signal), ids)),
    undoRemove: async (_argument, signal) => nothing(history.undoRemove(await ownPath(signal))),
    async export({ ids, format, to }, signal) {
      const chosen = await Promise.all(ids.map((id) => measurement(id, signal)));
      const written = exportText(chosen, format);
      if (to === 'clipboard') await shell.copy(written);
      else {
        const { mark } = await markOf(signal);
        const stem = mark.fileName.replace(/\.gguf$/i, '');
        await shell.saveFile(`${stem}.quality.${EXPORT_ENDINGS[format]}`, encodeUtf8(written));
      }
      return null;
    },
    async openModel({ id, which, page }, signal) {
      const { model, base } = await measurement(id, signal);
      const chosen = which === 'model' ? model : base;
      if (chosen === null) throw gone('The base model');
      await shell.openModel(chosen.path, page);
      return null;
    },
    showLayers: () => nothing(shell.openModel(path, 'layers')),
    manageTrust: () => nothing(shell.manageTrust()),
    showLog: () => nothing(shell.showLog()),
    copy: copyInParts(shell.copy),
    saveFile: ({ name, bytes }) => nothing(shell.saveFile(name, bytes)),
    saveState: ({ state }) => nothing(shell.saveState(state)),
    savePreferences: ({ preferences }) => nothing(shell.savePreferences(preferences)),
  };
}

/** Tells the page what happens, until the answer is called. */
export function connectQualityPage(
  path: string,
  { reader, jobs, history, plans }: QualitySources,
  push: <K extends keyof QualityPushes & string>(name: K, value: QualityPushes[K]) => void,
): () => void {
  let isConnected = true;
  let own = path;
  reader
    .measurable(path, NEVER_ABORTED)
    .then(({ mark }) => (own = mark.path))
    .catch(() => undefined); // there is nothing to measure, so nothing to tell
  const pushPlan = (): void => {
    plans
      .view(path, NEVER_ABORTED)
      .then((plan) => isConnected && push('plan', plan))
      .catch(() => push('changed', null)); // the ask that follows says why
  };
  const stops = [
    jobs.onRun((model, run) => model === own && push('run', run)),
    jobs.onCurve((model, curve) => model === own && push('curve', curve)),
    jobs.onEnd((model) => model === own && push('changed', null)),
    // Of another model it may be in a series of this one.
    history.onChange(() => push('changed', null)),
    plans.onChange((model) => (model === null || model === path) && pushPlan()),
  ];
  return () => {
    isConnected = false;
    for (const stop of stops) stop();
  };
}

const notTrusted = (): Failure =>
  wrongUsage('This workspace is not trusted, so no model is run in it. Trust it to measure.');

const unknownMark = (path: string): ModelMark => {
  const fileName = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
  return {
    ...{ path, fileName, label: fileName, shortLabel: fileName },
    ...{ bitsPerWeight: null, fileBytes: 0, stamp: '' },
  };
};

interface KeptText {
  readonly damage: TokenDamage;
  readonly pieces: Pieces;
}

/** Reads the text of one measurement once: a page asks for it piece by piece. */
function createDamageMemo(history: QualityHistory): (path: string, id: string) => Promise<KeptText | null> {
  let last: { readonly id: string; readonly kept: Promise<KeptText | null> } | null = null;
  return (path, id) => {
    if (last?.id !== id) {
      const kept = history
        .damage(path, id)
        .then((damage) => (damage === null ? null : { damage, pieces: piecesOf(damage) }));
      last = { id, kept };
    }
    return last.kept;
  };
}
