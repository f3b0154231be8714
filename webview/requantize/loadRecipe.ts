// A recipe from a file takes the place of what the user has made; it can be undone like any step.
import { messageOf } from '../../src/core/base/failure.ts';
import { plural } from '../../src/core/base/units.ts';
import type { RequantizeView } from '../../src/protocol/requantize.ts';
import { optionsOf } from './draft.ts';
import { overridesOf } from './overrides.ts';
import { change, type RequantizeState } from './state.ts';

export function loadRecipe(state: RequantizeState, { tensorTypes }: RequantizeView): void {
  state.link.ask.loadRecipe(null).then(
    (loaded) => {
      if (loaded === null) return;
      const rowOfName = new Map(state.rows.peek().names.map((name, row) => [name, row]));
      const { overrides, lost } = overridesOf(loaded.recipe.overrides, rowOfName, tensorTypes);
      change(state, { options: optionsOf(loaded.recipe), overrides });
      const gone =
        lost === 0 ? [] : [`${plural(lost, 'override')} of ${loaded.fileName} fit no tensor of this model.`];
      state.notes.value = [...loaded.notes, ...gone];
    },
    (error: unknown) => (state.notes.value = [messageOf(error)]),
  );
}
