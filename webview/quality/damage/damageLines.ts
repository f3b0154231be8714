// Where the lines of a text break, so that only those on the screen need to be drawn. A piece is one token, or some that make a
// whole character; a word may be several pieces.

/** Line i begins with piece `pieces[i]`, after `offsets[i]` of its characters, and ends where the next one begins. */
export interface TextLines {
  readonly pieces: readonly number[];
  readonly offsets: readonly number[];
  readonly count: number;
}

/** How a part of a text is drawn: what ends a line is seen. */
const drawnText = (text: string): string => text.replaceAll('\n', '↵').replaceAll('\t', '    ');

/**
 * @param widthOf px of a text without line feeds
 * @param room px of a line; a piece that is wider has a line for itself
 */
export function breakLines(
  texts: readonly string[],
  widthOf: (text: string) => number,
  room: number,
): TextLines {
  const [pieces, offsets]: [number[], number[]] = [[0], [0]];
  let x = 0;
  let word = { piece: 0, offset: 0, x: 0 };
  const space = widthOf(' ');
  /** Answers how much narrower the line becomes by what is not drawn at its begin. */
  const begin = (piece: number, offset: number): number => {
    pieces.push(piece);
    offsets.push(offset);
    return space * hangingSpaces(texts, piece, offset);
  };
  for (const [piece, text] of texts.entries()) {
    for (let from = 0; from < text.length;) {
      const feed = text.indexOf('\n', from);
      const to = feed < 0 ? text.length : feed + 1;
      const part = drawnText(text.slice(from, to));
      const width = widthOf(part);
      if (x <= 0 || part.startsWith(' ')) word = { piece, offset: from, x };
      if (x + width > room && word.x > 0) {
        x -= word.x + begin(word.piece, word.offset);
        word = { ...word, x: 0 };
      }
      if (x + width > room && x > 0) {
        x = -begin(piece, from);
        word = { piece, offset: from, x };
      }
      x += width;
      from = to;
      const isEnd = piece === texts.length - 1 && to === text.length;
      if (feed < 0 || isEnd) continue;
      if (to === text.length) begin(piece + 1, 0);
      else begin(piece, to);
      x = 0;
    }
  }
  return { pieces, offsets, count: texts.length === 0 ? 0 : pieces.length };
}

export interface LinePart {
  readonly piece: number;
  readonly text: string;
}

/** What stands in a line, as it is drawn. */
export function partsOfLine(
  { pieces, offsets, count }: TextLines,
  texts: readonly string[],
  line: number,
): LinePart[] {
  const first = pieces[line] ?? 0;
  const isLast = line + 1 >= count;
  const last = isLast ? texts.length - 1 : (pieces[line + 1] ?? 0);
  const lastEnd = isLast ? Infinity : (offsets[line + 1] ?? 0);
  const parts: LinePart[] = [];
  for (let piece = first; piece <= last; piece++) {
    const text = texts[piece] ?? '';
    const begin =
      piece === first ? (offsets[line] ?? 0) + hangingSpaces(texts, piece, offsets[line] ?? 0) : 0;
    const part = text.slice(begin, piece === last ? lastEnd : undefined);
    if (part !== '') parts.push({ piece, text: drawnText(part) });
  }
  return parts;
}

/** The space between two words is not drawn where the line breaks, as everywhere; in most vocabularies it begins the next token. */
function hangingSpaces(texts: readonly string[], piece: number, offset: number): number {
  const text = texts[piece] ?? '';
  const isWrapped = offset === 0 && piece > 0 && texts[piece - 1]?.endsWith('\n') === false;
  return isWrapped && /^ [^ ]/.test(text) ? 1 : 0;
}

/** The line in which a piece begins. */
export function lineOf({ pieces, offsets, count }: TextLines, piece: number): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >> 1;
    const begins = pieces[middle] ?? 0;
    if (begins < piece || (begins === piece && (offsets[middle] ?? 0) === 0)) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1);
}
