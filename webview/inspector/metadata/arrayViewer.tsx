// The items of an array, a page at a time, with a search by position or text: 262,144 tokens cost nothing until looked at.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { messageOf } from '../../../src/core/base/failure.ts';
import { formatCount, plural } from '../../../src/core/base/units.ts';
import type { ArrayPage } from '../../../src/protocol/inspector.ts';
import type { MetadataView } from '../../../src/protocol/modelView.ts';
import { IconButton, SearchField } from '../../shared/controls.tsx';
import type { InspectorLink } from '../state.ts';

const PAGE_ITEMS = 100;
/** A search reads the whole array: it waits for a pause in typing. */
const SEARCH_PAUSE_MS = 150;

export function ArrayViewer({ link, entry }: { readonly link: InspectorLink; readonly entry: MetadataView }) {
  const { key, itemCount } = entry;
  const query = useSignal('');
  const first = useSignal(0);
  const page = useSignal<ArrayPage | null>(null);
  const failure = useSignal('');
  useEffect(() => {
    const abort = new AbortController();
    const ask = async (): Promise<void> => {
      try {
        const asked = { key, first: first.value, count: PAGE_ITEMS, query: query.value.trim() };
        page.value = await link.ask.arrayPage(asked, abort.signal);
        failure.value = '';
      } catch (error) {
        if (!abort.signal.aborted) failure.value = messageOf(error);
      }
    };
    const timer = setTimeout(() => void ask(), query.value === '' ? 0 : SEARCH_PAUSE_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [key, first.value, query.value]);

  const shown = page.value;
  const matching = shown?.matching ?? itemCount;
  const last = Math.max(0, Math.floor((matching - 1) / PAGE_ITEMS)) * PAGE_ITEMS;
  const goTo = (item: number) => (): void => void (first.value = item);
  return (
    <div class="array-viewer">
      <div class="array-tools">
        <SearchField
          label={`Search in ${key}`}
          placeholder="Search by position or text"
          value={query.value}
          onValue={(value) => {
            first.value = 0;
            query.value = value;
          }}
        />
        <span class="muted" role="status">
          {rangeText(shown, first.value, query.value)}
        </span>
        <IconButton
          icon="chevron-left"
          label="Previous page"
          disabled={first.value === 0}
          onClick={goTo(first.value - PAGE_ITEMS)}
        />
        <IconButton
          icon="chevron-right"
          label="Next page"
          disabled={first.value >= last}
          onClick={goTo(first.value + PAGE_ITEMS)}
        />
      </div>
      {failure.value !== '' && <p>{failure.value}</p>}
      <ol class="array-items" tabIndex={0} aria-label={`Items of ${key}`}>
        {shown?.items.map(({ index, text, meaning }) => (
          <li key={index}>
            <span class="index muted">{formatCount(index)}</span>
            <span class="mono">{text}</span>
            <span class="muted">{meaning}</span>
          </li>
        ))}
      </ol>
    </div>
  );
}

function rangeText(page: ArrayPage | null, first: number, query: string): string {
  if (page === null) return '';
  if (page.matching === 0) return query === '' ? 'No items' : `No match in ${plural(page.total, 'item')}`;
  const end = Math.min(first + page.items.length, page.matching) - 1;
  const counted = `${page.matchingIsCapped ? 'more than ' : ''}${formatCount(page.matching)}`;
  const of = query === '' ? counted : `${counted} ${page.matching === 1 ? 'match' : 'matches'}`;
  return `${formatCount(first)}–${formatCount(end)} of ${of}`;
}
