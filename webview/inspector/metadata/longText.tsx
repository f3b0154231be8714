// A long text of the metadata, whole: a license, a chat template. It is shown, never run.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { messageOf } from '../../../src/core/base/failure.ts';
import { MAX_TEXT } from '../../../src/protocol/inspector.ts';
import { formatCount } from '../../../src/core/base/units.ts';
import type { MetadataView } from '../../../src/protocol/modelView.ts';
import type { InspectorLink } from '../state.ts';

export function LongText({ link, entry }: { readonly link: InspectorLink; readonly entry: MetadataView }) {
  const { key, text, cut } = entry;
  const whole = useSignal(text);
  const failure = useSignal('');
  useEffect(() => {
    if (!cut) return;
    const abort = new AbortController();
    link.ask.metadataText({ key }, abort.signal).then(
      (answer) => (whole.value = answer),
      (error: unknown) => (failure.value = abort.signal.aborted ? '' : messageOf(error)),
    );
    return () => abort.abort();
  }, [key, cut]);
  return (
    <>
      <pre class="long-text mono" tabIndex={0} aria-label={key}>
        {whole.value}
      </pre>
      {whole.value.length >= MAX_TEXT && (
        <p class="muted">The first {formatCount(MAX_TEXT)} characters are shown.</p>
      )}
      {failure.value !== '' && <p>{failure.value}</p>}
    </>
  );
}
