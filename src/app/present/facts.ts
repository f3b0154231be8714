// The fact line of a model: most important first, every fact with its source.
import { formatBytes, formatCount } from '../../core/base/units.ts';
import { shorten, visibleText } from '../../core/base/visibleText.ts';
import { metadataText, type MetadataEntry, type Model } from '../../core/formats/model.ts';
import type { Fact } from '../../protocol/modelView.ts';
import type { Hyperparameter, Hyperparameters } from './hyperparameters.ts';
import { meaningText } from './metadataViews.ts';
import type { Totals } from './totals.ts';

const MAX_FACT = 80;

export function factsOf(model: Model, totals: Totals, known: Hyperparameters): Fact[] {
  const facts: (Fact | null)[] = [
    model.architecture === null ? null : fact(model.architecture, '', 'Architecture'),
    quantizationFact(model),
    parameterFact(model, totals),
    sizeFact(totals),
    known.layers === undefined ? null : count(known, 'layers', 'layers'),
    known.experts === undefined || known.experts.value === 0 ? null : count(known, 'experts', 'experts'),
    count(known, 'context', 'context'),
    count(known, 'vocabulary', 'vocabulary'),
    textFact(model, 'license', ['general.license', 'license']),
    textFact(model, 'base', ['general.base_model.0.name', 'general.base_model.0.repo_url', 'base_model']),
    textFact(model, 'quantized by', ['general.quantized_by']),
    imatrixFact(model),
  ];
  return facts.filter((entry) => entry !== null);
}

function parameterFact({ tensors }: Model, { parameterCount }: Totals): Fact {
  const isPacked = tensors.some(({ packed }) => packed !== null);
  const title = isPacked
    ? 'Weights of all tensors; of packed matrices those of the matrix, not of its stored tensors'
    : 'Elements of all tensors, as they are stored';
  return fact(formatCount(parameterCount), 'parameters', title);
}

/** The mix as it is usually called ("Q4_K_M"), or how most of a safetensors model is packed ("GPTQ 4-bit g128"). */
function quantizationFact(model: Model): Fact | null {
  const fileType = fileTypeName(model);
  if (fileType !== null)
    return fileType === ''
      ? null
      : fact(fileType, '', 'general.file_type in the header; the type mix counts the tensors themselves');
  const packing = quantMethod(model);
  const says = packing === null ? '' : `; ${packing.key} in ${packing.source} says ${String(packing.value)}`;
  const [most, ...others] = packedTypes(model);
  if (most !== undefined) {
    const mixed = others.length > 0 ? ', mixed' : '';
    return fact(
      `${most}${mixed}`,
      '',
      `How most weights of packed matrices are stored, by their tensors${says}`,
    );
  }
  return packing === null ? null : fact(String(packing.value), '', `${packing.key} in ${packing.source}`);
}

/** Names of the packed types, most weights first. */
function packedTypes({ tensors }: Model): string[] {
  const weights = new Map<string, number>();
  for (const { packed, scheme, elementCount } of tensors)
    if (packed !== null) weights.set(scheme.name, (weights.get(scheme.name) ?? 0) + elementCount);
  return [...weights].sort(([, a], [, b]) => b - a).map(([name]) => name);
}

/** "Q4_K_M"; '' for a number that means nothing, null where the header does not say. */
export function fileTypeName(model: Model): string | null {
  const fileType = model.metadata.find(({ key }) => key === 'general.file_type');
  return fileType === undefined ? null : meaningText(fileType).replace(/^(MOSTLY|ALL)_/, '');
}

/** The entry that says how a safetensors model was packed. */
export function quantMethod(model: Model): MetadataEntry | null {
  return (
    model.metadata.find(
      ({ key, value }) => /(^|\.)quantization_config\.quant_method$/.test(key) && typeof value === 'string',
    ) ?? null
  );
}

function sizeFact({ fileBytes, expectedBytes }: Totals): Fact {
  const title = `${formatCount(fileBytes)} bytes on the disk`;
  if (expectedBytes === null || expectedBytes <= fileBytes) {
    const [value = '', word = ''] = formatBytes(fileBytes).split(' ');
    return fact(value, word, title);
  }
  const [value = '', word = ''] = formatBytes(expectedBytes).split(' ');
  return fact(
    `${formatBytes(fileBytes)} of ${value}`,
    word,
    `${title}; the header promises ${formatCount(expectedBytes)}`,
  );
}

function count(known: Hyperparameters, name: Hyperparameter, word: string): Fact | null {
  const entry = known[name];
  return entry === undefined ? null : fact(formatCount(entry.value), word, entry.source);
}

function textFact(model: Model, lead: string, keys: readonly string[]): Fact | null {
  for (const key of keys) {
    const text = metadataText(model, key);
    if (text !== null && text !== '') return { ...fact(text, '', key), lead };
  }
  return null;
}

function imatrixFact(model: Model): Fact | null {
  const file = metadataText(model, 'quantize.imatrix.file');
  if (file !== null)
    return { ...fact(baseName(file), '', `quantize.imatrix.file: ${visibleText(file)}`), lead: 'imatrix' };
  const quantized = model.container === 'gguf' && model.tensors.some(({ scheme }) => scheme.kind === 'block');
  return quantized
    ? fact('no imatrix', '', 'The header names no importance matrix (quantize.imatrix.file)')
    : null;
}

const baseName = (path: string): string =>
  path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
const fact = (value: string, word: string, title: string): Fact => ({
  value: shorten(visibleText(value), MAX_FACT),
  word,
  lead: '',
  title: shorten(visibleText(title), 4 * MAX_FACT),
});
