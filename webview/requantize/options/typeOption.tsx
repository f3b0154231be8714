// A type of its own for the output tensor or the token embeddings; by rule, the list says what the rule gives.
import { formatBits } from '../../../src/core/base/units.ts';
import type { RequantizeView } from '../../../src/protocol/requantize.ts';
import { Icon } from '../../shared/icon.tsx';
import { cellText } from '../table/cells.ts';
import { changeOptions, isLocked, type RequantizeState } from '../state.ts';

interface Props {
  readonly state: RequantizeState;
  readonly view: RequantizeView;
  readonly field: 'outputType' | 'embeddingType';
}

const WORDS = {
  outputType: { label: 'Output tensor', tensor: 'output.weight' },
  embeddingType: { label: 'Token embeddings', tensor: 'token_embd.weight' },
} as const;

export function TypeOption({ state, view, field }: Props) {
  const { options } = state.draft.value;
  const { label, tensor } = WORDS[field];
  const target = view.targets.find(({ name }) => name === options.type);
  const row = state.rows.value.names.indexOf(tensor);
  const given = row < 0 || options[field] !== null ? '' : cellText(state, row, 'to');
  const isOff = isLocked(state) || (field === 'outputType' && (options.leaveOutput || row < 0));
  return (
    <div class="option">
      <label class="option-label" for={`option-${field}`}>
        {label}
      </label>
      <span class="select">
        <select
          id={`option-${field}`}
          value={options[field] ?? ''}
          disabled={isOff || target?.isFloat === true}
          onChange={({ currentTarget }) =>
            changeOptions(state, { [field]: currentTarget.value === '' ? null : currentTarget.value })
          }
        >
          <option value="">
            {given === '' || given === '…' || given === '–' ? 'by rule' : `by rule: ${given}`}
          </option>
          {view.tensorTypes.map(({ name, bitsPerWeight }) => (
            <option key={name} value={name}>
              {name} ({formatBits(bitsPerWeight)})
            </option>
          ))}
        </select>
        <Icon name="chevron-down" />
      </span>
      {field === 'outputType' && row < 0 && state.rows.value.count > 0 && !isLocked(state) && (
        <p class="option-note">The model has none: its embeddings are the output as well.</p>
      )}
    </div>
  );
}
