// Roles as the map and the hover cards show them, with this model's numbers in the sentence.
import { formatCount, plural } from '../../core/base/units.ts';
import type { RoleView } from '../../protocol/modelView.ts';
import type { Hyperparameters } from './hyperparameters.ts';
import type { RoleOfModel } from './tableOrder.ts';

export function roleViews(roles: readonly RoleOfModel[], known: Hyperparameters): RoleView[] {
  return roles.map(({ role, stack, label, layered }) => {
    const numbers = stack === '' ? numbersFor(role.id, known) : '';
    return {
      label,
      stack,
      section: role.section,
      thin: role.thin,
      layered,
      title: role.title,
      sentence: numbers === '' ? role.sentence : `${role.sentence.replace(/\.$/, '')}; ${numbers}.`,
    };
  });
}

/** "32 heads of 128"; '' where the model does not say. */
function numbersFor(role: string, known: Hyperparameters): string {
  const heads = known.heads?.value;
  const keyValueHeads = known.keyValueHeads?.value ?? heads;
  const embedding = known.embedding?.value;
  const size = known.headSize?.value ?? (heads && embedding ? embedding / heads : undefined);
  const headsOf = (many: number | undefined): string =>
    many === undefined
      ? ''
      : size !== undefined && Number.isInteger(size)
        ? `${plural(many, 'head')} of ${formatCount(size)}`
        : plural(many, 'head');
  switch (role) {
    case 'attn_q':
    case 'attn_output':
      return headsOf(heads);
    case 'attn_k':
    case 'attn_v':
      return headsOf(keyValueHeads);
    case 'token_embd':
    case 'output':
      return known.vocabulary === undefined
        ? ''
        : `${plural(known.vocabulary.value, 'token')} in the vocabulary`;
    case 'ffn_gate_inp':
      return expertsOf(known);
    default:
      return /^ffn_.*_exps$/.test(role) ? expertsOf(known) : '';
  }
}

function expertsOf({ experts, expertsUsed }: Hyperparameters): string {
  if (experts === undefined) return '';
  const used = expertsUsed === undefined ? '' : `, ${formatCount(expertsUsed.value)} used per token`;
  return `${plural(experts.value, 'expert')}${used}`;
}
