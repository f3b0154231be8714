// Patterns that name modules in configurations: "lm_head", "re:.*mlp.*", "model.layers.*.self_attn", "+:^model\\.layers\\.3\\.".

/** Patterns come from files: longer ones, or such that can take ages to match, are not understood. */
const MAX_PATTERN = 240;
/** Each open-ended piece multiplies the time of a failing match by the length of the name. */
const MAX_OPEN_ENDED = 3;

export type NameTest = (module: string) => boolean;

/** A Python regular expression that is tried at the beginning of a name, as re.match does; null when it is not understood. */
export function regularExpression(pattern: string): NameTest | null {
  if (pattern.length > MAX_PATTERN || !isHarmless(pattern)) return null;
  try {
    const compiled = new RegExp(`^(?:${pattern})`);
    return (module) => compiled.test(module);
  } catch {
    return null; // Python knows what JavaScript does not: the pattern is left out
  }
}

/** A name, the end of one, or a shell pattern with "*", as modules_to_not_convert and exclude_modules have them. */
export function namePattern(pattern: string): NameTest | null {
  if (pattern.startsWith('re:')) return regularExpression(pattern.slice(3));
  if (pattern.length > MAX_PATTERN || pattern === '') return null;
  if (!pattern.includes('*')) {
    // "lm_head" means the module of that name at any depth, and everything inside it.
    return (module) =>
      module === pattern ||
      module.startsWith(`${pattern}.`) ||
      module.endsWith(`.${pattern}`) ||
      module.includes(`.${pattern}.`);
  }
  const pieces = pattern.split('*').map((piece) => piece.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  if (pieces.length - 1 > MAX_OPEN_ENDED) return null;
  const compiled = new RegExp(`^${pieces.join('.*')}(?:$|\\.)`);
  return (module) => compiled.test(module);
}

/** No repeated group (its inside may repeat too), no look-around or back reference, few pieces without an end. */
function isHarmless(pattern: string): boolean {
  if (/\)[*+{]|\(\?[^:]|\\[1-9]/.test(pattern)) return false;
  return (pattern.match(/[*+]|\{\d*,\}/g) ?? []).length <= MAX_OPEN_ENDED;
}
