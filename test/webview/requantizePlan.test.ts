// A plan on the page: the model as it would be, what gestures on its map mean, what is predicted of it, what its filter finds.
import { describe, expect, it } from 'vitest';
import {
  ERROR_KINDS,
  NOT_WRITTEN,
  NO_WHY,
  type PlanView,
  type PredictedErrors,
  type TensorTypeView,
} from '../../src/protocol/requantize.ts';
import {
  addErrors,
  keptErrors,
  kindOf,
  noErrors,
  relativeText,
  sqnrText,
  sumText,
} from '../../webview/requantize/errors.ts';
import {
  rowsBetween,
  rowsInRectangle,
  rowsOfBox,
  rowsOfLabel,
} from '../../webview/requantize/map/mapSelect.ts';
import { assign, NO_OVERRIDES } from '../../webview/requantize/overrides.ts';
import { plannedOf, type WholePlan } from '../../webview/requantize/planned.ts';
import { planColumns } from '../../webview/requantize/table/columns.ts';
import { ALL_KEYS, planColumnsOf } from '../../webview/requantize/table/planFilter.ts';
import { parseFilter } from '../../webview/shared/filter/filterLanguage.ts';
import { applyFilter } from '../../webview/shared/filter/filterRows.ts';
import { mapContent } from '../../webview/shared/map/mapCells.ts';
import { layOutMap, type Box } from '../../webview/shared/map/mapLayout.ts';
import { measuresOf } from '../../webview/shared/tensors/measures.ts';
import { llama } from './tableModels.ts';

const { model, rows } = llama();
const row = (name: string): number => rows.names.indexOf(name);
const tensorType = (name: string, bitsPerWeight: number, blockWeights: number): TensorTypeView => ({
  ...{ name, bitsPerWeight, blockWeights, needsImatrix: false },
});
const TYPES = [tensorType('Q8_0', 8.5, 32), tensorType('Q2_K', 2.625, 256), tensorType('IQ1_X', 1.5, 512)];

/** Everything as it is but matrices, which become Q2_K; without the layers left out. */
function planOf(leftOut: readonly number[] = [], id = 'plan'): WholePlan {
  const types = [
    { ...model.types[0]!, name: 'Q2_K', bitsPerWeight: 2.625 },
    { ...model.types[0]!, name: 'F32', bitsPerWeight: 32 },
  ];
  const isOut = (at: number): boolean => leftOut.includes(rows.layer[at] ?? -1);
  const column = (value: (at: number) => number): number[] =>
    Array.from({ length: rows.count }, (_item, at) => value(at));
  const isMatrix = (at: number): boolean => (rows.rank[at] ?? 0) > 1;
  const reasons: PlanView['reasons'] = [
    { kind: 'mix', text: 'As most tensors of Q2_K' },
    { kind: 'kept', text: 'Vectors stay as they are' },
  ];
  return {
    view: {
      ...{ id, types, reasons, imatrix: null },
      after: { fileBytes: 1000, tensorBytes: 900, weights: 1, bitsPerWeight: 3 },
    } as unknown as PlanView,
    columns: {
      ...{ first: 0, count: rows.count },
      to: Uint16Array.from(column((at) => (isOut(at) ? NOT_WRITTEN : isMatrix(at) ? 0 : 1))),
      reason: Uint16Array.from(column((at) => (isOut(at) ? NOT_WRITTEN : isMatrix(at) ? 0 : 1))),
      bytesAfter: Float64Array.from(
        column((at) => (isOut(at) ? 0 : ((rows.weights[at] ?? 0) * (isMatrix(at) ? 2.625 : 32)) / 8)),
      ),
      turn: Uint32Array.from(column((at) => (isOut(at) ? 0 : at + 1))),
    },
    overrides: NO_OVERRIDES,
  };
}

describe('the model as it is planned', () => {
  it('has the types and bytes of the plan', () => {
    const planned = plannedOf(model, rows, planOf(), NO_OVERRIDES, TYPES);
    const { bits } = measuresOf(planned.model, planned.rows);
    expect(bits[row('blk.0.attn_q.weight')]).toBe(2.625);
    expect(bits[row('blk.0.attn_norm.weight')]).toBe(32);
    expect(planned.isWaiting).toBe(false);
  });

  it('shows a chosen type before llama.cpp has answered, where the rows fit it', () => {
    const chosen = assign(assign(NO_OVERRIDES, [row('blk.0.attn_q.weight')], 0), [row('output.weight')], 2);
    const planned = plannedOf(model, rows, planOf(), chosen, TYPES);
    const at = row('blk.0.attn_q.weight');
    expect(planned.model.types[planned.rows.type[at] ?? 0]?.name).toBe('Q8_0');
    expect(planned.rows.bytes[at]).toBe(256 * 256 * (8.5 / 8));
    // Rows of 256 are no multiple of 512: llama.cpp will choose another type.
    expect(planned.model.types[planned.rows.type[row('output.weight')] ?? 0]?.name).toBe('Q2_K');
    expect([planned.waiting[at], planned.waiting[row('output.weight')], planned.waiting[0]]).toEqual([
      1, 1, 0,
    ]);
  });

  it('counts a tensor that is left out for nothing, and its cell is not there', () => {
    const planned = plannedOf(model, rows, planOf([1]), NO_OVERRIDES, TYPES);
    const content = mapContent(planned.model, planned.rows);
    const line = content.stacks[0]!.rows.find(({ role }) => role.label === 'attn_q')!;
    expect(line.sum.bits).toBe(2.625);
    expect(line.cells.get(1)!.absent).toBe(true);
    expect(line.cells.get(0)!.absent).toBe(false);
  });
});

