// Sums the squares of what every weight matrix is multiplied with, while llama.cpp computes: the rules of llama-imatrix
// (tools/imatrix/imatrix.cpp of v0.4.0).
import { Failure } from '../core/base/failure.ts';
import type { Koffi, Library } from './libraries.ts';
import type { Llama } from './llama.ts';
import type { Pointer } from './structs.ts';

/** What a weight matrix has met. */
export interface Activations {
  /** Sums of squares, in float32 as llama-imatrix has them: matrix (expert) by matrix, column by column. */
  readonly sums: Float32Array;
  /** Rows that were multiplied with each matrix; a single count for those that always all work. */
  readonly counts: Float64Array;
}

export interface ActivationCollector {
  /** A cb_eval for the parameters of a context. */
  readonly hook: Pointer;
  readonly collected: ReadonlyMap<string, Activations>;
  /** Goes on from what was collected before, in place of what is here. */
  restore(before: ReadonlyMap<string, Activations>): void;
  /** What went wrong inside of the hook: native code does not pass it on. */
  check(): void;
}

/** ggml_tensor of ggml.h on 64 bits: positions of its fields. */
const TENSOR_BYTES = 336;
const AT = {
  type: 0,
  buffer: 8,
  shape: 16,
  strides: 48,
  op: 80,
  sources: 152,
  data: 248,
  name: 256,
} as const;
const NAME_BYTES = 64;
/** What stands before a tensor in memory: ggml_object. */
const OBJECT_BYTES = 32;
const F32 = 0;
const MULTIPLY = 29;
const MULTIPLY_BY_EXPERT = 30;
/** llama-imatrix passes over smaller batches. */
const MIN_ROWS = 16;

interface NativeTensor {
  readonly type: number;
  readonly buffer: Pointer;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly op: number;
  readonly sources: readonly Pointer[];
  readonly data: Pointer;
  readonly name: string;
}

/** @throws Failure when ggml's tensors are not those that stand here */
export function createCollector(koffi: Koffi, ggmlBase: Library, llama: Llama): ActivationCollector {
  checkTensors(ggmlBase);
  const collected = new Map<string, { sums: Float32Array; counts: Float64Array }>();
  const isHost = ggmlBase.func('bool ggml_backend_buffer_is_host(uintptr_t buffer)') as (
    at: Pointer,
  ) => boolean;
  const get = ggmlBase.func(
    'void ggml_backend_tensor_get(uintptr_t tensor, uint8_t *target, size_t offset, size_t bytes)',
  ) as (tensor: Pointer, target: Uint8Array, offset: number, bytes: number) => void;
  const header = new Uint8Array(new ArrayBuffer(512), 0, TENSOR_BYTES);
  let room = new Uint8Array(1024);
  let fault: unknown = null;

  const read = (at: Pointer): NativeTensor => {
    llama.copy(header, at, TENSOR_BYTES);
    return tensorOf(header);
  };
  /** A view that the next call overwrites. */
  const dataOf = (at: Pointer, tensor: NativeTensor): Uint8Array => {
    const bytes = spanOf(tensor);
    if (room.length < bytes) room = new Uint8Array(bytes);
    if (isHost(tensor.buffer)) llama.copy(room, tensor.data, bytes);
    else get(at, room, 0, bytes);
    return room.subarray(0, bytes);
  };
  const entryOf = (name: string, sumCount: number, countCount: number) => {
    const known = collected.get(name);
    if (known?.sums.length === sumCount && known.counts.length === countCount) return known;
    if (known !== undefined) throw new Failure('internal', `${name} changed its size while it was computed.`);
    const fresh = { sums: new Float32Array(sumCount), counts: new Float64Array(countCount) };
    collected.set(name, fresh);
    return fresh;
  };

  const isWanted = ({ op, sources }: NativeTensor): boolean => {
    if (op === MULTIPLY_BY_EXPERT) return true;
    if (op !== MULTIPLY) return false;
    const input = read(sources[1] ?? 0);
    if ((input.shape[1] ?? 0) < MIN_ROWS || input.type !== F32) return false;
    return weightName(read(sources[0] ?? 0).name).startsWith('blk.');
  };
  const collect = ({ op, sources: [weightAt = 0, inputAt = 0, idsAt = 0] }: NativeTensor): void => {
    const [weight, input] = [read(weightAt), read(inputAt)];
    const name = weightName(weight.name);
    const [width = 0] = input.shape;
    if (op === MULTIPLY_BY_EXPERT) {
      const experts = weight.shape[2] ?? 1;
      const ids = read(idsAt);
      const chosen = dataOf(idsAt, ids).slice();
      const entry = entryOf(name, width * experts, experts);
      addByExpert(entry, { ids, chosen, input, data: dataOf(inputAt, input) });
    } else {
      const matrices = (weight.shape[2] ?? 1) * (weight.shape[3] ?? 1);
      const entry = entryOf(name, width * matrices, 1);
      addDense(entry, weight, input, dataOf(inputAt, input));
    }
  };

  koffi.proto('bool llama_evaluated(uintptr_t tensor, bool ask, void *data)');
  const hook = koffi.register(
    (at: Pointer, ask: boolean): boolean => {
      if (fault !== null) return false;
      try {
        const tensor = read(Number(at));
        if (ask) return isWanted(tensor);
        collect(tensor);
        return true;
      } catch (error) {
        fault = error;
        return false;
      }
    },
    koffi.pointer(koffi.type('llama_evaluated')),
  );
  return {
    hook: Number(koffi.address(hook)),
    collected,
    restore(before) {
      collected.clear();
      for (const [name, activations] of before) collected.set(name, activations);
    },
    check() {
      if (fault instanceof Error) throw fault;
      for (const [name, { sums }] of collected)
        if (!Number.isFinite(total(sums)))
          throw new Failure('not-readable', `The model computes values that are no numbers in ${name}.`);
    },
  };
}

