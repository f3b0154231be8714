// What a page asks of the packed matrices of a model, asked of files made by chance: numbers that agree with the reference, or a sentence.
import { createAnalyzer } from '../../src/app/analysis/analyzer.ts';
import { whyUnavailable } from '../../src/app/analysis/tensorData.ts';
import type { FileAccess, TensorAnalyzer } from '../../src/app/ports.ts';
import { layerHover } from '../../src/app/present/configHovers.ts';
import { layerView } from '../../src/app/present/layerView.ts';
import type { Kernel } from '../../src/core/analysis/kernel.ts';
import { Failure, messageOf } from '../../src/core/base/failure.ts';
import { visibleText } from '../../src/core/base/visibleText.ts';
import { memorySource, type ModelFolder } from '../../src/core/formats/byteSource.ts';
import type { Model, Tensor } from '../../src/core/formats/model.ts';
import { openModel } from '../../src/core/formats/openModel.ts';
import { decodeMatrix } from '../../src/core/quant/packed/decoder.ts';

type Files = ReadonlyMap<string, Uint8Array>;

const PATH = 'model.safetensors';
const never = new AbortController().signal;

/** What is wrong with how the packed matrices of these files are shown; null when nothing is. @param kernel is used again and again */
export async function packedComplaint(files: Files, kernel: Kernel): Promise<string | null> {
  const folder = folderOf(files);
  const { model } = openModel(folder, PATH);
  const analyzer = createAnalyzer({
    files: accessTo(folder),
    kernel: () => kernel,
    pause: () => Promise.resolve(),
  });
  for (const tensor of model?.tensors ?? []) {
    if (tensor.packed === null || model === null) continue;
    try {
      const complaint =
        hoverComplaint(model, tensor) ?? (await dataComplaint(analyzer, files, model, tensor));
      if (complaint !== null) return `"${tensor.name}", ${tensor.scheme.name}: ${complaint}`;
    } catch (error) {
      return `"${tensor.name}", ${tensor.scheme.name}, throws ${messageOf(error)}\n${error instanceof Error ? error.stack : ''}`;
    }
  }
  return null;
}

function hoverComplaint(model: Model, { packed }: Tensor): string | null {
  for (const { tensor } of packed?.parts ?? []) {
    const layer = layerView(model, tensor.name);
    const text = layer === null ? '' : layerHover(layer);
    if (text === '' || /NaN|undefined|Infinity/.test(text)) return `the hover of ${tensor.name} is "${text}"`;
  }
  return null;
}

async function dataComplaint(
  analyzer: TensorAnalyzer,
  files: Files,
  model: Model,
  tensor: Tensor,
): Promise<string | null> {
  const name = visibleText(tensor.name);
  const weights = referenceOf(files, model, tensor);
  const stats = await analyzer.tensorStats(PATH, name, never);
  const groups = await analyzer.tensorGroups(PATH, name, never);
  const blocks = await Promise.all([0, 1, 77].map((index) => blockOf(analyzer, name, index)));
  if (typeof weights === 'string') {
    if (stats.unavailable !== weights) return `its numbers are "${stats.unavailable}", not "${weights}"`;
    if (!/\.$/.test(weights)) return `"${weights}" is no sentence`;
    return groups?.unavailable === null ? `it has groups, though "${weights}"` : null;
  }
  if (stats.unavailable !== null) return `it was decoded, but "${stats.unavailable}"`;
  if (groups?.unavailable !== null) return `it was decoded, but has no groups: "${groups?.unavailable}"`;
  const { summary } = stats;
  const numbers = weights.filter((weight) => !Number.isNaN(weight));
  const [least, most] = [
    numbers.reduce((a, b) => Math.min(a, b), Infinity),
    numbers.reduce((a, b) => Math.max(a, b), -Infinity),
  ];
  if (summary?.count !== weights.length)
    return `it has ${weights.length} weights, ${summary?.count} were counted`;
  if (numbers.length > 0 && ((summary.min ?? 0) !== least || (summary.max ?? 0) !== most))
    return `it goes from ${least} to ${most}, not from ${summary.min} to ${summary.max}`;
  for (const block of blocks) {
    if (block === null) continue;
    const first = block.row * (tensor.shape.at(-1) ?? 0) + block.column;
    const wrong = block.weights.findIndex(({ value }, at) => !Object.is(value, weights[first + at]));
    if (wrong >= 0)
      return `weight ${first + wrong} is ${weights[first + wrong]}, in its block ${block.weights[wrong]?.value}`;
  }
  return null;
}

/** All weights by the reference; a sentence why there are none. */
function referenceOf(files: Files, model: Model, tensor: Tensor): Float32Array | string {
  const why = whyUnavailable(tensor);
  if (why !== null || tensor.packed === null) return why ?? '';
  const { matrix, parts } = tensor.packed;
  try {
    const weights = new Float32Array(tensor.elementCount);
    for (let index = 0; index < matrix.matrices; index++) {
      const own = decodeMatrix(matrix, index, (part, byteOffset, byteLength) => {
        const { file = 0, byteOffset: start = 0 } = parts[part]?.tensor ?? {};
        return (files.get(model.files[file]?.name ?? '') ?? new Uint8Array()).slice(
          start + byteOffset,
          start + byteOffset + byteLength,
        );
      });
      weights.set(own, index * own.length);
    }
    return weights;
  } catch (error) {
    if (error instanceof Failure) return error.message;
    throw error;
  }
}

/** null: there is none, and a sentence says so. */
async function blockOf(analyzer: TensorAnalyzer, name: string, index: number) {
  try {
    return await analyzer.block(PATH, name, index, never);
  } catch (error) {
    if (error instanceof Failure) return null;
    throw error;
  }
}

const folderOf = (files: Files): ModelFolder => ({
  open(name) {
    const file = files.get(name);
    return file === undefined ? null : memorySource(file);
  },
});

const accessTo = (folder: ModelFolder): FileAccess => ({
  withFolder: (_path, use) => use(folder, PATH),
  openFile: () => null,
  stamp: () => '',
});
