// The engine's job that asks llama.cpp how much memory a run would take, as a child process.
import type { MemoryEngine } from '../app/plan/memoryEngine.ts';
import { cancelled, internal } from '../core/base/failure.ts';
import { askChild, type EngineParts } from './engineProcess.ts';

export function createMemoryEngine(
  parts: Pick<EngineParts, 'engineProgram' | 'engineFolders'>,
): MemoryEngine {
  const { engineFolders } = parts;
  return {
    async memory(request, signal) {
      if (signal.aborted) throw cancelled();
      const job = { ...request, engineFolders };
      const answer = await askChild(parts, { kind: 'memory', job }, () => undefined, signal);
      if (answer.kind !== 'memory') throw internal('The engine answered what it was not asked.');
      return answer.result;
    },
  };
}