function checkTensors(ggmlBase: Library): void {
  const overhead = ggmlBase.func('size_t ggml_tensor_overhead()') as () => number;
  const opName = ggmlBase.func('const char *ggml_op_name(int op)') as (op: number) => string;
  if (
    Number(overhead()) !== TENSOR_BYTES + OBJECT_BYTES ||
    opName(MULTIPLY) !== 'MUL_MAT' ||
    opName(MULTIPLY_BY_EXPERT) !== 'MUL_MAT_ID'
  )
    throw new Failure('internal', 'This llama.cpp has other tensors than Quantscope knows.');
}

function tensorOf(bytes: Uint8Array): NativeTensor {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const four = (at: number): number[] =>
    [0, 1, 2, 3].map((index) => Number(view.getBigUint64(at + 8 * index, true)));
  const name = bytes.subarray(AT.name, AT.name + NAME_BYTES);
  const end = name.indexOf(0);
  return {
    type: view.getInt32(AT.type, true),
    buffer: Number(view.getBigUint64(AT.buffer, true)),
    shape: four(AT.shape),
    strides: four(AT.strides),
    op: view.getInt32(AT.op, true),
    sources: four(AT.sources),
    data: Number(view.getBigUint64(AT.data, true)),
    name: Buffer.from(end < 0 ? name : name.subarray(0, end)).toString('utf8'),
  };
}

/** "CUDA0#blk.0.attn_k.weight#0" → "blk.0.attn_k.weight": a copy on another device. */
function weightName(name: string): string {
  const [whole = '', inner] = name.split('#');
  return inner ?? whole;
}

/** Bytes from the first element to the end of the last one, whose type has four bytes. */
const spanOf = ({ shape, strides }: NativeTensor): number =>
  shape.reduce((sum, length, axis) => sum + (length - 1) * (strides[axis] ?? 0), 4);

interface Sums {
  readonly sums: Float32Array;
  readonly counts: Float64Array;
}

/** In float64, where no sum of finite float32 overflows: one that is not finite is in it. Quicker than to ask each of millions. */
function total(values: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < values.length; at++) sum += values[at] ?? 0;
  return sum;
}

function addRow(sums: Float32Array, at: number, row: Float32Array, from: number, width: number): void {
  for (let column = 0; column < width; column++) {
    const value = row[from + column] ?? 0;
    // Each step is rounded to float32, as the reference does it.
    sums[at + column] = (sums[at + column] ?? 0) + Math.fround(value * value);
  }
}

function addDense({ sums, counts }: Sums, weight: NativeTensor, input: NativeTensor, data: Uint8Array): void {
  const values = new Float32Array(data.buffer, data.byteOffset, data.byteLength >> 2);
  const [width = 0, rows = 0, depth = 1, outer = 1] = input.shape;
  const [, rowStride = 0, depthStride = 0, outerStride = 0] = input.strides;
  const [, , weightDepth = 1, weightOuter = 1] = weight.shape;
  for (let third = 0; third < outer; third++)
    for (let second = 0; second < depth; second++) {
      const matrix = (third % weightOuter) * weightDepth + (second % weightDepth);
      for (let row = 0; row < rows; row++) {
        const at = row * rowStride + second * depthStride + third * outerStride;
        addRow(sums, matrix * width, values, at >> 2, width);
      }
    }
  counts[0] = (counts[0] ?? 0) + Math.floor((rows * depth * outer) / (weightDepth * weightOuter));
}

interface Routed {
  /** Expert of every slot of every token: int32, [slots, tokens]. */
  readonly ids: NativeTensor;
  readonly chosen: Uint8Array;
  /** [columns, slots or 1, tokens] */
  readonly input: NativeTensor;
  readonly data: Uint8Array;
}

function addByExpert({ sums, counts }: Sums, { ids, chosen, input, data }: Routed): void {
  const values = new Float32Array(data.buffer, data.byteOffset, data.byteLength >> 2);
  const experts = new DataView(chosen.buffer, chosen.byteOffset, chosen.byteLength);
  const [width = 0, slots = 1, tokens = 0] = input.shape;
  const [, slotStride = 0, tokenStride = 0] = input.strides;
  const [slotStep = 0, tokenStep = 0] = ids.strides;
  for (let slot = 0; slot < (ids.shape[0] ?? 0); slot++)
    for (let token = 0; token < tokens; token++) {
      const expert = experts.getInt32(token * tokenStep + slot * slotStep, true);
      if (expert < 0 || expert >= counts.length)
        throw new Failure('internal', `Expert ${expert} does not exist.`);
      counts[expert] = (counts[expert] ?? 0) + 1;
      const at = (slot % slots) * slotStride + token * tokenStride;
      addRow(sums, expert * width, values, at >> 2, width);
    }
}
