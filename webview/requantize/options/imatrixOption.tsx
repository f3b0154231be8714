// The importance matrix: which file, a way to another one, and a way to make one.
import { useSignal } from '@preact/signals';
import type { RequantizeView } from '../../../src/protocol/requantize.ts';
import { IconButton } from '../../shared/controls.tsx';
import { Icon } from '../../shared/icon.tsx';
import { chooseImatrix } from './chooseImatrix.ts';
import { changeOptions, isLocked, type RequantizeState } from '../state.ts';

interface Props {
  readonly state: RequantizeState;
  readonly view: RequantizeView;
}

export function ImatrixOption({ state, view }: Props) {
  const failure = useSignal('');
  const { imatrix, type } = state.draft.value.options;
  const target = view.targets.find(({ name }) => name === type);
  const known = state.plan.value?.view.imatrix;
  const isOff = isLocked(state);
  const choose = (): void => chooseImatrix(state, (text) => (failure.value = text));
  const wants =
    imatrix !== null || target === undefined || target.imatrix === 'none'
      ? ''
      : target.imatrix === 'needed'
        ? `${target.name} needs one.`
        : `${target.name} is better with one.`;
  return (
    <div class="option">
      <span class="option-label">Importance matrix</span>
      <div class="option-line">
        <button
          type="button"
          class="picker"
          aria-label={`Importance matrix: ${imatrix === null ? 'none' : fileName(imatrix)}`}
          title={imatrix ?? 'Choose an importance matrix file'}
          disabled={isOff}
          onClick={choose}
        >
          <span class={imatrix === null ? 'muted cut' : 'cut'}>
            {imatrix === null ? 'none' : fileName(imatrix)}
          </span>
          <Icon name="ellipsis" />
        </button>
        {imatrix !== null && (
          <IconButton
            icon="close"
            label="Do without the importance matrix"
            disabled={isOff}
            onClick={() => changeOptions(state, { imatrix: null })}
          />
        )}
      </div>
      {imatrix !== null && known?.path === imatrix && (
        <p class="option-note cut" title={known.detail}>
          {known.detail}
        </p>
      )}
      {(wants !== '' || view.canMakeImatrix) && imatrix === null && !isOff && (
        <p class="option-note">
          {wants}{' '}
          {view.canMakeImatrix && (
            <button
              type="button"
              class="link-button"
              onClick={() => void state.link.ask.makeImatrix(null).catch(() => undefined)} // the host tells
            >
              Make Importance Matrix…
            </button>
          )}
        </p>
      )}
      {failure.value !== '' && (
        <p class="option-note" role="alert">
          <Icon name="error" /> {failure.value}
        </p>
      )}
    </div>
  );
}

const fileName = (path: string): string =>
  path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
