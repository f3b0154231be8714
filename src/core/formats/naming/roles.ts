// What the tensors of a model do: every role in the order of the rows of the map. The ids are llama.cpp's tensor names
// (gguf-py/gguf/constants.py, TENSOR_NAMES); names of other origin are translated to them in hfRoles.ts.
import { ATTENTION_ROLES } from './attentionRoles.ts';
import { EXPERT_ROLES, FEED_FORWARD_ROLES } from './feedForwardRoles.ts';
import { INPUT_ROLES, OTHER_ROLES, OUTPUT_ROLES } from './outerRoles.ts';
import type { Role, RoleSection } from './place.ts';
import type { RoleRow } from './roleRow.ts';
import { SSM_ROLES } from './ssmRoles.ts';

const TABLE: readonly (readonly [RoleSection, readonly RoleRow[]])[] = [
  ['input', INPUT_ROLES],
  ['attention', ATTENTION_ROLES],
  ['ssm', SSM_ROLES],
  ['feedForward', FEED_FORWARD_ROLES],
  ['experts', EXPERT_ROLES],
  ['other', OTHER_ROLES],
  ['output', OUTPUT_ROLES],
];

/** Every known role, in map order. */
export const ROLES: readonly Role[] = TABLE.flatMap(([section, rows]) =>
  rows.map(([mark, title, sentence]) => {
    const thin = mark.startsWith('*');
    return { id: thin ? mark.slice(1) : mark, section, thin, title, sentence };
  }),
);

const rankOf = new Map(ROLES.map((role, rank) => [role.id, rank]));

export function isKnownRole(id: string): boolean {
  return rankOf.has(id);
}

/** Where the row of a role stands; unknown roles come after all known ones, with one rank. */
export function roleRank(id: string): number {
  return rankOf.get(id) ?? ROLES.length;
}

/** The role of an id; for an unknown one, a row under "other" that says so. */
export function roleOf(id: string): Role {
  const known = ROLES[roleRank(id)];
  if (known !== undefined) return known;
  const sentence = 'What this tensor does is not known: its name is not in the table of roles.';
  return { id, section: 'other', thin: /(^|[._])(norm|ln)(_|\d|$)|norm$/.test(id), title: id, sentence };
}