describe('gestures on the map', () => {
  const layout = layOutMap(mapContent(model, rows), 1000, 92);
  const box = (name: string): Box =>
    layout.boxes.find(({ kind, cell }) => kind !== 'sum' && cell.rows.includes(row(name)))!;
  const names = (found: readonly number[] | null): string[] =>
    (found ?? []).map((at) => rows.names[at] ?? '').sort();
  const middle = ({ x, y, width, height }: Box) => ({ x: x + width / 2, y: y + height / 2 });

  it('a rectangle takes the cells that it touches, and no norms beside matrices', () => {
    const from = middle(box('blk.0.attn_q.weight'));
    const to = middle(box('blk.1.ffn_down.weight'));
    const found = rowsInRectangle(layout, { left: from.x, top: from.y, right: to.x, bottom: to.y });
    expect(names(found)).toEqual([
      'blk.0.attn_q.weight',
      'blk.0.attn_v.bias',
      'blk.0.attn_v.weight',
      'blk.0.ffn_down.weight',
      'blk.1.attn_q.weight',
      'blk.1.attn_v.bias',
      'blk.1.attn_v.weight',
      'blk.1.ffn_down.weight',
    ]);
  });

  it('a rectangle around norms alone takes norms', () => {
    const { x, y } = middle(box('blk.0.attn_norm.weight'));
    expect(names(rowsInRectangle(layout, { left: x, top: y, right: x + 1, bottom: y }))).toEqual([
      'blk.0.attn_norm.weight',
    ]);
  });

  it('the way between two cells has no neighbors in it', () => {
    const found = rowsBetween(layout, box('blk.0.ffn_down.weight'), box('blk.1.ffn_down.weight'));
    expect(names(found)).toEqual(['blk.0.ffn_down.weight', 'blk.1.ffn_down.weight']);
  });

  it('the sum of a layer is its matrices, the name of a role all of its layers', () => {
    const sum = layout.boxes.find(({ kind }) => kind === 'sum')!;
    expect(names(rowsOfBox(layout, sum))).toEqual([
      'blk.0.attn_q.weight',
      'blk.0.attn_v.bias',
      'blk.0.attn_v.weight',
      'blk.0.ffn_down.weight',
    ]);
    const { y } = middle(box('blk.1.attn_q.weight'));
    expect(names(rowsOfLabel(layout, y))).toEqual(['blk.0.attn_q.weight', 'blk.1.attn_q.weight']);
    expect(rowsOfLabel(layout, -100)).toBeNull();
  });
});

function came(change: Partial<PredictedErrors>): PredictedErrors {
  const none = {
    ...{ sqnr: null, relativeRmse: 0, weights: 0, known: 0, tensors: 0, isEstimate: false },
  };
  return {
    ...{ plan: 'plan', serial: 1, more: false, state: 'running', total: 4, done: 1, count: 1 },
    ...{ row: Uint32Array.of(1), kind: Uint8Array.of(ERROR_KINDS.indexOf('estimate')) },
    ...{ sqnr: Float32Array.of(31.2), sqnrError: Float32Array.of(0.5) },
    ...{ relativeRmse: Float32Array.of(0.0275), weightedSqnr: Float32Array.of(NaN) },
    ...{ why: Uint16Array.of(NO_WHY), whys: [], whole: none, roles: [], notes: [], failure: '' },
    estimate: { seconds: null, memoryBytes: 0, timeText: '', memoryText: '' },
    ...change,
  };
}

