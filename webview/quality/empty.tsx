// Nothing was measured yet: what the numbers tell, and what they need.
import type { QualityView } from '../../src/protocol/quality.ts';
import { Button } from '../shared/controls.tsx';
import type { QualityState } from './state.ts';

export function Empty({ state, view }: { readonly state: QualityState; readonly view: QualityView }) {
  const { unfit, isTrusted } = view;
  const run = state.run.value;
  const isBusy = run !== null && run.state !== 'failed';
  return (
    <section class="empty" aria-labelledby="empty-title">
      <h2 id="empty-title">
        {unfit !== null
          ? 'This file cannot be measured'
          : isBusy
            ? 'The first measurement begins'
            : 'Not measured yet'}
      </h2>
      {unfit !== null && <p>{unfit}</p>}
      <dl>
        <dt>Perplexity</dt>
        <dd>
          says how surprised the model is by a text: among how many equally likely tokens it would have to
          choose at every place. Less is better. It compares models with the same vocabulary on the same text.
        </dd>
        <dt>KL divergence</dt>
        <dd>
          says how far a quantized model’s expectation is from its base’s, token by token. 0 is alike. It
          finds damage that the perplexity averages away, and needs both files.
        </dd>
      </dl>
      {unfit === null && isTrusted && (
        <>
          <p>
            It needs a GGUF with a vocabulary and a text of some pages; three are bundled. The model runs on
            this machine, in a process of its own; nothing leaves it.
          </p>
          {view.plan.base === null && !isBusy && (
            <p class="buttons">
              <Button
                appearance="secondary"
                onClick={() => void state.link.ask.pick({ what: 'base' }).catch(() => undefined)}
              >
                Choose Base…
              </Button>
            </p>
          )}
        </>
      )}
    </section>
  );
}
