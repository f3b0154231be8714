// The entries of the metadata as they are listed: by where they come from and by the prefix of their keys, filtered.
import type { MetadataView } from '../../../src/protocol/modelView.ts';

export interface MetadataGroup {
  /** "general", "llama", "config.json". */
  readonly title: string;
  /** Characters of every key that the title says already: "general." */
  readonly prefixLength: number;
  readonly entries: readonly MetadataView[];
}

/** Entries of the header by the first part of their key, those of other files by file; in the order of the file. */
export function groupMetadata(entries: readonly MetadataView[]): MetadataGroup[] {
  const groups = new Map<string, { title: string; prefixLength: number; entries: MetadataView[] }>();
  for (const entry of entries) {
    const dot = entry.source === 'header' ? entry.key.indexOf('.') : -1;
    const title = dot > 0 ? entry.key.slice(0, dot) : entry.source;
    const group = groups.get(`${entry.source} ${title}`) ?? { title, prefixLength: dot + 1, entries: [] };
    groups.set(`${entry.source} ${title}`, group);
    group.entries.push(entry);
  }
  return [...groups.values()];
}

/** Entries in which every word of the filter occurs, in key, value, meaning or type; case does not matter. */
export function filterMetadata(entries: readonly MetadataView[], filter: string): readonly MetadataView[] {
  const words = filter
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  if (words.length === 0) return entries;
  return entries.filter(({ key, text, meaning, type }) => {
    const haystack = `${key}\n${text}\n${meaning}\n${type}`.toLowerCase();
    return words.every((word) => haystack.includes(word));
  });
}
