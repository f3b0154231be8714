// Patterns that name modules in configurations: "lm_head", "re:.*mlp.*", "model.layers.*.self_attn", "+:^model\\.layers\\.3\\.".
import { type Budget, nameExpression } from './nameExpression.ts';

/** Patterns come from files: longer ones are no patterns of names. */
const MAX_PATTERN = 240;
/** Characters that are compared in the time of a step of an expression. */
const CHARACTERS_PER_STEP = 16;

export type NameTest = (module: string) => boolean;

/** A Python regular expression that is tried at the beginning of a name, as re.match does; null when it is not understood. */
export const regularExpression = (pattern: string, budget: Budget): NameTest | null =>
  pattern.length > MAX_PATTERN ? null : nameExpression(pattern, budget);

/** A name, the end of one, or a shell pattern with "*", as modules_to_not_convert and exclude_modules have them. */
export function namePattern(pattern: string, budget: Budget): NameTest | null {
  if (pattern.startsWith('re:')) return regularExpression(pattern.slice(3), budget);
  if (pattern.length > MAX_PATTERN || pattern === '') return null;
  if (pattern.includes('*')) {
    const pieces = pattern.split('*').map((piece) => piece.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
    return nameExpression(`${pieces.join('.*')}(?:$|\\.)`, budget);
  }
  // "lm_head" means the module of that name at any depth, and everything inside it.
  return (module) => {
    if ((budget.steps -= Math.ceil(module.length / CHARACTERS_PER_STEP)) < 0) return false;
    return (
      module === pattern ||
      module.startsWith(`${pattern}.`) ||
      module.endsWith(`.${pattern}`) ||
      module.includes(`.${pattern}.`)
    );
  };
}
