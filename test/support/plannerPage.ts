// The planner page in a headless browser, over the real service.
import type { Browser } from 'playwright-core';
import { createHeaderReader } from '../../src/app/headerReader.ts';
import {
  createPlannerService,
  type PlannerSettings,
  type PlannerShell,
  type PlannerSources,
} from '../../src/app/plan/plannerService.ts';
import { DEFAULT_DEVICE } from '../../src/app/quality/engine.ts';
import { createEngine, type EngineParts } from '../../src/node/engineProcess.ts';
import { diskAccess } from '../../src/node/fileSource.ts';
import { createMemoryEngine } from '../../src/node/memoryProcess.ts';
import type { PlannerHost, PlannerPushes } from '../../src/protocol/planner.ts';
import { NO_ENGINE } from './engine.ts';
import { type ServedPage, servePage } from './servedPage.ts';
import type { PageOptions } from './webviewPage.ts';

export interface OpenPlanner extends ServedPage<PlannerPushes> {
  readonly shell: RecordingPlannerShell;
}

export interface PlannerOptions extends PageOptions {
  readonly engine?: EngineParts;
  readonly ramBytes?: number;
  readonly shell?: RecordingPlannerShell;
  readonly settings?: Partial<PlannerSettings>;
  /** Stands in front of the service: for GPUs that this machine does not have. */
  readonly change?: (host: PlannerHost) => PlannerHost;
}

const RAM = 64 * 2 ** 30;

export async function openPlanner(
  browser: Browser,
  path: string,
  {
    engine = NO_ENGINE,
    ramBytes = RAM,
    shell = recordingPlannerShell(),
    settings = {},
    change = (host) => host,
    ...options
  }: PlannerOptions = {},
): Promise<OpenPlanner> {
  const sources: PlannerSources = {
    reader: createHeaderReader(diskAccess),
    engine: {
      ...createMemoryEngine(engine),
      devices: (signal) => createEngine(engine).devices(signal),
    },
    // Without weights that are rearranged for the processor of whoever runs the test.
    settings: () => ({
      ...{ ownDevices: [], defaultDevice: shell.defaultDevice },
      compute: { ...DEFAULT_DEVICE, choice: 'off', extraBuffers: false },
      ...settings,
    }),
    ramBytes,
  };
  const service = change(createPlannerService(path, sources, shell));
  const served = await servePage<PlannerHost, PlannerPushes>(browser, 'planner', service, {
    ...options,
    connect(push) {
      shell.onChange = () => push('changed', null);
      return () => (shell.onChange = () => undefined);
    },
  });
  return { ...served, shell };
}

/** A shell that remembers what it was asked for. */
export interface RecordingPlannerShell extends PlannerShell {
  readonly copied: string[];
  readonly opened: string[];
  defaultDevice: string;
  isTrustedNow: boolean;
  savedState: unknown;
  onChange: () => void;
}

export function recordingPlannerShell(): RecordingPlannerShell {
  const shell: RecordingPlannerShell = {
    ...{ copied: [], opened: [], defaultDevice: '', isTrustedNow: true, savedState: null },
    onChange: () => undefined,
    isTrusted: () => shell.isTrustedNow,
    async makeDefault(name) {
      shell.defaultDevice = name ?? '';
      shell.onChange();
    },
    editDevices: async () => void shell.opened.push('settings'),
    showLayers: async () => void shell.opened.push('layers'),
    manageTrust: async () => void shell.opened.push('trust'),
    copy: async (text) => void shell.copied.push(text),
    loadState: () => shell.savedState,
    saveState: async (state) => void (shell.savedState = state),
  };
  return shell;
}
