// The engine's jobs that write files, each as a child process.
import type { ImatrixNews, QuantizeEngine, QuantizeNews } from '../app/quantize/quantizeEngine.ts';
import { cancelled, internal } from '../core/base/failure.ts';
import { type AnyNews, askChild, type EngineParts } from './engineProcess.ts';

export function createQuantizeEngine(
  parts: Pick<EngineParts, 'engineProgram' | 'engineFolders'>,
): QuantizeEngine {
  const { engineFolders } = parts;
  return {
    async quantize(request, tell, signal) {
      if (signal.aborted) throw cancelled();
      const job = { ...request, engineFolders };
      const hear = tell as (news: QuantizeNews | AnyNews) => void; // such a job tells of nothing else
      const answer = await askChild(parts, { kind: 'quantize', job }, hear, signal);
      if (answer.kind !== 'quantized') throw internal('The engine answered what it was not asked.');
      return answer.result;
    },
    async imatrix(request, tell, signal) {
      if (signal.aborted) throw cancelled();
      const job = { ...request, engineFolders };
      const hear = tell as (news: ImatrixNews | AnyNews) => void; // such a job tells of nothing else
      const answer = await askChild(parts, { kind: 'imatrix', job }, hear, signal);
      if (answer.kind !== 'collected') throw internal('The engine answered what it was not asked.');
      return answer.result;
    },
  };
}
