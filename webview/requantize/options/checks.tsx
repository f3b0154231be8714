// The options that are on or off.
import type { ComponentChildren } from 'preact';
import type { RequantizeView } from '../../../src/protocol/requantize.ts';
import { Icon } from '../../shared/icon.tsx';
import type { RecipeOptions } from '../draft.ts';
import { changeOptions, isLocked, type RequantizeState } from '../state.ts';

interface Props {
  readonly state: RequantizeState;
  readonly view: RequantizeView;
}

type Flag = { [K in keyof RecipeOptions]: RecipeOptions[K] extends boolean ? K : never }[keyof RecipeOptions];

export function Checks({ state, view }: Props) {
  const { options } = state.draft.value;
  const target = view.targets.find(({ name }) => name === options.type);
  const check = (flag: Flag, label: string, isOff = false, note: ComponentChildren = null) => (
    <Check
      key={flag}
      id={`option-${flag}`}
      label={label}
      isOn={options[flag]}
      isOff={isOff || isLocked(state)}
      note={note}
      set={(on) => changeOptions(state, { [flag]: on })}
    />
  );
  return (
    <div class="checks" role="group" aria-label="How">
      {check('pure', 'Same type everywhere (pure)', target?.isFloat === true)}
      {check('leaveOutput', 'Leave the output tensor as it is')}
      {view.isSplit && check('keepSplit', 'Keep it split in files')}
      {!isLocked(state) &&
        (view.source.isQuantized || options.allowRequantize) &&
        check(
          'allowRequantize',
          'Quantize what is quantized already',
          false,
          <>
            <Icon name="warning" />
            {view.source.fileName} is quantized: what its types lost is not in it any more, and a second loss
            comes on top. Quantize the original instead where you can get it.
          </>,
        )}
    </div>
  );
}

interface CheckProps {
  readonly id: string;
  readonly label: string;
  readonly isOn: boolean;
  readonly isOff: boolean;
  readonly note: ComponentChildren;
  readonly set: (on: boolean) => void;
}

function Check({ id, label, isOn, isOff, note, set }: CheckProps) {
  return (
    <>
      <label class="check-option" for={id}>
        <input
          id={id}
          type="checkbox"
          checked={isOn}
          disabled={isOff}
          aria-describedby={note === null ? undefined : `${id}-note`}
          onChange={({ currentTarget }) => set(currentTarget.checked)}
        />
        {label}
      </label>
      {note !== null && (
        <p class="option-note check-note" id={`${id}-note`}>
          {note}
        </p>
      )}
    </>
  );
}
