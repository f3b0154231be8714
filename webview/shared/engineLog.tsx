// What llama.cpp said last before it failed, folded under the sentence that tells of it.
import './engineLog.css';
import { plural } from '../../src/core/base/units.ts';

/** @param log its lines; nothing is shown of none */
export function EngineLog({ log }: { readonly log: readonly string[] }) {
  if (log.length === 0) return null;
  return (
    <details class="engine-log">
      <summary>What the engine said last ({plural(log.length, 'line')})</summary>
      <pre class="mono" tabIndex={0} aria-label="Log of the engine">
        {log.join('\n')}
      </pre>
    </details>
  );
}
