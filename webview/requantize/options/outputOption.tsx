// Where to write: a file beside the source unless the user chooses another place.
import type { RequantizeView } from '../../../src/protocol/requantize.ts';
import { plural } from '../../../src/core/base/units.ts';
import { IconButton } from '../../shared/controls.tsx';
import { Icon } from '../../shared/icon.tsx';
import { change, isLocked, type RequantizeState } from '../state.ts';

interface Props {
  readonly state: RequantizeState;
  readonly view: RequantizeView;
}

export function OutputOption({ state }: Props) {
  const output = state.plan.value?.view.output;
  const own = state.draft.value.output;
  const isOff = isLocked(state) || output === undefined;
  const choose = (): void => {
    if (output === undefined) return;
    state.link.ask.chooseOutput({ suggested: output.path }).then(
      (chosen) => {
        if (chosen !== null) change(state, { output: chosen.path });
      },
      () => undefined, // the host tells what failed
    );
  };
  return (
    <div class="option">
      <span class="option-label">Write to</span>
      <div class="option-line">
        <button
          type="button"
          class="picker"
          aria-label={`Write to ${output?.path ?? 'a file'}`}
          title={output?.path}
          disabled={isOff}
          onClick={choose}
        >
          <span class="cut mono output-name">{output?.fileName ?? '…'}</span>
          <Icon name="ellipsis" />
        </button>
        {own !== null && (
          <IconButton
            icon="close"
            label="Write where it is proposed"
            disabled={isLocked(state)}
            onClick={() => change(state, { output: null })}
          />
        )}
      </div>
      {output !== undefined && (
        <p class="option-note cut" title={output.folder}>
          {output.fileCount > 1 && `${plural(output.fileCount, 'file')} · `}
          {output.exists ? 'A file of that name is there: you will be asked.' : `in ${output.folder}`}
        </p>
      )}
    </div>
  );
}
