// What the map shows: tensors gathered into cells by stack, role and layer, with the sums at its edges.
import type { ModelView, RoleView } from '../../../src/protocol/modelView.ts';
import { rowState, type Rows } from '../tensors/rows.ts';
import { measuresOf } from '../tensors/measures.ts';

/** All tensors of one role in one layer: usually one; with its bias, or with experts of their own, more. */
export interface MapCell {
  /** What it is: "attn_q, layer 3". */
  readonly title: string;
  /** Its tensors: rows of the table. Never empty. */
  readonly rows: readonly number[];
  readonly bytes: number;
  /** Sum of bits over sum of weights; NaN where one of its tensors is of unknown type. */
  readonly bits: number;
  /** The type that has most of its bytes: index into the types of the model. */
  readonly type: number;
  /** Some of its bytes are not in the file, or its declaration contradicts itself. */
  readonly absent: boolean;
  /** The latter. */
  readonly invalid: boolean;
}

export interface MapRow {
  readonly role: RoleView;
  /** By layer. */
  readonly cells: ReadonlyMap<number, MapCell>;
  /** Over all layers. */
  readonly sum: MapCell;
}

/** A stack of layers: the language model's own, a vision tower, an encoder. */
export interface MapStack {
  /** '' for the model's own. */
  readonly name: string;
  readonly rows: readonly MapRow[];
  /** Roles without layer that stand before the layers and after them, thin ones first. */
  readonly input: readonly EdgeCell[];
  readonly output: readonly EdgeCell[];
  /** Over all roles, by layer. */
  readonly sums: ReadonlyMap<number, MapCell>;
  /** Over all layers and edges. */
  readonly sum: MapCell;
}

export interface EdgeCell {
  readonly role: RoleView;
  readonly cell: MapCell;
}

export interface MapContent {
  /** The layer numbers that occur, ascending: the columns. */
  readonly layers: readonly number[];
  readonly stacks: readonly MapStack[];
  /** Roles of no layer that are neither input nor output. */
  readonly others: readonly EdgeCell[];
}

export function mapContent(model: ModelView, rows: Rows): MapContent {
  const rowsByCell = gather(model, rows);
  const cellOf = (members: readonly number[], title: string): MapCell => mapCell(model, rows, members, title);
  const stacks = new Map<string, RoleIndexes>();
  const layers = new Set<number>();

  for (const [role, byLayer] of rowsByCell) {
    const name = roleAt(model, role).stack;
    const stack = stacks.get(name) ?? { layered: [], single: [] };
    stacks.set(name, stack);
    if (byLayer.has(NO_LAYER)) stack.single.push(role);
    if (byLayer.size > (byLayer.has(NO_LAYER) ? 1 : 0)) stack.layered.push(role);
    for (const layer of byLayer.keys()) if (layer !== NO_LAYER) layers.add(layer);
  }

  const others: EdgeCell[] = [];
  const mapStacks: MapStack[] = [];
  for (const [name, { layered, single }] of stacks) {
    const edges = single.map((index): EdgeCell => {
      const role = roleAt(model, index);
      return { role, cell: cellOf(rowsByCell.get(index)?.get(NO_LAYER) ?? [], role.label) };
    });
    const side = (section: RoleView['section']): EdgeCell[] =>
      edges
        .filter(({ role }) => role.section === section)
        .sort((a, b) => Number(b.role.thin) - Number(a.role.thin));
    const hasLayers = layered.length > 0;
    others.push(
      ...edges.filter(({ role }) => !hasLayers || (role.section !== 'input' && role.section !== 'output')),
    );
    if (!hasLayers) continue;
    const mapRows = layered.map((index): MapRow => {
      const role = roleAt(model, index);
      const byLayer = [...(rowsByCell.get(index) ?? [])].filter(([layer]) => layer !== NO_LAYER);
      const cells = new Map<number, MapCell>();
      for (const [layer, members] of byLayer)
        cells.set(layer, cellOf(members, `${role.label}, layer ${layer}`));
      return {
        role,
        cells,
        sum: cellOf(
          byLayer.flatMap(([, members]) => members),
          `${role.label} in all layers`,
        ),
      };
    });
    mapStacks.push({
      name,
      rows: mapRows,
      input: side('input'),
      output: side('output'),
      sums: sumsByLayer(mapRows, name === '' ? 'Layer' : `${name} layer`, cellOf),
      sum: cellOf(
        [...mapRows.map(({ sum }) => sum), ...edges.map(({ cell }) => cell)].flatMap((cell) => cell.rows),
        name,
      ),
    });
  }
  return { layers: [...layers].sort((a, b) => a - b), stacks: mapStacks, others };
}