describe('predicted errors', () => {
  it('fill in as they come; rows that the table does not have are left out', () => {
    const errors = addErrors(noErrors('plan', 3), came({ row: Uint32Array.of(1) }));
    expect([kindOf(errors, 0), kindOf(errors, 1)]).toEqual([null, 'estimate']);
    expect(errors.sqnr[1]).toBeCloseTo(31.2, 4);
    expect(addErrors(errors, came({ row: Uint32Array.of(7), serial: 2 })).serial).toBe(2);
  });

  it('stay for a tensor that the next plan gives the same type', () => {
    const [before, next] = [planOf(), planOf([], 'next')];
    next.columns.to[2] = 1;
    const known = addErrors(
      addErrors(noErrors('plan', rows.count), came({ row: Uint32Array.of(1) })),
      came({ row: Uint32Array.of(2) }),
    );
    const kept = keptErrors(known, before, next);
    expect([kindOf(kept, 1), kindOf(kept, 2)]).toEqual(['estimate', null]);
    const withImatrix = {
      ...next,
      view: { ...next.view, imatrix: { path: '/i', fileName: 'i', detail: '' } },
    };
    expect(kindOf(keptErrors(known, before, withImatrix), 1)).toBeNull();
  });

  it.each([
    ['estimate', 31.24, '≈ 31.2'],
    ['measured', 31.24, '31.2'],
    ['kept', Infinity, 'exact'],
    ['measured', Infinity, 'exact'],
    ['unavailable', NaN, '–'],
    [null, NaN, '…'],
  ] as const)('%s of %s dB reads "%s"', (kind, sqnr, text) => expect(sqnrText(kind, sqnr, '…')).toBe(text));

  it.each([
    ['estimate', 0.02749, '≈ 2.75'],
    ['measured', 0.0005, '0.05'],
    ['kept', 0, '0'],
    ['unavailable', NaN, '–'],
    [null, NaN, '…'],
  ] as const)('%s of %s reads "%s" percent', (kind, relative, text) =>
    expect(relativeText(kind, relative, '…')).toBe(text),
  );

  it.each([
    [{ sqnr: 22.94, known: 4, tensors: 4, isEstimate: false }, '22.9 dB'],
    [{ sqnr: 22.94, known: 3, tensors: 4, isEstimate: false }, '≈ 22.9 dB'],
    [{ sqnr: 22.94, known: 4, tensors: 4, isEstimate: true }, '≈ 22.9 dB'],
    [{ sqnr: null, known: 4, tensors: 4, isEstimate: false }, 'exact'],
    [{ sqnr: null, known: 3, tensors: 4, isEstimate: false }, ''],
    [{ sqnr: null, known: 0, tensors: 4, isEstimate: false }, ''],
  ])('the sum %j reads "%s"', (sum, text) =>
    expect(sumText({ relativeRmse: 0, weights: 1, ...sum })).toBe(text),
  );
});

describe('the filter of the plan', () => {
  const chosen = assign(NO_OVERRIDES, [row('blk.0.attn_q.weight')], 0);
  const plan = planOf();
  const planned = plannedOf(model, rows, plan, chosen, TYPES);
  const errors = addErrors(noErrors('plan', rows.count), came({ row: Uint32Array.of(row('output.weight')) }));
  const found = (text: string): string[] => {
    const own = planColumnsOf({ model, rows, plan, overrides: chosen, errors });
    const { matches } = applyFilter(parseFilter(text, ALL_KEYS), planned.model, planned.rows, own);
    return rows.names.filter((_name, at) => matches === null || matches[at] === 1);
  };

  it.each([
    ['type:q8_0', ['blk.0.attn_q.weight']],
    ['why:override', ['blk.0.attn_q.weight']],
    ['why:mix role:output -norm', ['output.weight']],
    ['reason:vectors layer:0', ['blk.0.attn_norm.weight', 'blk.0.attn_v.bias', 'blk.0.ffn_norm.weight']],
    ['from:q6_k', ['blk.1.attn_v.weight', 'output.weight']],
    ['sqnr<40', ['output.weight']],
    ['sqnr:31.2', ['output.weight']],
    ['error>2', ['output.weight']],
    ['error>3', []],
    ['before>100kB bpw<3 layer:0-1', ['blk.0.ffn_down.weight', 'blk.1.ffn_down.weight']],
  ])('%s finds %j', (text, names) => expect(found(text)).toEqual(names));

  it('says which keys there are', () => {
    expect(parseFilter('kurtosis>3', ALL_KEYS)).toMatchObject([
      { error: expect.stringMatching(/no key “kurtosis”.*reason, why, before, sqnr, error/) as string },
    ]);
  });
});

describe('the columns of the plan', () => {
  const columnsAt = (width: number, isWriting = false) =>
    planColumns(model, { width, hasPlan: true, isWriting, plannedTypes: ['Q4_K', 'F32'] });

  it.each([
    [1070, false, 'name from to reason sqnr error before after'],
    [860, false, 'name from to reason sqnr error after'],
    [720, false, 'name from to reason sqnr after'],
    [620, false, 'name to reason sqnr after'],
    [860, true, 'name from to reason state before after'],
    [720, true, 'name from to reason state after'],
  ])('in a table of %i px, writing: %j, are %s', (width, isWriting, ids) =>
    expect(
      columnsAt(width, isWriting)
        .map(({ id }) => id)
        .join(' '),
    ).toBe(ids),
  );

  it('leave the reason its room, and stay within the table, down to 660 px', () => {
    for (const isWriting of [false, true])
      for (let width = 660; width <= 1400; width += 20) {
        const columns = columnsAt(width, isWriting);
        expect(columns.find(({ id }) => id === 'reason')!.least, `${width} px`).toBeGreaterThanOrEqual(208);
        expect(columns.reduce((sum, { least }) => sum + least, 0)).toBeLessThanOrEqual(width);
      }
  });
});
