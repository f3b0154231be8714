// What stands behind a Quality page, as in the editor but for VS Code: real readers, the real engine, a history in a folder.
import { createHash, randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { createHeaderReader } from '../../src/app/headerReader.ts';
import { DEFAULT_DEVICE, type DeviceSettings, type Engine } from '../../src/app/quality/engine.ts';
import { createQualityHistory } from '../../src/app/quality/qualityHistory.ts';
import { createQualityJobs, type JobPorts } from '../../src/app/quality/qualityJobs.ts';
import { createPlans } from '../../src/app/quality/qualityPlan.ts';
import type { QualityShell, QualitySources } from '../../src/app/quality/qualityService.ts';
import { diskAccess } from '../../src/node/fileSource.ts';
import { createQualityFiles } from '../../src/node/qualityFiles.ts';
import { createTexts } from '../../src/node/qualityTexts.ts';

const TEXTS = fileURLToPath(new URL('../../media/texts', import.meta.url));

export interface QualityHosting {
  /** Of the history. */
  readonly folder: string;
  readonly engine: Engine;
  /** On the CPU, with one thread: what another test does beside it matters less. */
  readonly device?: DeviceSettings;
  /** As the setting has it; samples were trained on 256. */
  readonly contextTokens?: number;
  readonly now?: () => number;
}

export function createQualitySources({
  folder,
  engine,
  device = { ...DEFAULT_DEVICE, choice: 'off', threads: 1 },
  contextTokens = 512,
  now = Date.now,
}: QualityHosting): QualitySources {
  const reader = createHeaderReader(diskAccess);
  const history = createQualityHistory(createQualityFiles(folder));
  const ports: JobPorts = {
    ...{ reader, engine, history, now },
    sha256: (text) => createHash('sha256').update(text).digest('hex'),
    newId: randomUUID,
    newAbort: () => new AbortController(),
    later(milliseconds, call) {
      const timer = setTimeout(call, milliseconds);
      return () => clearTimeout(timer);
    },
  };
  const memory = new Map<string, unknown>();
  const plans = createPlans({
    ...{ reader, history, texts: createTexts(TEXTS) },
    settings: () => ({ contextTokens, device }),
    memory: { get: (key) => memory.get(key), set: (key, value) => void memory.set(key, value) },
  });
  const jobs = createQualityJobs(ports);
  return { reader, jobs, history, plans, devices: (signal) => engine.devices(signal) };
}

/** A shell that remembers what it was asked for. */
export interface RecordingShell extends QualityShell {
  readonly copied: string[];
  readonly files: Map<string, Uint8Array>;
  readonly picked: string[];
  readonly opened: { readonly path: string; readonly page: string }[];
  isTrustedNow: boolean;
  savedState: unknown;
  preferences: unknown;
}

export function recordingShell(): RecordingShell {
  const shell: RecordingShell = {
    ...{ copied: [], files: new Map(), picked: [], opened: [] },
    ...{ isTrustedNow: true, savedState: null, preferences: null },
    isTrusted: () => shell.isTrustedNow,
    pick: async (what) => void shell.picked.push(what),
    openModel: async (path, page) => void shell.opened.push({ path, page }),
    manageTrust: async () => void shell.picked.push('trust'),
    showLog: () => void shell.picked.push('log'),
    copy: async (text) => void shell.copied.push(text),
    saveFile: async (name, bytes) => void shell.files.set(name, bytes),
    loadState: () => shell.savedState,
    saveState: async (state) => void (shell.savedState = state),
    loadPreferences: () => shell.preferences,
    savePreferences: async (preferences) => void (shell.preferences = preferences),
  };
  return shell;
}
