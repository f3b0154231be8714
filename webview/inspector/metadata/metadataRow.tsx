// One entry of the metadata: key, value with its meaning, type; opens to a long text or to the items of an array.
import { useSignal } from '@preact/signals';
import type { MetadataView } from '../../../src/protocol/modelView.ts';
import { IconButton } from '../../shared/controls.tsx';
import { Icon } from '../../shared/icon.tsx';
import type { InspectorLink } from '../state.ts';
import { ArrayViewer } from './arrayViewer.tsx';
import { LongText } from './longText.tsx';
import { copyText } from '../../shared/link.ts';

interface Props {
  readonly link: InspectorLink;
  readonly entry: MetadataView;
  /** Characters of the key that the group's title says already. */
  readonly prefixLength: number;
}

/** Longer texts may not fit their cell. */
const MAX_IN_CELL = 60;

export function MetadataRow({ link, entry, prefixLength }: Props) {
  const open = useSignal(false);
  const { key, type, text, meaning, itemCount, cut } = entry;
  const isArray = itemCount >= 0;
  const opens = itemCount > 0 || cut || text.length > MAX_IN_CELL || text.includes('\n');

  const copy = (copied: string): void => copyText(link, copied);
  const copyValue = (): void => {
    if (!cut) copy(text);
    else link.ask.metadataText({ key }).then(copy, () => undefined); // the host tells what failed
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.target !== event.currentTarget) return;
    const control = event.ctrlKey || event.metaKey;
    if (opens && event.key === 'ArrowRight' && !open.value) open.value = true;
    else if (opens && event.key === 'ArrowLeft' && open.value) open.value = false;
    else if (opens && event.key === 'Enter') open.value = !open.value;
    else if (control && event.code === 'KeyC' && !isArray) copyValue();
    else if (event.altKey && event.code === 'KeyC') copy(key);
    else return;
    event.preventDefault();
  };
  return (
    <>
      <div
        role="row"
        tabIndex={-1}
        class={opens ? 'metadata-row opens' : 'metadata-row'}
        aria-expanded={opens ? open.value : undefined}
        onKeyDown={onKeyDown}
      >
        <span role="gridcell" class="key" title={key}>
          <span class="cut">
            <span class="muted">{key.slice(0, prefixLength)}</span>
            {key.slice(prefixLength)}
          </span>
          <CopyButton label="Copy key (Alt+C)" onClick={() => copy(key)} />
        </span>
        <span role="gridcell" class="type muted">
          {type}
        </span>
        <span role="gridcell" class="value" onClick={opens ? () => (open.value = !open.value) : undefined}>
          {opens && <Icon name={open.value ? 'chevron-down' : 'chevron-right'} />}
          <span class="cut">
            {text === '' ? <span class="muted">empty</span> : text}{' '}
            {meaning !== '' && <span class="muted meaning">{meaning}</span>}
          </span>
          {!isArray && <CopyButton label="Copy value (Ctrl+C)" onClick={copyValue} />}
        </span>
      </div>
      {open.value && (
        <div role="row" class="metadata-opened">
          <div role="gridcell" aria-colspan={3}>
            {isArray ? <ArrayViewer link={link} entry={entry} /> : <LongText link={link} entry={entry} />}
          </div>
        </div>
      )}
    </>
  );
}

/** Seen on the row that is pointed at or has the focus. Out of the order of Tab: the row has the key. */
function CopyButton({ label, onClick }: { readonly label: string; readonly onClick: () => void }) {
  return (
    <span
      class="copy"
      onClick={(event) => event.stopPropagation()} // a click on the value would open it
    >
      <IconButton icon="copy" label={label} onClick={onClick} isTabStop={false} />
    </span>
  );
}
