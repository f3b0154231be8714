// An importance matrix for a quantization: checked against the tensors that need it, and what the output will say of it.
import { Failure, notFound, wrongUsage } from '../../core/base/failure.ts';
import { formatCount } from '../../core/base/units.ts';
import { shorten, visibleText } from '../../core/base/visibleText.ts';
import { divisorsOf, type Imatrix } from '../../core/formats/imatrix/imatrix.ts';
import { openImatrix } from '../../core/formats/imatrix/openImatrix.ts';
import type { ImportanceSource, MetadataOverride } from '../../protocol/quantize.ts';
import type { FileAccess } from '../ports.ts';
import { Obstacle } from './obstacle.ts';
import type { PlannedTensor } from './plan.ts';
import type { QuantizeTarget } from './targets.ts';

/** @throws Failure when it is none */
export function openImportance(files: FileAccess, path: string): Imatrix {
  const { imatrix, problems } = files.withFolder(path, (folder, fileName) => {
    const source = folder.open(fileName);
    if (source === null) throw notFound(path);
    return openImatrix(source, fileName);
  });
  if (imatrix !== null) return imatrix;
  const why = problems.find(({ severity }) => severity === 'error')?.text ?? 'nothing could be read.';
  throw new Failure('not-readable', `${visibleText(path)} cannot be used as an importance matrix: ${why}`);
}

/** For the engine. */
export function importanceSource(path: string, imatrix: Imatrix): ImportanceSource {
  return {
    path,
    ranges: imatrix.entries.map((entry) => ({
      name: entry.name,
      rowLength: entry.rowLength,
      byteOffset: entry.sumsOffset,
      counts: divisorsOf(imatrix, entry),
    })),
  };
}

/** What llama-quantize writes into the output. The name without folder: the same bytes wherever the file lies. */
export function importanceMetadata(
  path: string,
  { datasets, entries, chunkCount }: Imatrix,
): MetadataOverride[] {
  const [dataset] = datasets;
  return [
    { key: 'quantize.imatrix.file', type: 'str', value: cut(baseName(path)) },
    ...(dataset === undefined
      ? []
      : [{ key: 'quantize.imatrix.dataset', type: 'str' as const, value: cut(dataset) }]),
    { key: 'quantize.imatrix.entries_count', type: 'int', value: entries.length },
    ...((chunkCount ?? 0) > 0
      ? [{ key: 'quantize.imatrix.chunks_count', type: 'int' as const, value: chunkCount ?? 0 }]
      : []),
  ];
}

const baseName = (path: string): string =>
  path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);

const MAX_TEXT_BYTES = 127;

/** To as many bytes of UTF-8 as llama.cpp keeps, without half a character at the end. */
function cut(text: string): string {
  let kept = '';
  let bytes = 0;
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    if (bytes > MAX_TEXT_BYTES) break;
    kept += character;
  }
  return kept;
}

/** Types that are garbage without it: tensor_requires_imatrix of llama.cpp v0.4.0, src/llama-quant.cpp. */
export const NEEDY: readonly string[] = ['IQ1_S', 'IQ1_M', 'IQ2_XXS', 'IQ2_XS', 'IQ2_S', 'IQ3_XXS'];

export const needsImportance = (
  { name, from, to }: PlannedTensor,
  target: Pick<QuantizeTarget, 'name'>,
): boolean =>
  from !== to &&
  !/^((per_layer_)?token_embd|output)\.weight$/.test(name) &&
  (NEEDY.includes(to.name) || (to.name === 'Q2_K' && target.name === 'Q2_K_S'));

/**
 * Whether the importance matrix has what the plan needs, before hours are spent.
 * @returns sentences about what it lacks without harm @throws Failure wrong-usage
 */
export function checkImportance(
  tensors: readonly PlannedTensor[],
  target: QuantizeTarget,
  imatrix: Imatrix | null,
): string[] {
  const needy = tensors.filter((tensor) => needsImportance(tensor, target));
  const [first] = needy;
  if (imatrix === null) {
    if (first === undefined) return [];
    throw new Obstacle(
      'imatrix',
      `${target.name} needs an importance matrix: ${visibleText(first.name)} becomes ${first.to.name}, which is useless without.`,
    );
  }
  const entries = new Map(imatrix.entries.map((entry) => [entry.name, entry]));
  const missing = needy.find(({ source }) => !entries.has(source.name));
  if (missing !== undefined)
    throw wrongUsage(
      `The importance matrix knows nothing of ${visibleText(missing.source.name)}, which becomes ${missing.to.name}: it was made of another model, or with too little text.`,
    );
  const changed = tensors.filter(({ from, to }) => from !== to);
  for (const { source } of changed) {
    const entry = entries.get(source.name);
    const [rowLength = 1, , matrices = 1] = source.shape;
    const has = entry === undefined ? null : entry.rowLength * entry.counts.length;
    if (has !== null && has !== rowLength * matrices && source.name !== 'token_embd.weight')
      throw wrongUsage(
        `The importance matrix was made of another model: it has ${formatCount(has)} values for ${visibleText(source.name)}, which has ${formatCount(rowLength * matrices)} columns.`,
      );
  }
  const unknown = changed.filter(
    ({ source }) => !entries.has(source.name) && !/^(token_embd|output)\./.test(source.name),
  );
  const unseen = changed.flatMap(({ source }) => {
    const { length } = entries.get(source.name)?.counts.filter((count) => count === 0) ?? [];
    return length === 0 ? [] : [`${length} of ${visibleText(source.name)}`];
  });
  return [
    ...(unknown.length === 0
      ? []
      : [
          `The importance matrix knows nothing of ${formatCount(unknown.length)} tensors: ${names(unknown.map(({ source }) => source.name))}.`,
        ]),
    ...(unseen.length === 0 ? [] : [`Experts that the importance matrix has never seen: ${names(unseen)}.`]),
  ];
}

const names = (all: readonly string[]): string =>
  `${shorten(all.slice(0, 3).map(visibleText).join(', '), 200)}${all.length > 3 ? ', …' : ''}`;
