// Every type id a GGUF tensor can have: the 43 ids of llama.cpp v0.5.0 and what can be said of the others.
import { unknownScheme } from './define.ts';
import { GRID_QUANTS } from './gridQuants.ts';
import { K_QUANTS } from './kQuants.ts';
import { PLAIN_BLOCKS } from './plainBlocks.ts';
import { PLAIN_NUMBERS } from './plainNumbers.ts';
import type { Scheme } from './scheme.ts';
import { SMALL_FLOATS } from './smallFloats.ts';

const GGML_TYPES = 'llama.cpp, ggml/include/ggml.h, enum ggml_type';

/** Ids that once had a type and must not be used again. */
const REMOVED: Readonly<Record<number, readonly [name: string, summary: string]>> = {
  4: ['Q4_2', 'A 4-bit type of 2023.'],
  5: ['Q4_3', 'A 4-bit type of 2023.'],
  31: [
    'Q4_0_4_4',
    'Q4_0 with its rows interleaved for ARM processors; llama.cpp now does that while loading.',
  ],
  32: [
    'Q4_0_4_8',
    'Q4_0 with its rows interleaved for ARM processors; llama.cpp now does that while loading.',
  ],
  33: [
    'Q4_0_8_8',
    'Q4_0 with its rows interleaved for ARM processors; llama.cpp now does that while loading.',
  ],
  36: [
    'IQ4_NL_4_4',
    'IQ4_NL with its rows interleaved. BitNet files use this id for a ternary type of their own.',
  ],
  37: ['IQ4_NL_4_8', 'IQ4_NL with its rows interleaved for ARM processors.'],
  38: ['IQ4_NL_8_8', 'IQ4_NL with its rows interleaved for ARM processors.'],
};

const removed = Object.entries(REMOVED).map(([id, [name, summary]]) =>
  unknownScheme(
    `${name} (removed)`,
    Number(id),
    `${summary} Removed from llama.cpp; its bytes are not interpreted.`,
    GGML_TYPES,
  ),
);

/** Scheme by id; every id 0…42 is there. */
export const GGML_SCHEMES: readonly Scheme[] = [
  ...PLAIN_NUMBERS,
  ...PLAIN_BLOCKS,
  ...K_QUANTS,
  ...GRID_QUANTS,
  ...SMALL_FLOATS,
  ...removed,
].sort((a, b) => (a.ggmlId ?? 0) - (b.ggmlId ?? 0));

/** ik_llama.cpp numbers its own types from here on, to stay clear of llama.cpp's. */
const FIRST_PRIVATE_ID = 100;

/** The scheme of a type id; of an id nobody knows a scheme without layout. */
export function ggmlScheme(id: number): Scheme {
  const known = GGML_SCHEMES[id];
  if (known !== undefined) return known;
  const whose =
    id >= FIRST_PRIVATE_ID
      ? 'Ids from 100 on are private types of forks of llama.cpp, such as ik_llama.cpp.'
      : 'A newer llama.cpp may know it.';
  return unknownScheme(
    `unknown (${id})`,
    id,
    `Type ${id} is not one of llama.cpp v0.5.0. ${whose}`,
    GGML_TYPES,
  );
}
