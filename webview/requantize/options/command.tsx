// The recipe as a file, and the same as arguments of llama-quantize.
import { messageOf } from '../../../src/core/base/failure.ts';
import { formatCount } from '../../../src/core/base/units.ts';
import type { RequantizeView } from '../../../src/protocol/requantize.ts';
import { Icon } from '../../shared/icon.tsx';
import { loadRecipe } from '../loadRecipe.ts';
import { isLocked, type RequantizeState } from '../state.ts';

interface Props {
  readonly state: RequantizeState;
  readonly view: RequantizeView;
}

export function Command({ state, view }: Props) {
  const plan = state.plan.value?.view;
  const { ask } = state.link;
  const told = (error: unknown): void => void (state.notes.value = [messageOf(error)]);
  return (
    <div class="option command">
      <div class="command-actions">
        <button
          type="button"
          class="link-button"
          disabled={plan === undefined}
          onClick={() => plan !== undefined && void ask.copyCommand({ plan: plan.id }).catch(told)}
        >
          <Icon name="copy" />
          Copy as llama-quantize command
        </button>
      </div>
      {plan !== undefined && (
        <pre class="mono command-lines" tabIndex={0} aria-label="llama-quantize command">
          {plan.command.join('\n')}
          {plan.commandLines > plan.command.length &&
            `\n… ${formatCount(plan.commandLines - plan.command.length)} more lines`}
        </pre>
      )}
      <div class="command-actions">
        <button
          type="button"
          class="link-button"
          onClick={() => void ask.saveRecipe({ recipe: state.recipe.peek() }).catch(told)}
        >
          Save Recipe…
        </button>
        <button
          type="button"
          class="link-button"
          disabled={isLocked(state)}
          onClick={() => loadRecipe(state, view)}
        >
          Load Recipe…
        </button>
        {plan !== undefined && <span class="muted engine-version">{plan.engineVersion}</span>}
      </div>
    </div>
  );
}
