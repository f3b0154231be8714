// Metadata as lines to read: value as text, meaning of enums, arrays by their count.
import { plural } from '../../core/base/units.ts';
import { shorten, visibleBlock, visibleText } from '../../core/base/visibleText.ts';
import { meaningOf } from '../../core/formats/gguf/vocabulary.ts';
import { isArrayRef, type MetadataEntry } from '../../core/formats/model.ts';
import { MAX_VALUE_SHOWN, type MetadataView } from '../../protocol/modelView.ts';

/** Entries sent to a page; a real model has tens. The reports have all. */
const MAX_METADATA_SHOWN = 1000;
const MAX_KEY = 200;

export function metadataViews(metadata: readonly MetadataEntry[]): MetadataView[] {
  return metadata.slice(0, MAX_METADATA_SHOWN).map((entry) => {
    const { key, value, type, source, byteOffset } = entry;
    const array = isArrayRef(value) ? value : null;
    const text = valueText(entry);
    return {
      key: shorten(visibleText(key), MAX_KEY),
      type: array === null ? type : `array of ${array.itemType}`,
      text: shorten(visibleBlock(shorten(text, MAX_VALUE_SHOWN)), MAX_VALUE_SHOWN),
      meaning: meaningText(entry),
      source,
      itemCount: array?.count ?? -1,
      cut: text.length > MAX_VALUE_SHOWN,
      byteOffset,
    };
  });
}

/** A value as text; an array by its count. Hostile characters are still in it. */
export function valueText({ type, value }: MetadataEntry): string {
  if (isArrayRef(value)) return plural(value.count, 'item');
  return type === 'float32' && typeof value === 'number' ? float32Text(value) : String(value);
}

/** Digits that tell every float32 from its neighbors. */
const FLOAT32_DIGITS = 9;

/** The shortest decimal that is this float32: 0.000009999999747378752 → "0.00001". */
function float32Text(value: number): string {
  for (let digits = 1; digits < FLOAT32_DIGITS; digits++) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.fround(rounded) === value) return String(rounded);
  }
  return String(value);
}

/** What a value means, in brackets behind it in reports; '' where there is nothing to add. */
export function meaningText({ key, value }: MetadataEntry): string {
  return isArrayRef(value) ? '' : meaningOf(key, value);
}
