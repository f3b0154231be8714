// The card of a type in the mix: what it is, and how much of the model it makes.
import { formatBits, formatCount, formatPercent, plural } from '../../../src/core/base/units.ts';
import type { ModelView } from '../../../src/protocol/modelView.ts';
import { Keys, Pair, TitleLine } from './cardParts.tsx';
import { CostTable, TypeSummary } from './explainType.tsx';

export function TypeCard({ model, type: index }: { readonly model: ModelView; readonly type: number }) {
  const type = model.types[index];
  if (type === undefined) return null;
  const { name, bitsPerWeight, tensorCount, bytes, weights, costs, source } = type;
  const allWeights = model.types.reduce((sum, other) => sum + other.weights, 0);
  const bits =
    bitsPerWeight === null ? 'bits per weight not known' : `${formatBits(bitsPerWeight)} bits per weight`;
  return (
    <>
      <TitleLine left={name} right={bits} />
      <TypeSummary type={type} />
      <hr />
      <div class={costs.length === 0 ? '' : 'halves'}>
        {costs.length > 0 && <CostTable type={type} />}
        <dl class="pairs">
          <Pair name="Tensors">
            {formatCount(tensorCount)} of {formatCount(model.tensorCount)}
          </Pair>
          <Pair name="Weights">
            {formatCount(weights)}, {formatPercent(weights / allWeights)} %
          </Pair>
          <Pair name="Size">
            {plural(bytes, 'byte')}, {formatPercent(bytes / model.tensorBytes)} %
          </Pair>
        </dl>
      </div>
      <p class="source muted">Layout: {source}</p>
      <Keys />
    </>
  );
}
