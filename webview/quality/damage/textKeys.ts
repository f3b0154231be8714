// Where a key leads in the text: from token to token, from line to line.
import { lineOf, type TextLines } from './damageLines.ts';

export interface KeyPlaces {
  readonly lines: TextLines;
  readonly texts: readonly string[];
  /** Lines of a page. */
  readonly page: number;
}

/** The piece that a key leads to from `piece`; null: it is no key for this. */
export function pieceForKey(key: string, piece: number, { lines, texts, page }: KeyPlaces): number | null {
  const last = texts.length - 1;
  /** The nearest piece from `next` on, in a direction, that is seen: what begins a text is a token without text. */
  const within = (next: number, step: 1 | -1): number => {
    let at = Math.min(last, Math.max(0, next));
    while (texts[at] === '' && at + step >= 0 && at + step <= last) at += step;
    return texts[at] === '' ? piece : at;
  };
  /** As far from the beginning of its line as now. */
  const byLines = (step: number): number => {
    const from = lineOf(lines, Math.max(0, piece));
    const to = Math.min(lines.count - 1, Math.max(0, from + step));
    const column = Math.max(0, piece) - (lines.pieces[from] ?? 0);
    const end = to + 1 < lines.count ? (lines.pieces[to + 1] ?? 0) - 1 : last;
    const begin = (lines.pieces[to] ?? 0) + ((lines.offsets[to] ?? 0) > 0 ? 1 : 0);
    return within(Math.max(begin, Math.min(end, begin + column)), 1);
  };
  switch (key) {
    case 'ArrowRight':
      return within(piece + 1, 1);
    case 'ArrowLeft':
      return within(piece - 1, -1);
    case 'ArrowDown':
      return byLines(1);
    case 'ArrowUp':
      return byLines(-1);
    case 'PageDown':
      return byLines(page);
    case 'PageUp':
      return byLines(-page);
    case 'Home':
      return within(0, 1);
    case 'End':
      return within(last, -1);
    default:
      return null;
  }
}
