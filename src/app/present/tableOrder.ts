// The order in which tensors are read: embeddings, layers, head, other stacks, the rest; inside a layer by role.
import type { Model, Tensor } from '../../core/formats/model.ts';
import type { Role } from '../../core/formats/naming/place.ts';
import { roleOf, roleRank } from '../../core/formats/naming/roles.ts';
import { visibleText, shorten } from '../../core/base/visibleText.ts';
import type { GroupView } from '../../protocol/modelView.ts';

/** More groups than any real model has layers; what a hostile file has beyond them shares the last group. */
const MAX_GROUPS = 4096;
const THE_REST = { label: 'All further tensors', layer: -1 } as const;
/** The same for rows of the map. */
const MAX_ROLES = 1024;
const MAX_LABEL = 120;

export interface TableRow {
  readonly tensor: Tensor;
  /** Index into `groups`. */
  readonly group: number;
  /** Index into `roles`. */
  readonly role: number;
}

export interface RoleOfModel {
  readonly role: Role;
  readonly stack: string;
  readonly label: string;
  readonly layered: boolean;
}

export interface TableOrder {
  readonly rows: readonly TableRow[];
  readonly groups: readonly GroupView[];
  readonly roles: readonly RoleOfModel[];
}

export function tableOrder(model: Model): TableOrder {
  const stacks = stackOrder(model.tensors);
  const keyed = model.tensors.map((tensor) => ({
    tensor,
    key: groupKey(tensor, stacks),
    rank: roleRank(tensor.place.role),
  }));
  keyed.sort(
    (a, b) =>
      compareKeys(a.key, b.key) ||
      a.rank - b.rank ||
      compareText(a.tensor.place.role, b.tensor.place.role) ||
      (a.tensor.place.expert ?? -1) - (b.tensor.place.expert ?? -1) ||
      partRank(a.tensor) - partRank(b.tensor) ||
      compareText(a.tensor.name, b.tensor.name),
  );

  const roles = rolesOf(model.tensors, stacks);
  const groups: (GroupView & { tensorCount: number })[] = [];
  let current = '';
  const rows = keyed.map(({ tensor, key }): TableRow => {
    const id = `${key.section}/${key.stack}/${key.layer}/${key.label}`;
    if (groups.length === 0 || (id !== current && groups.length < MAX_GROUPS)) {
      const isLast = groups.length === MAX_GROUPS - 1;
      const layer = tensor.place.layer ?? -1;
      groups.push(isLast ? { ...THE_REST, tensorCount: 0 } : { label: key.label, layer, tensorCount: 0 });
      current = id;
    }
    const group = groups[groups.length - 1];
    if (group !== undefined) group.tensorCount += 1;
    return { tensor, group: groups.length - 1, role: roles.indexOf(tensor) };
  });
  return { rows, groups, roles: roles.list };
}

interface GroupKey {
  /** 0 input, 1 layers, 2 output, 3 other singles, 4 other stacks, 5 not recognised. */
  readonly section: number;
  readonly stack: number;
  /** A stack's own tensors without layer come before (input) or after its layers. */
  readonly layer: number;
  readonly label: string;
}

function groupKey(tensor: Tensor, stacks: ReadonlyMap<string, number>): GroupKey {
  const { place } = tensor;
  const stack = stacks.get(place.stack) ?? 0;
  if (place.layer !== null) {
    const label = place.stack === '' ? `Layer ${place.layer}` : `${shown(place.stack)} layer ${place.layer}`;
    return { section: place.stack === '' ? 1 : 4, stack, layer: place.layer, label };
  }
  if (!place.recognized) return { section: 5, stack, layer: 0, label: shown(place.group) };
  const { section } = roleOf(place.role);
  if (place.stack !== '') {
    return { section: 4, stack, layer: section === 'input' ? -1 : Infinity, label: shown(place.stack) };
  }
  return { section: section === 'input' ? 0 : section === 'output' ? 2 : 3, stack, layer: 0, label: '' };
}

/** Every stack with its number: the language model's own first, the others as they appear. */
function stackOrder(tensors: readonly Tensor[]): ReadonlyMap<string, number> {
  const stacks = new Map([['', 0]]);
  for (const { place } of tensors) if (!stacks.has(place.stack)) stacks.set(place.stack, stacks.size);
  return stacks;
}

function rolesOf(
  tensors: readonly Tensor[],
  stacks: ReadonlyMap<string, number>,
): { list: RoleOfModel[]; indexOf(tensor: Tensor): number } {
  const keyOf = ({ place }: Tensor): string =>
    `${place.stack}\n${place.recognized || place.layer !== null ? place.role : place.group}`;
  const found = new Map<string, { role: Role; stack: string; label: string; layered: boolean }>();
  const rest = { role: roleOf(''), stack: '', label: 'other', layered: false };
  for (const tensor of tensors) {
    const { place } = tensor;
    const key = keyOf(tensor);
    const known = found.get(key);
    if (known !== undefined) known.layered ||= place.layer !== null;
    else if (found.size < MAX_ROLES) {
      const name = key.slice(key.indexOf('\n') + 1) || 'other';
      const label = shown(place.stack === '' ? name : `${place.stack}.${name}`);
      found.set(key, { role: roleOf(name), stack: place.stack, label, layered: place.layer !== null });
    }
  }
  const entries = [...found].sort(
    ([, a], [, b]) =>
      (stacks.get(a.stack) ?? 0) - (stacks.get(b.stack) ?? 0) ||
      roleRank(a.role.id) - roleRank(b.role.id) ||
      compareText(a.label, b.label),
  );
  const index = new Map(entries.map(([key], position) => [key, position]));
  const list: RoleOfModel[] = entries.map(([, role]) => role);
  if (found.size === MAX_ROLES) list.push(rest);
  return { list, indexOf: (tensor) => index.get(keyOf(tensor)) ?? list.length - 1 };
}

const compareKeys = (a: GroupKey, b: GroupKey): number =>
  a.section - b.section ||
  a.stack - b.stack ||
  compareNumbers(a.layer, b.layer) ||
  compareText(a.label, b.label);
/** Also for infinities, whose difference is not a number. */
const compareNumbers = (a: number, b: number): number => (a < b ? -1 : a > b ? 1 : 0);
const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const partRank = ({ place }: Tensor): number => (place.part === 'weight' ? 0 : place.part === 'bias' ? 1 : 2);
const shown = (text: string): string => shorten(visibleText(text), MAX_LABEL);
