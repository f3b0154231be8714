// Layers to leave out, written as numbers.
import { useComputed, useSignal, useSignalEffect } from '@preact/signals';
import { changeOptions, isLocked, type RequantizeState } from '../state.ts';
import { layersText, parseLayers } from './layerList.ts';

export function PruneLayers({ state }: { readonly state: RequantizeState }) {
  const layers = useComputed(() => new Set(state.rows.value.layer.filter((layer) => layer >= 0)));
  const text = useSignal('');
  const wrong = useSignal('');
  useSignalEffect(() => {
    text.value = layersText(state.draft.value.options.pruneLayers);
    wrong.value = '';
  });
  const take = (): void => {
    const parsed = parseLayers(text.peek(), layers.peek());
    if (typeof parsed === 'string') wrong.value = parsed;
    else {
      wrong.value = '';
      changeOptions(state, { pruneLayers: parsed });
    }
  };
  return (
    <>
      <input
        class="field"
        type="text"
        aria-label="Layers to leave out"
        aria-invalid={wrong.value !== ''}
        placeholder="3, 7-9"
        spellcheck={false}
        disabled={isLocked(state)}
        value={text.value}
        onInput={({ currentTarget }) => (text.value = currentTarget.value)}
        onChange={take}
        onKeyDown={(event) => {
          if (event.key === 'Enter') take();
        }}
      />
      {wrong.value === '' ? (
        <p class="option-note">Later layers move up. A model seldom survives it without training.</p>
      ) : (
        <p class="option-note" role="alert">
          {wrong.value}
        </p>
      )}
    </>
  );
}
