// What the inspector page may ask, answered from the reader, the analyzer and the editor's own services.
import type { InspectorHost, PageCommand } from '../protocol/inspector.ts';
import type { ModelReader, TensorAnalyzer } from './ports.ts';

/** The editor around the page. */
export interface InspectorShell {
  loadState(): unknown;
  saveState(state: unknown): Promise<void>;
  copy(text: string): Promise<void>;
  run(command: PageCommand): Promise<void>;
  painted(figures: { readonly firstContent: number; readonly tableRows: number }): void;
}

export function createInspectorService(
  path: string,
  reader: ModelReader,
  analyzer: TensorAnalyzer,
  shell: InspectorShell,
): InspectorHost {
  const parts: string[] = []; // of a text too long for one message
  return {
    async open(_argument, signal) {
      const snapshot = await reader.open(path, signal);
      return snapshot.kind === 'model' ? { ...snapshot, savedState: shell.loadState() ?? null } : snapshot;
    },
    tensors: ({ first }, signal) => reader.tensors(path, first, signal),
    arrayPage: (query, signal) => reader.arrayPage(path, query, signal),
    metadataText: ({ key }, signal) => reader.metadataText(path, key, signal),
    tensorStats: ({ name }, signal) => analyzer.tensorStats(path, name, signal),
    tensorEstimate: ({ name }, signal) => analyzer.tensorEstimate(path, name, signal),
    block: ({ name, index }, signal) => analyzer.block(path, name, index, signal),
    async copy({ text, more }) {
      parts.push(text);
      if (!more) await shell.copy(parts.splice(0).join(''));
      return null;
    },
    async saveState({ state }) {
      await shell.saveState(state);
      return null;
    },
    async run({ command }) {
      await shell.run(command);
      return null;
    },
    async painted(figures) {
      shell.painted(figures);
      return null;
    },
  };
}
