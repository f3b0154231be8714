// A model as a report: JSON with everything, CSV of its tensors, Markdown to attach to an issue.
import { tensorBits } from '../../core/formats/tensorBits.ts';
import { formatBits, formatCount, formatPercent } from '../../core/base/units.ts';
import { shorten, visibleText } from '../../core/base/visibleText.ts';
import {
  isArrayRef,
  type MetadataEntry,
  type Model,
  type Opened,
  type StoredPart,
  type Tensor,
} from '../../core/formats/model.ts';
import type { TypeView } from '../../protocol/modelView.ts';
import type { ReportFormat } from '../ports.ts';
import { factsOf } from './facts.ts';
import { asCode as code, escapeMarkdown } from './markdown.ts';
import { hyperparametersOf } from './hyperparameters.ts';
import { meaningText, valueText } from './metadataViews.ts';
import { partViews } from './partViews.ts';
import { containerName, type Presented } from './modelView.ts';
import type { TableRow } from './tableOrder.ts';
import { totalsOf } from './totals.ts';
import { typeViews } from './typeViews.ts';

export function reportOf(opened: Opened, presented: Presented, format: ReportFormat): string {
  switch (format) {
    case 'json':
      return `${JSON.stringify(inspection(opened), null, 2)}\n`;
    case 'csv':
      return csv(opened.model?.tensors ?? []);
    case 'markdown':
      return markdown(opened, presented);
  }
}

/** The object that `quantscope inspect --json` prints: names exactly as in the file; numbers JSON cannot hold as text. */
export function inspection({ model, problems }: Opened): object {
  if (model === null) return { container: null, problems };
  const totals = totalsOf(model);
  return {
    container: model.container,
    version: model.version,
    endianness: model.endianness,
    architecture: model.architecture,
    name: model.name,
    parameterCount: totals.parameterCount,
    fileBytes: totals.fileBytes,
    bitsPerWeight: totals.bitsPerWeight,
    typeShares: typeViews(model.tensors).map(
      ({ name, tensorCount, bytes, weights, bitsPerWeight: bits }) => ({
        type: name,
        tensorCount,
        byteLength: bytes,
        elementCount: weights,
        bitsPerWeight: bits,
        byteShare: share(bytes, totals.tensorBytes),
        elementShare: share(weights, totals.parameterCount),
      }),
    ),
    shards: model.files.map(({ name, size, expectedSize }) => ({
      name,
      fileBytes: size,
      expectedBytes: expectedSize,
    })),
    tensors: model.tensors.map((tensor) => ({
      name: tensor.name,
      layer: tensor.place.layer,
      role: tensor.place.role,
      type: tensor.scheme.name,
      shape: tensor.shape,
      elementCount: tensor.elementCount,
      byteLength: tensor.byteLength,
      bitsPerWeight: tensorBits(tensor),
      byteOffset: tensor.byteOffset,
      shard: tensor.file,
      state: tensor.state,
      ...(tensor.packed === null
        ? {}
        : { packing: tensor.packed.matrix.packing, parts: tensor.packed.parts.map(partObject) }),
    })),
    metadata: metadataObject(model.metadata),
    problems: problems.map(({ code, severity, byteOffset, text, file, tensor }) => ({
      code,
      severity,
      byteOffset,
      text,
      shard: file,
      ...(tensor === undefined ? {} : { tensor }),
    })),
  };
}

/** A stored tensor of a packed matrix, named as in the file. */
const partObject = ({ use, tensor }: StoredPart): object => ({
  name: tensor.name,
  use,
  type: tensor.scheme.name,
  shape: tensor.shape,
  byteLength: tensor.byteLength,
  byteOffset: tensor.byteOffset,
  shard: tensor.file,
  state: tensor.state,
});

const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);

/** key → value; the first of two equal keys. Without prototype, so that a key named __proto__ is a key. */
function metadataObject(metadata: readonly MetadataEntry[]): object {
  const object = Object.create(null) as Record<string, unknown>;
  for (const { key, value } of metadata) if (!(key in object)) object[key] = jsonValue(value);
  return object;
}

