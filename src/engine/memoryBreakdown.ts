// llama_get_memory_breakdown of llama.cpp v0.4.0 (src/llama-ext.h): bytes by kind of buffer. It answers a std::map, which is read
// here node by node, as the C++ library of each platform lays it out.
import { Failure } from '../core/base/failure.ts';
import type { Libraries } from './libraries.ts';
import type { Pointer } from './structs.ts';

/** Bytes that llama.cpp has, or would have, in one kind of buffer. */
export interface BreakdownEntry {
  readonly bufferType: Pointer;
  readonly model: number;
  readonly context: number;
  readonly compute: number;
}

/** Words of 8 bytes in a map and in a node of its tree. */
interface MapLayout {
  readonly symbol: string;
  readonly words: number;
  /** Where the map has its number of entries. */
  readonly size: number;
  /** The root of the tree, from the words of the map. */
  readonly root: (
    map: readonly Pointer[],
    wordsAt: (address: Pointer, count: number) => Pointer[],
  ) => Pointer;
  readonly left: number;
  readonly right: number;
  /** The key, and behind it the three numbers. */
  readonly value: number;
  /** What stands for no node. */
  readonly nothing: (map: readonly Pointer[]) => Pointer;
}

const ITANIUM_NAME = '_Z26llama_get_memory_breakdownPK13llama_context';
const MSVC_NAME =
  '?llama_get_memory_breakdown@@YA?AV?$map@PEAUggml_backend_buffer_type@@Ullama_memory_breakdown_data@@U?$less@PEAUggml_backend_buffer_type@@@std@@V?$allocator@U?$pair@QEAUggml_backend_buffer_type@@Ullama_memory_breakdown_data@@@std@@@4@@std@@PEBUllama_context@@@Z';

const LAYOUTS: Readonly<Partial<Record<NodeJS.Platform, MapLayout>>> = {
  // libstdc++, bits/stl_tree.h: compare, header {color, parent = root, left, right}, count; a node {color, parent, left, right, value}.
  linux: {
    ...{ symbol: ITANIUM_NAME, words: 6, size: 5, left: 2, right: 3, value: 4 },
    root: (map) => map[2] ?? 0,
    nothing: () => 0,
  },
  // libc++, __tree: first node, end node {left = root}, count; a node {left, right, parent, is black, value}.
  darwin: {
    ...{ symbol: ITANIUM_NAME, words: 3, size: 2, left: 0, right: 1, value: 4 },
    root: (map) => map[1] ?? 0,
    nothing: () => 0,
  },
  // MSVC, xtree: head {left, parent = root, right, …}, count; a node {left, parent, right, color and is nil, value}; the head is nil.
  // A third word, which the map does not have: plain structures of two come back in registers on ARM, and no map does.
  win32: {
    ...{ symbol: MSVC_NAME, words: 3, size: 1, left: 0, right: 2, value: 4 },
    root: ([head = 0], wordsAt) => wordsAt(head, 2)[1] ?? 0,
    nothing: ([head = 0]) => head,
  },
};

/** Kinds of buffers: a few for each device. */
const MAX_ENTRIES = 64;

/** @throws Failure where the answer is not such a map */
export function readBreakdown({ koffi, llama, c }: Libraries, context: Pointer): BreakdownEntry[] {
  const layout = LAYOUTS[process.platform];
  if (layout === undefined) throw foreign();
  const wordsAt = wordReader(c);
  const result = koffi.struct({ words: koffi.array('uint64_t', layout.words) });
  const ask = llama.func(layout.symbol, result, ['uintptr_t']) as (context: Pointer) => {
    readonly words: ArrayLike<number | bigint>;
  };
  const map = Array.from(ask(context).words, Number);
  const [size = 0, nothing] = [map[layout.size], layout.nothing(map)];
  if (size === 0 || size > MAX_ENTRIES) throw foreign();
  const entries: BreakdownEntry[] = [];
  const visit = (node: Pointer): void => {
    if (node === nothing) return;
    if (entries.length === size) throw foreign();
    const words = wordsAt(node, layout.value + 4);
    const [bufferType = 0, model = 0, contextBytes = 0, compute = 0] = words.slice(layout.value);
    entries.push({ bufferType, model, context: contextBytes, compute });
    visit(words[layout.left] ?? nothing);
    visit(words[layout.right] ?? nothing);
  };
  visit(layout.root(map, wordsAt));
  if (entries.length !== size) throw foreign();
  return entries;
}

function wordReader(c: Libraries['c']): (address: Pointer, count: number) => Pointer[] {
  const memcpy = c.func('void *memcpy(void *target, uintptr_t source, size_t bytes)') as (
    target: BigUint64Array,
    source: Pointer,
    bytes: number,
  ) => void;
  return (address, count) => {
    const words = new BigUint64Array(count);
    memcpy(words, address, words.byteLength);
    return Array.from(words, Number);
  };
}

const foreign = (): Failure =>
  new Failure('internal', 'llama.cpp tells of its memory in a way that Quantscope does not know here.');
