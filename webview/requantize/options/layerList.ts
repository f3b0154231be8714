// Layer numbers as people write them: "3, 7-9".

/** Rising, each once; or a sentence about what is wrong. @param layers that the model has */
export function parseLayers(text: string, layers: ReadonlySet<number>): readonly number[] | string {
  const chosen = new Set<number>();
  for (const part of text.split(/[\s,;]+/)) {
    if (part === '') continue;
    const [, from, to] = /^(\d{1,6})(?:[-–](\d{1,6}))?$/.exec(part) ?? [];
    if (from === undefined) return `“${part}” is no layer; write 3, 7-9.`;
    const [first, last] = [Number(from), Number(to ?? from)];
    if (last < first) return `“${part}” ends before it begins.`;
    for (let layer = first; layer <= last; layer++) {
      if (!layers.has(layer)) return `There is no layer ${layer}.`;
      chosen.add(layer);
    }
  }
  if (chosen.size > 0 && chosen.size === layers.size) return 'A layer at least must stay.';
  return [...chosen].sort((a, b) => a - b);
}

/** "3, 7-9" */
export function layersText(layers: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const layer of layers) {
    const last = runs.at(-1);
    if (last !== undefined && last[1] === layer - 1) last[1] = layer;
    else runs.push([layer, layer]);
  }
  return runs.map(([first, last]) => (first === last ? String(first) : `${first}-${last}`)).join(', ');
}