function jsonValue(value: MetadataEntry['value']): unknown {
  if (isArrayRef(value)) return { type: value.itemType, count: value.count };
  if (typeof value === 'bigint' || (typeof value === 'number' && !Number.isFinite(value)))
    return String(value);
  return value;
}

const CSV_COLUMNS =
  'name,layer,role,type,shape,element_count,byte_length,bits_per_weight,byte_offset,shard,state,part_of,use';

/** A packed matrix is followed by the stored tensors it is made of: sums over lines without `part_of` count nothing twice. */
function csv(tensors: readonly Tensor[]): string {
  const lines = tensors.flatMap((tensor) => [
    csvLine(tensor, '', ''),
    ...(tensor.packed?.parts ?? []).map((part) => csvLine(part.tensor, tensor.name, part.use)),
  ]);
  return `${[CSV_COLUMNS, ...lines].join('\n')}\n`;
}

function csvLine(tensor: Tensor, partOf: string, use: string): string {
  return [
    csvText(visibleText(tensor.name)),
    tensor.place.layer ?? '',
    csvText(visibleText(tensor.place.role)),
    csvText(visibleText(tensor.scheme.name)),
    tensor.shape.join('x'),
    tensor.elementCount,
    tensor.byteLength ?? '',
    tensorBits(tensor) ?? '',
    tensor.byteOffset,
    tensor.file,
    tensor.state,
    csvText(visibleText(partOf)),
    use,
  ].join(',');
}

