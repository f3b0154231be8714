// What the inspector page may ask, answered from the reader, the analyzer and the editor's own services.
import type { InspectorHost, PageCommand } from '../protocol/inspector.ts';
import type { Device } from '../core/plan/devices.ts';
import { copyInParts, NEVER_ABORTED, nothing } from './pageAnswers.ts';
import type { ModelAnalyzer, ModelReader, TensorAnalyzer } from './ports.ts';

/** What computes the answers. */
export interface InspectorSources {
  readonly reader: ModelReader;
  readonly analyzer: TensorAnalyzer;
  readonly modelAnalyzer: ModelAnalyzer;
}

/** The editor around the page. */
export interface InspectorShell {
  loadState(): unknown;
  saveState(state: unknown): Promise<void>;
  /** What the user prefers in all files. */
  loadPreferences(): unknown;
  savePreferences(preferences: unknown): Promise<void>;
  /** Asks where to, writes, and tells how it went. */
  saveFile(name: string, bytes: Uint8Array): Promise<void>;
  copy(text: string): Promise<void>;
  run(command: PageCommand): Promise<void>;
  /** The device that the header speaks of; null: none in particular. */
  planDevice(): Device | null;
  painted(figures: { readonly firstContent: number; readonly tableRows: number }): void;
}

export function createInspectorService(
  path: string,
  { reader, analyzer, modelAnalyzer }: InspectorSources,
  shell: InspectorShell,
): InspectorHost {
  return {
    async open(_argument, signal) {
      const snapshot = await reader.open(path, signal);
      if (snapshot.kind !== 'model') return snapshot;
      const memory = await reader.memoryVerdict(path, shell.planDevice(), signal).catch(() => null); // a line less
      return {
        ...snapshot,
        memory,
        savedState: shell.loadState() ?? null,
        preferences: shell.loadPreferences() ?? null,
      };
    },
    tensors: ({ first }, signal) => reader.tensors(path, first, signal),
    parts: ({ name }, signal) => reader.parts(path, name, signal),
    arrayPage: (query, signal) => reader.arrayPage(path, query, signal),
    metadataText: ({ key }, signal) => reader.metadataText(path, key, signal),
    tensorStats: ({ name }, signal) => analyzer.tensorStats(path, name, signal),
    tensorEstimate: ({ name }, signal) => analyzer.tensorEstimate(path, name, signal),
    tensorGroups: ({ name }, signal) => analyzer.tensorGroups(path, name, signal),
    block: ({ name, index }, signal) => analyzer.block(path, name, index, signal),
    analysis: (_argument, signal) => modelAnalyzer.analysis(path, signal),
    async analyze() {
      // How it goes on and how it ends is told by its statuses. It outlives this ask, so it does not hear of its end.
      modelAnalyzer.analyze(path, NEVER_ABORTED).catch(() => undefined);
      return null;
    },
    cancelAnalysis: () => nothing(modelAnalyzer.cancel(path)),
    statsColumns: ({ since }, signal) => modelAnalyzer.statsColumns(path, since, signal),
    channelUse: (_argument, signal) => modelAnalyzer.channelUse(path, signal),
    copy: copyInParts(shell.copy),
    saveState: ({ state }) => nothing(shell.saveState(state)),
    savePreferences: ({ preferences }) => nothing(shell.savePreferences(preferences)),
    saveFile: ({ name, bytes }) => nothing(shell.saveFile(name, bytes)),
    run: ({ command }) => nothing(shell.run(command)),
    async painted(figures) {
      shell.painted(figures);
      return null;
    },
  };
}
