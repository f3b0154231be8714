// What an importance matrix is made with: how much of a text, and the mix of the bundled ones.

/** How much is read, by name. */
export const CALIBRATION_CHOICES = [
  { label: 'Quick', chunks: 20 },
  { label: 'Standard', chunks: 100 },
  { label: 'Full', chunks: null },
] as const;

export const STANDARD_CHUNKS = 100;

/** Characters of a text before another has its turn: more than a chunk is short of, so that a chunk is seldom of two kinds. */
const TURN_CHARACTERS = 2000;

/**
 * Texts in turns, cut at the ends of lines: the first chunks hold something of each, in the proportion of their lengths. The same
 * texts give the same mix.
 */
export function mixedText(texts: readonly string[]): string {
  const sources = texts.filter((text) => text.length > 0).map((text) => ({ text, at: 0 }));
  const turns: string[] = [];
  for (;;) {
    const left = sources.filter(({ text, at }) => at < text.length);
    const [first, ...others] = left;
    if (first === undefined) return turns.join('');
    const next = others.reduce(
      (least, one) => (one.at / one.text.length < least.at / least.text.length ? one : least),
      first,
    );
    const end = next.text.indexOf('\n', next.at + TURN_CHARACTERS);
    const to = end < 0 ? next.text.length : end + 1;
    const turn = next.text.slice(next.at, to);
    turns.push(turn.endsWith('\n') ? turn : `${turn}\n`);
    next.at = to;
  }
}