interface RoleIndexes {
  readonly layered: number[];
  readonly single: number[];
}

const NO_LAYER = -1;
const NO_ROLE: RoleView = {
  label: '',
  stack: '',
  section: 'other',
  thin: false,
  layered: false,
  title: '',
  sentence: '',
};
const roleAt = (model: ModelView, index: number): RoleView => model.roles[index] ?? NO_ROLE;

/** Rows by role (in map order) and layer. A role that stands beside the layers has all its rows in no layer. */
function gather(model: ModelView, rows: Rows): Map<number, Map<number, number[]>> {
  const byRole: Map<number, number[]>[] = model.roles.map(() => new Map<number, number[]>());
  for (let row = 0; row < rows.count; row++) {
    const role = rows.role[row] ?? 0;
    const layer = model.roles[role]?.layered === true ? (rows.layer[row] ?? NO_LAYER) : NO_LAYER;
    const cells = byRole[role];
    const members = cells?.get(layer);
    if (members === undefined) cells?.set(layer, [row]);
    else members.push(row);
  }
  return new Map([...byRole.entries()].filter(([, cells]) => cells.size > 0));
}

function sumsByLayer(
  rows: readonly MapRow[],
  word: string,
  cellOf: (members: readonly number[], title: string) => MapCell,
): Map<number, MapCell> {
  const members = new Map<number, number[]>();
  for (const { cells } of rows)
    for (const [layer, cell] of cells) {
      const all = members.get(layer);
      if (all === undefined) members.set(layer, [...cell.rows]);
      else all.push(...cell.rows);
    }
  return new Map([...members].map(([layer, all]) => [layer, cellOf(all, `${word} ${layer}`)]));
}

function mapCell(model: ModelView, rows: Rows, members: readonly number[], title: string): MapCell {
  const measures = measuresOf(model, rows);
  let bytes = 0;
  let bits = 0;
  let weights = 0;
  let absent = false;
  let invalid = false;
  let isMixed = false;
  const type = rows.type[members[0] ?? 0] ?? 0;
  for (const row of members) {
    const rowBytes = rows.bytes[row] ?? NaN;
    bytes += rowBytes;
    const rowWeights = rows.weights[row] ?? 0;
    if (rowWeights > 0) bits += Number.isNaN(measures.bits[row]) ? NaN : rowBytes * 8;
    weights += rowWeights;
    const state = rowState(rows, row);
    absent ||= state !== 'whole';
    invalid ||= state === 'invalid';
    isMixed ||= rows.type[row] !== type;
  }
  return {
    title,
    rows: members,
    bytes,
    bits: bits / weights,
    type: isMixed ? mostUsedType(rows, members) : type,
    absent,
    invalid,
  };
}

function mostUsedType(rows: Rows, members: readonly number[]): number {
  const bytesByType = new Map<number, number>();
  for (const row of members) {
    const type = rows.type[row] ?? 0;
    bytesByType.set(type, (bytesByType.get(type) ?? 0) + (rows.bytes[row] || 0));
  }
  return [...bytesByType].reduce((most, entry) => (entry[1] > most[1] ? entry : most))[0];
}
