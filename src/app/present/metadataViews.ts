// Metadata as lines to read: value as text, meaning of enums, arrays by their count.
import { plural } from '../../core/base/units.ts';
import { shorten, visibleBlock, visibleText } from '../../core/base/visibleText.ts';
import { meaningOf } from '../../core/formats/gguf/vocabulary.ts';
import { isArrayRef, type MetadataEntry } from '../../core/formats/model.ts';
import { MAX_VALUE_SHOWN, type MetadataView } from '../../protocol/modelView.ts';

/** Entries sent to a page; a real model has tens. The reports have all. */
export const MAX_METADATA_SHOWN = 1000;
const MAX_KEY = 200;

export function metadataViews(metadata: readonly MetadataEntry[]): MetadataView[] {
  return metadata.slice(0, MAX_METADATA_SHOWN).map((entry) => {
    const { key, value, type, source, byteOffset } = entry;
    const array = isArrayRef(value) ? value : null;
    const text = valueText(value);
    return {
      key: shorten(visibleText(key), MAX_KEY),
      type: array === null ? type : `array of ${array.itemType}`,
      text: shorten(visibleBlock(shorten(text, MAX_VALUE_SHOWN)), MAX_VALUE_SHOWN),
      meaning: isArrayRef(value) ? '' : meaningOf(key, value),
      source,
      itemCount: array?.count ?? -1,
      cut: text.length > MAX_VALUE_SHOWN,
      byteOffset,
    };
  });
}

/** A value as text; an array by its count. Hostile characters are still in it. */
export function valueText(value: MetadataEntry['value']): string {
  return isArrayRef(value) ? plural(value.count, 'item') : String(value);
}
