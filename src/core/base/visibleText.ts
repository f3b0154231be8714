// Text from a model file is a stranger's: control characters, bidirectional overrides and invisible characters are
// replaced by a visible name of the code point, so that what is shown is what is there.

// C0 and C1 controls, soft hyphen, Arabic letter mark, zero-width and directional marks, line and paragraph separators,
// directional embeddings, overrides and isolates, invisible operators, byte order mark, tag characters, lone surrogates.
const INVISIBLE =
  // eslint-disable-next-line no-control-regex -- control characters are what this is about
  /[\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb]|[\u{e0000}-\u{e0fff}]|[\ud800-\udfff]/gu;
// The same without tab, line feed and carriage return, for text shown in several lines.
const INVISIBLE_IN_BLOCK = new RegExp(`(?![\\t\\n\\r])(?:${INVISIBLE.source})`, 'gu');

const nameOf = (character: string): string =>
  `⟨U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟩`;

/** One line of visible text: line breaks and tabs are named too. */
export function visibleText(text: string): string {
  return text.replace(INVISIBLE, nameOf);
}

/** Several lines of visible text: tab, line feed and carriage return stay. */
export function visibleBlock(text: string): string {
  return text.replace(INVISIBLE_IN_BLOCK, nameOf);
}

/** Cuts a text to `limit` UTF-16 units with "…" at the end, never inside a surrogate pair. */
export function shorten(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const end = /[\ud800-\udbff]/.test(text[limit - 2] ?? '') ? limit - 2 : limit - 1;
  return `${text.slice(0, end)}…`;
}
