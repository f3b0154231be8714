// The user chooses an importance matrix: a step like any other.
import { messageOf } from '../../../src/core/base/failure.ts';
import { changeOptions, type RequantizeState } from '../state.ts';

/** @param tell what is wrong with the file; '' for nothing */
export function chooseImatrix(state: RequantizeState, tell: (failure: string) => void): void {
  tell('');
  state.link.ask.chooseImatrix(null).then(
    (chosen) => {
      if (chosen !== null) changeOptions(state, { imatrix: chosen.path });
    },
    (error: unknown) => tell(messageOf(error)),
  );
}
