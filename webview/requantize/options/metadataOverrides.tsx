// Values of the header that are set anew: the list of them, and a line to add one.
import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { IconButton } from '../../shared/controls.tsx';
import { changeOptions, isLocked, type RequantizeState } from '../state.ts';
import { METADATA_TYPES, metadataOverride, TYPE_WORDS, type MetadataType } from './metadataValue.ts';

export function MetadataOverrides({ state }: { readonly state: RequantizeState }) {
  const { metadata } = state.draft.value.options;
  const [key, text] = [useSignal(''), useSignal('')];
  const type = useSignal<MetadataType>('str');
  const wrong = useSignal('');
  const first = useRef<HTMLInputElement>(null);
  const isOff = isLocked(state);
  const add = (): void => {
    const made = metadataOverride(key.value, type.value, text.value);
    wrong.value = typeof made === 'string' ? made : '';
    if (typeof made === 'string') return;
    changeOptions(state, { metadata: [...metadata.filter((one) => one.key !== made.key), made] });
    key.value = text.value = '';
    first.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter') return;
    event.preventDefault();
    add();
  };
  return (
    <>
      {metadata.length === 0 && <p class="option-note">Sets a value of the header anew, or adds one.</p>}
      <ul class="metadata-list">
        {metadata.map((one) => (
          <li key={one.key}>
            <span class="cut" title={`${one.key}, ${TYPE_WORDS[one.type]}`}>
              {one.key}
            </span>
            <span class="cut mono" title={String(one.value)}>
              {String(one.value)}
            </span>
            <IconButton
              icon="close"
              label={`Remove ${one.key}`}
              disabled={isOff}
              onClick={() => changeOptions(state, { metadata: metadata.filter((other) => other !== one) })}
            />
          </li>
        ))}
      </ul>
      <div class="metadata-new" role="group" aria-label="A value to set" onKeyDown={onKeyDown}>
        <input
          ref={first}
          class="field"
          type="text"
          aria-label="Key"
          placeholder="general.name"
          spellcheck={false}
          disabled={isOff}
          value={key.value}
          onInput={({ currentTarget }) => (key.value = currentTarget.value)}
        />
        <span class="select">
          <select
            aria-label="Type of the value"
            value={type.value}
            disabled={isOff}
            onChange={({ currentTarget }) => (type.value = currentTarget.value as MetadataType)}
          >
            {METADATA_TYPES.map((one) => (
              <option key={one} value={one}>
                {TYPE_WORDS[one]}
              </option>
            ))}
          </select>
        </span>
        <input
          class="field"
          type="text"
          aria-label="Value"
          placeholder="value"
          spellcheck={false}
          disabled={isOff}
          value={text.value}
          onInput={({ currentTarget }) => (text.value = currentTarget.value)}
        />
        <IconButton icon="add" label="Set this value" disabled={isOff} onClick={add} />
      </div>
      {wrong.value !== '' && (
        <p class="option-note" role="alert">
          {wrong.value}
        </p>
      )}
    </>
  );
}
