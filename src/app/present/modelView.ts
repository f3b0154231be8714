// A model as the pages see it, made from what the readers found.
import { formatPercent, plural } from '../../core/base/units.ts';
import { visibleText } from '../../core/base/visibleText.ts';
import type { Problem, ProblemCode, Severity } from '../../core/base/problem.ts';
import type { Model, Opened } from '../../core/formats/model.ts';
import type { FileView, ModelSnapshot, ModelView, ProblemView } from '../../protocol/modelView.ts';
import { factsOf, quantMethod } from './facts.ts';
import { hyperparametersOf } from './hyperparameters.ts';
import { metadataViews } from './metadataViews.ts';
import { roleViews } from './roleViews.ts';
import { tableOrder, type TableOrder } from './tableOrder.ts';
import { FIRST_PAGE_ROWS, tensorColumns } from './tensorColumns.ts';
import { totalsOf, type Totals } from './totals.ts';
import { typeViews } from './typeViews.ts';

/** Problems sent to a page; their counts are exact. */
const MAX_PROBLEMS_SHOWN = 200;
const SEVERITY_ORDER: Record<Severity, number> = { error: 0, warning: 1, info: 2 };

/** A model with everything that is derived from it once and used for many answers. */
export interface Presented {
  readonly snapshot: ModelSnapshot;
  readonly order: TableOrder;
  /** Scheme name → index into the view's types. */
  readonly typeIndex: ReadonlyMap<string, number>;
}

/** @param path of the file that was opened: its name, and its folder's, stand in for a name that the model does not have. */
export function present(path: string, fileBytes: number | null, opened: Opened): Presented {
  const [fileName = '', folder = ''] = path.split(/[\\/]/).reverse();
  const name = visibleText(fileName);
  const { model, pointer, problems } = opened;
  const nothing = { order: { rows: [], groups: [], roles: [] }, typeIndex: new Map<string, number>() };
  if (pointer !== undefined) {
    const command = `git lfs pull --include "${name.replace(/["\\$`]/g, '?')}"`;
    const { size, oid } = pointer;
    return {
      ...nothing,
      snapshot: { kind: 'pointer', fileName: name, pointerBytes: fileBytes ?? 0, size, oid, command },
    };
  }
  if (model === null) {
    const shown = problemViews(problems, [name], new Map());
    return { ...nothing, snapshot: { kind: 'unreadable', fileName: name, fileBytes, problems: shown } };
  }
  return presentModel(name, visibleText(folder), model, problems);
}

function presentModel(
  fileName: string,
  folder: string,
  model: Model,
  problems: readonly Problem[],
): Presented {
  const order = tableOrder(model);
  const totals = totalsOf(model);
  const known = hyperparametersOf(model);
  const types = typeViews(model.tensors);
  const typeIndex = new Map(types.map((type, index) => [type.name, index]));
  const rowOfTensor = new Map(order.rows.map(({ tensor }, row) => [tensor.name, row]));
  const files = model.files.map(({ name }) => visibleText(name));
  const countOf = (severity: Severity): number =>
    problems.filter((problem) => problem.severity === severity).length;
  const view: ModelView = {
    kind: 'model',
    fileName,
    title: visibleText(model.name ?? '') || titleOf(fileName, folder),
    container: containerName(model),
    firstDimension: model.container === 'gguf' ? 'in' : 'out',
    architecture: model.architecture === null ? null : visibleText(model.architecture),
    parameterCount: totals.parameterCount,
    fileBytes: totals.fileBytes,
    expectedBytes: totals.expectedBytes,
    tensorBytes: totals.tensorBytes,
    bitsPerWeight: totals.bitsPerWeight,
    facts: factsOf(model, totals, known),
    memory: null,
    note: noteOf(model, totals, problems),
    types,
    roles: roleViews(order.roles, known),
    groups: order.groups,
    files: model.files.map(({ name, size, expectedSize }): FileView => ({
      name: visibleText(name),
      size,
      expectedSize,
    })),
    metadata: metadataViews(model.metadata),
    metadataCount: model.metadata.length,
    problems: problemViews(problems, files, rowOfTensor),
    errorCount: countOf('error'),
    warningCount: countOf('warning'),
    tensorCount: order.rows.length,
    tensors: tensorColumns(order.rows, 0, typeIndex, FIRST_PAGE_ROWS),
    savedState: null,
    preferences: null,
  };
  return { snapshot: view, order, typeIndex };
}

/** "GGUF v3, big-endian". */
export function containerName({ container, version, endianness }: Model): string {
  const name = container === 'gguf' ? `GGUF v${version ?? '?'}` : 'safetensors';
  return endianness === 'big' ? `${name}, big-endian` : name;
}

/** File name without ending and shard number: "llama-00001-of-00002.gguf" → "llama". Where every model's file is called
 * "model" its folder has the name. */
function titleOf(fileName: string, folder: string): string {
  const stem = fileName
    .replace(/(\.safetensors\.index\.json|\.gguf|\.safetensors)$/i, '')
    .replace(/-\d{5}-of-\d{5}$/, '');
  return (
    (/^(model|adapter_model|pytorch_model|diffusion_pytorch_model|consolidated)?$/i.test(stem) && folder) ||
    stem
  );
}

/** Problems after which stored tensors are shown in place of their matrix. */
const NOT_UNDERSTOOD: readonly ProblemCode[] = ['packing-unknown', 'packing-invalid'];

function noteOf(model: Model, totals: Totals, problems: readonly Problem[]): ModelView['note'] {
  if (totals.unknownTypeTensors > 0) {
    const tensors = plural(totals.unknownTypeTensors, 'tensor');
    const share = formatPercent(totals.unknownTypeShare);
    return {
      severity: 'info',
      text: `Bits per weight leave out ${tensors} of unknown type (${share} % of the weights).`,
    };
  }
  const packing = quantMethod(model);
  if (packing !== null && problems.some(({ code }) => NOT_UNDERSTOOD.includes(code))) {
    const some = model.tensors.some(({ packed }) => packed !== null) ? 'Some weights' : 'Weights';
    const text = `${some} are packed by ${visibleText(String(packing.value))} in a way that is not understood: counts and bits of these are those of the stored tensors.`;
    return { severity: 'info', text };
  }
  return null;
}

function problemViews(
  problems: readonly Problem[],
  files: readonly string[],
  rowOfTensor: ReadonlyMap<string, number>,
): ProblemView[] {
  return [...problems]
    .sort((a, b) => SEVERITY_ORDER[a.severity] - SEVERITY_ORDER[b.severity])
    .slice(0, MAX_PROBLEMS_SHOWN)
    .map(({ code, severity, text, byteOffset, file, tensor }) => ({
      code,
      severity,
      text,
      byteOffset,
      file: files.length > 1 ? (files[file] ?? '') : '',
      tensor: tensor === undefined ? -1 : (rowOfTensor.get(tensor) ?? -1),
    }));
}
