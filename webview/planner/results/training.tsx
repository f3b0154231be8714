// What training would take, which is another thing than a run.
import { formatCount, formatMemory } from '../../../src/core/base/units.ts';
import type { FineTuning } from '../../../src/core/plan/fineTuning.ts';
import { Explained } from '../parts/explained.tsx';

const ACTIVATIONS =
  'Activations come on top: they depend on the length of the texts and on what is computed again.';

export function Training({ training }: { readonly training: FineTuning }) {
  const { full, qlora } = training;
  return (
    <section aria-label="Fine-tuning">
      <h2 class="title">
        Fine-tuning <span class="finding">activations not counted</span>
      </h2>
      <dl class="facts-list">
        <div>
          <dt>All weights, Adam</dt>
          <dd>
            <Explained
              title="All weights with Adam"
              formula={full.formula}
              result={full.bytes}
              note={ACTIVATIONS}
            >
              {formatMemory(full.bytes)}
            </Explained>
          </dd>
        </div>
        <div>
          <dt>QLoRA, rank {formatCount(qlora.rank)}</dt>
          <dd>
            <Explained title="QLoRA" formula={qlora.formula} result={qlora.bytes} note={ACTIVATIONS}>
              {formatMemory(qlora.bytes)}
            </Explained>
            <span class="muted"> {formatCount(qlora.adapterWeights)} weights of adapters</span>
          </dd>
        </div>
      </dl>
    </section>
  );
}