/** Quoted where needed; a text that a spreadsheet would run as a formula gets an apostrophe. */
function csvText(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** What fits an issue: GitHub takes 65,536 characters. */
const MAX_MARKDOWN_PROBLEMS = 30;
const MAX_MARKDOWN_METADATA = 120;
const MAX_MARKDOWN_ROLES = 120;
const MAX_MARKDOWN_VALUE = 120;

function markdown({ model, problems }: Opened, { snapshot, order }: Presented): string {
  const lines = [`# ${escapeMarkdown(snapshot.kind === 'model' ? snapshot.title : snapshot.fileName)}`, ''];
  if (model !== null && snapshot.kind === 'model') lines.push(...summary(model, snapshot.fileName));
  if (problems.length > 0) {
    const shown = problems.slice(0, MAX_MARKDOWN_PROBLEMS);
    lines.push('', '## Problems', '', '| | problem | code | at byte |', '|---|---|---|---:|');
    for (const { severity, text, code, byteOffset } of shown)
      lines.push(
        `| ${severity} | ${escapeMarkdown(text)} | \`${code}\` | ${byteOffset === null ? '' : formatCount(byteOffset)} |`,
      );
    if (problems.length > shown.length)
      lines.push('', `${formatCount(problems.length - shown.length)} more problems are not listed.`);
  }
  if (model !== null) lines.push(...typeTable(model), ...roleTable(order.rows), ...metadataTable(model));
  return `${lines.join('\n')}\n`;
}

function summary(model: Model, fileName: string): string[] {
  const totals = totalsOf(model);
  const facts = factsOf(model, totals, hyperparametersOf(model)).map(({ lead, value, word }) =>
    escapeMarkdown([lead, value, word].filter((text) => text !== '').join(' ')),
  );
  return [
    `${code(fileName)} · ${containerName(model)} · ${facts.join(' · ')}`,
    '',
    `**${formatBits(totals.bitsPerWeight)} bits per weight**, ${formatCount(totals.fileBytes)} bytes.`,
  ];
}

function typeTable(model: Model): string[] {
  const totals = totalsOf(model);
  const types = typeViews(model.tensors);
  const rows = types.map(({ name, tensorCount, bytes, weights, bitsPerWeight: bits }) => {
    const shares = `${formatPercent(share(bytes, totals.tensorBytes))} | ${formatPercent(share(weights, totals.parameterCount))}`;
    return `| ${code(name)} | ${formatBits(bits)} | ${formatCount(tensorCount)} | ${formatCount(bytes)} | ${shares} |`;
  });
  return [
    '',
    '## Types',
    '',
    '| type | bits per weight | tensors | bytes | % of bytes | % of weights |',
    '|---|---:|---:|---:|---:|---:|',
    ...rows,
    ...packedTypes(model, types),
  ];
}

/** Of what stored tensors the matrices of each packed type are made, and what each adds to the bits of a weight. */
function packedTypes({ tensors }: Model, types: readonly TypeView[]): string[] {
  const lines = types.flatMap(({ name, isPacked, cost }) => {
    const example = isPacked ? tensors.find(({ scheme }) => visibleText(scheme.name) === name) : undefined;
    if (example === undefined) return [];
    const parts = partViews(example).map((part) => `${code(part.name)} (${part.use}, ${part.type})`);
    return [`- ${code(name)}: ${parts.join(', ')}. ${escapeMarkdown(cost)}`.trimEnd()];
  });
  return lines.length === 0 ? [] : ['', 'Matrices of several stored tensors:', '', ...lines];
}

/** One line a role: which layers have which type. */
function roleTable(rows: readonly TableRow[]): string[] {
  const roles = new Map<string, Map<string, number[]>>();
  for (const { tensor } of rows) {
    const { stack, role, layer, part } = tensor.place;
    const name = [stack, role, part].filter((text) => text !== '').join('.');
    let types = roles.get(name);
    if (types === undefined) roles.set(name, (types = new Map<string, number[]>()));
    const layers = types.get(tensor.scheme.name) ?? [];
    layers.push(layer ?? -1);
    types.set(tensor.scheme.name, layers);
  }
  const lines = [...roles].slice(0, MAX_MARKDOWN_ROLES).map(([name, types]) => {
    const cells = [...types].map(([type, layers]) => `${code(type)} ${layerRanges(layers)}`.trim());
    return `| ${code(name)} | ${cells.join('; ')} |`;
  });
  const left = roles.size - lines.length;
  const more = left > 0 ? [`| … | ${formatCount(left)} more |`] : [];
  return ['', '## Tensors', '', '| tensor | type (layers) |', '|---|---|', ...lines, ...more];
}

/** [0,1,2,5] → "(0-2, 5)"; no layer → "". */
export function layerRanges(layers: readonly number[]): string {
  const numbers = [...new Set(layers.filter((layer) => layer >= 0))].sort((a, b) => a - b);
  const ranges: string[] = [];
  let first = numbers[0];
  numbers.forEach((layer, at) => {
    const next = numbers[at + 1];
    if (next === layer + 1) return;
    ranges.push(first === layer || first === undefined ? String(layer) : `${first}-${layer}`);
    first = next;
  });
  return ranges.length === 0 ? '' : `(${shorten(ranges.join(', '), MAX_MARKDOWN_VALUE)})`;
}

function metadataTable(model: Model): string[] {
  const shown = model.metadata.slice(0, MAX_MARKDOWN_METADATA);
  const rows = shown.map((entry) => {
    const { key, value, type } = entry;
    const meaning = meaningText(entry);
    const what = isArrayRef(value) ? `array of ${value.itemType}` : type;
    const text = code(shorten(valueText(entry), MAX_MARKDOWN_VALUE));
    return `| ${code(shorten(key, MAX_MARKDOWN_VALUE))} | ${what} | ${text}${meaning === '' ? '' : ` ${escapeMarkdown(meaning)}`} |`;
  });
  if (rows.length === 0) return [];
  const left = model.metadata.length - shown.length;
  const more = left > 0 ? [`| … | | ${formatCount(left)} more |`] : [];
  const head = ['', '<details><summary>Metadata</summary>', '', '| key | type | value |', '|---|---|---|'];
  return [...head, ...rows, ...more, '', '</details>'];
}
