// The filter's syntax, on the icon before it: by pointer or by focus.
import { useSignal } from '@preact/signals';
import { Icon } from '../icon.tsx';
import { TENSOR_KEYS, type FilterKeys } from './filterLanguage.ts';

const CARD_ID = 'tensor-filter-help';

interface Props {
  /** Of the keys that only this page has, and what they are of. */
  readonly caption: string;
  readonly keys: FilterKeys;
}

export function FilterHelp({ caption, keys }: Props) {
  const open = useSignal(false);
  return (
    <div
      class="filter-help"
      onPointerEnter={() => (open.value = true)}
      onPointerLeave={() => (open.value = false)}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !open.value) return;
        open.value = false;
        event.stopPropagation();
      }}
    >
      <button
        type="button"
        class="icon-button"
        aria-label="How to filter"
        aria-describedby={open.value ? CARD_ID : undefined}
        onFocus={() => (open.value = true)}
        onBlur={() => (open.value = false)}
      >
        <Icon name="filter" />
      </button>
      {open.value && (
        <div id={CARD_ID} class="filter-card" role="tooltip">
          <p>
            Words are looked for in names. All terms must hold; <code>-</code> before a term turns it around;
            quotes keep spaces and signs.
          </p>
          <Keys entries={Object.values(TENSOR_KEYS)} />
          <p>{caption}</p>
          <Keys entries={Object.values(keys)} />
          <p>
            Numbers take <code>:</code> <code>&lt;</code> <code>&lt;=</code> <code>&gt;</code>{' '}
            <code>&gt;=</code>, ranges as <code>4-5</code>, lists as <code>4,8</code> and powers as{' '}
            <code>1e-3</code>. They compare as the table shows them.
          </p>
        </div>
      )}
    </div>
  );
}

function Keys({
  entries,
}: {
  readonly entries: readonly { readonly example: string; readonly help: string }[];
}) {
  return (
    <dl>
      {entries.map(({ example, help }) => (
        <div key={example}>
          <dt>{example}</dt>
          <dd>{help}</dd>
        </div>
      ))}
    </dl>
  );
}
