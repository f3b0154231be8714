// Checkpoints made in memory: tensors by name, type and shape, with data where a test needs some, and the files beside them.
import { memorySource, type ModelFolder } from '../../../../src/core/formats/byteSource.ts';
import type { Opened, Tensor } from '../../../../src/core/formats/model.ts';
import { openModel } from '../../../../src/core/formats/openModel.ts';
import { safetensorsScheme } from '../../../../src/core/quant/safetensorsTypes.ts';
import { writeSafetensors } from '../../../support/safetensorsWriter.ts';

export interface Stored {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  /** The first bytes of its data; the rest is zeros. */
  readonly data?: Uint8Array;
}

/** "qweight I32 32 64" → a tensor of the module. */
export function parts(module: string, ...lines: readonly string[]): Stored[] {
  return lines.map((line) => {
    const [part = '', dtype = '', ...shape] = line.split(' ');
    return {
      name: part.startsWith('_') ? module + part : `${module}.${part}`,
      dtype,
      shape: shape.map(Number),
    };
  });
}

/** The same tensor with data. */
export const withData = (stored: Stored, data: Uint8Array): Stored => ({ ...stored, data });
export const int32 = (...numbers: readonly number[]): Uint8Array =>
  new Uint8Array(Int32Array.from(numbers).buffer);
export const int64 = (...numbers: readonly number[]): Uint8Array =>
  new Uint8Array(BigInt64Array.from(numbers, BigInt).buffer);
export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

export const bytesOf = ({ dtype, shape }: Stored): number =>
  shape.reduce((product, size) => product * size, 1) * (safetensorsScheme(dtype).blockBytes ?? 1);

export function fileOf(
  tensors: readonly Stored[],
  metadata?: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  const file = writeSafetensors(tensors, metadata);
  let at = file.length - tensors.reduce((sum, tensor) => sum + bytesOf(tensor), 0);
  for (const tensor of tensors) {
    if (tensor.data !== undefined) file.set(tensor.data, at);
    at += bytesOf(tensor);
  }
  return file;
}

export function folderOf(files: Readonly<Record<string, Uint8Array | object>>): ModelFolder {
  return {
    open(name) {
      const file = Object.hasOwn(files, name) ? files[name] : undefined;
      if (file === undefined) return null;
      return memorySource(file instanceof Uint8Array ? file : utf8(JSON.stringify(file)));
    },
  };
}

/** Opens the tensors as one file, with JSON files beside it. */
export function open(
  tensors: readonly Stored[],
  beside: Readonly<Record<string, object>> = {},
  metadata?: Readonly<Record<string, string>>,
): Opened {
  return openModel(
    folderOf({ 'model.safetensors': fileOf(tensors, metadata), ...beside }),
    'model.safetensors',
  );
}

/** config.json with this quantization. */
export const configured = (quantization: object, model: object = {}): Record<string, object> => ({
  'config.json': { ...model, quantization_config: quantization },
});

export const packedOf = ({ model }: Opened): readonly Tensor[] =>
  (model?.tensors ?? []).filter(({ packed }) => packed !== null);

/** "name: type, out × in, bits" of every packed matrix. */
export const described = (opened: Opened): string[] =>
  packedOf(opened).map(
    ({ name, scheme, shape, byteLength, elementCount }) =>
      `${name}: ${scheme.name}, ${shape.join(' × ')}, ${((byteLength ?? NaN) * 8) / elementCount}`,
  );

/** "code: text" of every problem. */
export const complaints = ({ problems }: Opened): string[] =>
  problems.map(({ code, text }) => `${code}: ${text}`);
