// ggml's types: how their blocks lie in memory, and its own functions from and to float32, as include/ggml.h of v0.4.0
// declares them.
import { Failure, internal } from '../core/base/failure.ts';
import type { Koffi, Library } from './libraries.ts';
import type { Pointer } from './structs.ts';

export interface GgmlTypes {
  /** @throws Failure for a number that is no type */
  of(type: number): GgmlType;
  /** Rows of float32 into blocks of the type; `importance` has a value for each column of one row, or is 0. */
  quantize(quantizing: Quantizing, where: Where): Done;
  /** Blocks of the type into float32. @throws Failure for a type that ggml cannot read */
  unpack(unpacking: Unpacking, where: Where): Done;
}

export interface GgmlType {
  /** As ggml writes it: "q4_K". */
  readonly name: string;
  readonly blockWeights: number;
  readonly blockBytes: number;
  /** ggml ends the process when it is to quantize to it without. */
  readonly needsImportance: boolean;
}

/** here: on this thread, which hears of nothing meanwhile. beside: on a thread of koffi's. */
export type Where = 'here' | 'beside';
/** Work done here is done when the call returns. */
export type Done = Promise<void> | undefined;

/** Addresses of memory that lives until the call is over. */
export interface Quantizing {
  readonly type: number;
  readonly source: Pointer;
  readonly target: Pointer;
  readonly rowCount: number;
  readonly rowLength: number;
  readonly importance: Pointer;
}

export interface Unpacking {
  readonly type: number;
  readonly source: Uint8Array;
  readonly target: Float32Array;
  readonly weights: number;
}

interface Traits {
  readonly type_name: string;
  readonly blck_size: number;
  readonly type_size: number;
  readonly to_float: unknown;
}

type NativeCall = ReturnType<Library['func']>;

/** ggml has no function for it: it is what all others are made. */
const FLOAT32 = 0;
/** GGML_TYPE_COUNT. */
const TYPE_COUNT = 43;
const TRAITS_BYTES = 56;
/** A type of each kind, with the weights and bytes of its block. */
const KNOWN: readonly (readonly [type: number, name: string, weights: number, bytes: number])[] = [
  [0, 'f32', 1, 4],
  [12, 'q4_K', 256, 144],
  [39, 'mxfp4', 32, 17],
];

/** @throws Failure when the library's types are not those that stand here */
export function bindTypes(
  koffi: Koffi,
  ggmlBase: Library,
  addressOf: (array: ArrayBufferView) => Pointer,
): GgmlTypes {
  koffi.struct('ggml_type_traits', {
    type_name: 'const char *',
    blck_size: 'int64_t',
    blck_size_interleave: 'int64_t',
    type_size: 'size_t',
    is_quantized: 'bool',
    to_float: 'void *',
    from_float_ref: 'void *',
  });
  koffi.proto('void ggml_to_float(uintptr_t source, uintptr_t target, int64_t count)');
  const traitsAt = ggmlBase.func('const ggml_type_traits *ggml_get_type_traits(int type)');
  const needs = ggmlBase.func('bool ggml_quantize_requires_imatrix(int type)');
  // Makes tables, once, which would count as the time of the first rows.
  const prepare = ggmlBase.func('void ggml_quantize_init(int type)');
  const quantizeChunk = ggmlBase.func(
    'size_t ggml_quantize_chunk(int type, uintptr_t source, uintptr_t target, int64_t start, int64_t rows, int64_t row, uintptr_t importance)',
  );
  const traitsOf = (type: number): Traits => {
    if (!Number.isInteger(type) || type < 0 || type >= TYPE_COUNT)
      throw internal(`There is no type ${type}.`);
    return koffi.decode(traitsAt(type), 'ggml_type_traits') as Traits;
  };
  const isKnown = KNOWN.every(([type, name, weights, bytes]) => {
    const { type_name, blck_size, type_size } = traitsOf(type);
    return type_name === name && blck_size === weights && type_size === bytes;
  });
  if (koffi.sizeof('ggml_type_traits') !== TRAITS_BYTES || !isKnown)
    throw new Failure('internal', 'This llama.cpp has other types than Quantscope knows.');

  const types = new Map<number, GgmlType & { readonly toFloat: NativeCall | null }>();
  const typeOf = (type: number) => {
    let found = types.get(type);
    if (found === undefined) {
      const { type_name, blck_size, type_size, to_float } = traitsOf(type);
      if (blck_size === 0) throw internal(`The type ${type} is no more.`);
      prepare(type);
      found = {
        name: type_name,
        blockWeights: blck_size,
        blockBytes: type_size,
        needsImportance: needs(type) as boolean,
        toFloat: to_float === null ? null : koffi.decode(to_float, koffi.type('ggml_to_float')),
      };
      types.set(type, found);
    }
    return found;
  };
  return {
    of: typeOf,
    quantize: ({ type, source, target, rowCount, rowLength, importance }, where) =>
      call(quantizeChunk, where, type, source, target, 0, rowCount, rowLength, importance),
    unpack({ type, source, target, weights }, where) {
      if (type === FLOAT32) {
        target.set(new Float32Array(source.buffer, source.byteOffset, weights));
        return undefined;
      }
      const { toFloat, name } = typeOf(type);
      if (toFloat === null) throw internal(`ggml cannot read ${name}.`);
      return call(toFloat, where, addressOf(source), addressOf(target), weights);
    },
  };
}

function call(native: NativeCall, where: Where, ...values: readonly unknown[]): Done {
  if (where === 'here') {
    native(...values);
    return undefined;
  }
  return new Promise((resolve, reject) => {
    native.async(...values, (error: Error | null) => (error === null ? resolve() : reject(error)));
  });
}
