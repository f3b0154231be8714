// Why the last measurement failed: one sentence, and below it, folded, what llama.cpp said last.
import { Button, IconButton } from '../../shared/controls.tsx';
import { EngineLog } from '../../shared/engineLog.tsx';
import { Icon } from '../../shared/icon.tsx';
import { copyText } from '../../shared/link.ts';
import type { QualityState } from '../state.ts';

export function RunFailure({ state }: { readonly state: QualityState }) {
  const run = state.run.value;
  if (run?.state !== 'failed') return null;
  const { why, log } = run;
  const { link } = state;
  return (
    <section class="run-failure" aria-label="The last measurement failed">
      <div class="run-failure-line">
        <Icon name="error" />
        <p role="alert">{why}</p>
        {log.length > 0 && (
          <Button appearance="secondary" icon="copy" onClick={() => copyText(link, log.join('\n'))}>
            Copy Log
          </Button>
        )}
        <Button appearance="secondary" onClick={() => void link.ask.showLog(null).catch(() => undefined)}>
          Show Whole Log
        </Button>
        <IconButton
          icon="close"
          label="Dismiss"
          onClick={() => void link.ask.dismiss(null).catch(() => undefined)}
        />
      </div>
      <EngineLog log={log} />
    </section>
  );
}
