// How much of a header is believed. A real one of today has 16 MB, 60,000 tensors and 100 keys.

/** A header is not followed further than this: behind it a sparse file could go on with zeros for terabytes. */
export const MAX_HEADER_BYTES = 2 ** 28;

/** Each entry becomes an object of some hundred bytes, whatever it costs the file. */
export const MAX_KEYS = 65_536;
export const MAX_TENSORS = 262_144;

/** Length of a key by the GGUF specification, and what is believed of a tensor name. */
export const MAX_NAME_BYTES = 65_535;

/** A text of the metadata (a chat template has 30 kB) is kept up to here; the rest is passed over. */
export const MAX_TEXT_BYTES = 4 * 2 ** 20;

/** All texts of a header together, names included: 60,000 names have 3 MB. */
export const MAX_ALL_TEXT_BYTES = 16 * 2 ** 20;

/** GGML_MAX_NAME of ggml.h: the zero at its end included. llama.cpp refuses longer names. */
export const GGML_MAX_NAME = 64;

/** GGML_MAX_DIMS of ggml.h. */
export const GGML_MAX_DIMS = 4;
/** With more dimensions than this the number is not a number of dimensions. */
export const MAX_READABLE_DIMS = 64;

/** Arrays in arrays: deeper ones have no use and cost a stack frame each. */
export const MAX_ARRAY_DEPTH = 4;

export const DEFAULT_ALIGNMENT = 32;
/** No tool writes more than 4 KiB; a wrong one of gigabytes would move all data out of the file. */
export const MAX_ALIGNMENT = 2 ** 20;

/** Files of one model; the largest known ones have some hundred. The number comes from the file name. */
export const MAX_SHARDS = 4096;
