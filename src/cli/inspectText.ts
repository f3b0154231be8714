// A model as text for a terminal: the facts, the mix of types, a line a layer and a tensor, the problems.
import {
  formatBits,
  formatBytes,
  formatCount,
  formatPercent,
  formatShape,
  plural,
} from '../core/base/units.ts';
import { visibleText } from '../core/base/visibleText.ts';
import { tensorBits } from '../core/formats/tensorBits.ts';
import type { Model, Opened } from '../core/formats/model.ts';
import { factsOf } from '../app/present/facts.ts';
import { hyperparametersOf } from '../app/present/hyperparameters.ts';
import { containerName } from '../app/present/modelView.ts';
import { tableOrder } from '../app/present/tableOrder.ts';
import { totalsOf } from '../app/present/totals.ts';
import { typeViews } from '../app/present/typeViews.ts';
import { table } from './table.ts';

export function inspectionText(path: string, { model, problems }: Opened): string {
  const lines = model === null ? [] : [...summary(path, model), '', ...types(model), '', ...tensors(model)];
  if (problems.length > 0) {
    lines.push('', plural(problems.length, 'problem'));
    for (const { severity, code, byteOffset, text } of problems)
      lines.push(
        `  ${severity}: ${text} [${code}${byteOffset === null ? '' : ` at byte ${formatCount(byteOffset)}`}]`,
      );
  }
  return `${lines.join('\n')}\n`;
}

function summary(path: string, model: Model): string[] {
  const totals = totalsOf(model);
  const facts = factsOf(model, totals, hyperparametersOf(model));
  const line = facts
    .map(({ lead, value, word }) => [lead, value, word].filter((text) => text !== '').join(' '))
    .join(' · ');
  const title = model.name === null ? visibleText(path) : `${visibleText(model.name)} (${visibleText(path)})`;
  return [title, `${containerName(model)} · ${line}`, `${formatBits(totals.bitsPerWeight)} bits per weight`];
}

function types(model: Model): string[] {
  const totals = totalsOf(model);
  const rows = typeViews(model.tensors).map(({ name, bitsPerWeight: bits, tensorCount, bytes, weights }) => [
    name,
    formatBits(bits),
    formatCount(tensorCount),
    formatBytes(bytes),
    `${formatPercent(totals.tensorBytes === 0 ? 0 : bytes / totals.tensorBytes)} %`,
    `${formatPercent(totals.parameterCount === 0 ? 0 : weights / totals.parameterCount)} %`,
  ]);
  return table([['type', 'bits/weight', 'tensors', 'bytes', 'of bytes', 'of weights'], ...rows], [true]);
}

function tensors(model: Model): string[] {
  const { rows, groups } = tableOrder(model);
  const cells = [['tensor', 'type', 'bits/weight', 'shape', 'weights', 'bytes', 'offset', '']];
  const heads = new Map<number, string>();
  let group = -1;
  for (const row of rows) {
    const { tensor } = row;
    const label = groups[row.group]?.label ?? '';
    if (row.group !== group && label !== '') heads.set(cells.length, label);
    group = row.group;
    cells.push([
      `${label === '' ? '' : '  '}${visibleText(tensor.name)}`,
      visibleText(tensor.scheme.name),
      formatBits(tensorBits(tensor)),
      formatShape(tensor.shape),
      formatCount(tensor.elementCount),
      tensor.byteLength === null ? '–' : formatCount(tensor.byteLength),
      formatCount(tensor.byteOffset),
      tensor.state === 'whole' ? '' : tensor.state,
    ]);
  }
  return table(cells, [true, true]).flatMap((line, at) =>
    heads.has(at) ? [heads.get(at) ?? '', line] : [line],
  );
}
