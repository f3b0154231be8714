// The engine's job that measures the errors of quantizing, as a child process.
import type { ErrorEngine, ErrorsNews } from '../app/quantize/errorEngine.ts';
import { cancelled, internal } from '../core/base/failure.ts';
import { type AnyNews, askChild, type EngineParts } from './engineProcess.ts';

export function createErrorEngine(parts: Pick<EngineParts, 'engineProgram' | 'engineFolders'>): ErrorEngine {
  const { engineFolders } = parts;
  return {
    async measureErrors(request, tell, signal) {
      if (signal.aborted) throw cancelled();
      const job = { ...request, engineFolders };
      const hear = tell as (news: ErrorsNews | AnyNews) => void; // such a job tells of nothing else
      const answer = await askChild(parts, { kind: 'errors', job }, hear, signal);
      if (answer.kind !== 'measured') throw internal('The engine answered what it was not asked.');
      return answer.result;
    },
  };
}
