// The key of an object at a place in a line of JSON.

export interface JsonKey {
  readonly key: string;
  /** Of the string with its quotes, in the text. */
  readonly from: number;
  readonly to: number;
}

/** @param text a line, or a part of one: it may begin and end inside a string */
export function jsonKeyAt(text: string, at: number): JsonKey | null {
  // Behind a brace or a comma only: the end of a string that is cut would pass for the beginning of one.
  for (const match of text.matchAll(/(?<=(?:^|[{,])\s*)"((?:[^"\\]|\\.)*)"\s*:/g)) {
    const [, written = ''] = match;
    const [from, to] = [match.index, match.index + written.length + 2];
    if (at >= from && at <= to) return { key: unescaped(written), from, to };
  }
  return null;
}

function unescaped(text: string): string {
  try {
    return JSON.parse(`"${text}"`) as string;
  } catch {
    return text; // somebody is typing
  }
}
