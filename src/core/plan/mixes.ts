// What other quantizations of the same model would take, about: llama.cpp's mixes, by what they do to embedding, output and layers.
import { GGML_SCHEMES } from '../quant/ggmlTypes.ts';

const F16_BITS = 16;
const Q8_0_BITS = 8.5;

/** A mix as it would come out of this model. */
export interface Mix {
  readonly name: string;
  readonly bitsPerWeight: number;
}

/** Relative error of all weights, over 8 models and 5 mixes whose types llama.cpp itself decided on: below 2.2 %. */
export const MIX_ERROR = 0.03;

export interface MixRule {
  readonly name: string;
  /** Of the layers' matrices, on average. Which of them get more bits depends on the model: it may be some percent off. */
  readonly layers: Bits;
  readonly embedding: Bits;
  /** Also of an embedding that the output is made of. */
  readonly output: Bits;
}

/** Bits per weight. */
export interface Bits {
  readonly whole: number;
  /** Where a row does not come out in whole blocks of 256. */
  readonly ragged: number;
}

type Row = readonly [
  name: string,
  ofLlama: number,
  types: {
    readonly most: string;
    readonly some?: string;
    readonly embedding?: string;
    readonly output?: string;
  },
];

/**
 * Best first: bits per weight over Llama-3.1-8B (tools/quantize/README.md), and the types that llama.cpp v0.4.0 gives to most and to
 * some matrices of the layers, to the embedding (else as to most) and to the output (src/llama-quant.cpp).
 */
const TABLE: readonly Row[] = [
  ['F16', 16.0005, { most: 'F16', output: 'F16' }],
  ['Q8_0', 8.5008, { most: 'Q8_0', output: 'Q8_0' }],
  ['Q6_K', 6.5633, { most: 'Q6_K' }],
  ['Q5_K_M', 5.7036, { most: 'Q5_K', some: 'Q6_K' }],
  ['Q4_K_M', 4.8944, { most: 'Q4_K', some: 'Q6_K' }],
  ['Q4_K_S', 4.6672, { most: 'Q4_K', some: 'Q5_K' }],
  ['IQ4_XS', 4.4597, { most: 'IQ4_XS', some: 'Q5_K' }],
  ['Q3_K_M', 3.996, { most: 'Q3_K', some: 'Q4_K' }],
  ['IQ3_M', 3.7628, { most: 'IQ3_S', some: 'Q4_K' }],
  ['Q2_K', 3.1593, { most: 'Q2_K', some: 'Q3_K' }],
  ['IQ2_M', 2.9294, { most: 'IQ2_S', some: 'IQ3_S', embedding: 'IQ3_S', output: 'Q5_K' }],
  ['IQ2_XXS', 2.3824, { most: 'IQ2_XXS', some: 'Q2_K', embedding: 'Q2_K', output: 'Q5_K' }],
];

/** Of types with blocks of 256, for rows that do not come out (tensor_type_fallback): those of 2 and 3 bits have 4 then. */
const FALLBACKS: ReadonlyMap<string, string> = new Map([
  ['Q6_K', 'Q8_0'],
  ['Q5_K', 'Q5_1'],
  ['Q4_K', 'Q5_0'],
  ['F16', 'F16'],
  ['Q8_0', 'Q8_0'],
]);

/** Weights of Llama-3.1-8B: all, its embedding (and as many in its output), and those of norms, which stay in F32. */
const LLAMA = { all: 8_030_261_248, embedding: 128_256 * 4096, norms: 65 * 4096 };

export const MIXES: readonly MixRule[] = TABLE.map(
  ([name, ofLlama, { most, some = most, embedding = most, output = 'Q6_K' }]) => {
    const [least, more] = [bitsOf(most), bitsOf(some)];
    const others = (bitsOf(embedding) + bitsOf(output)) * LLAMA.embedding + 32 * LLAMA.norms;
    const layers = (ofLlama * LLAMA.all - others) / (LLAMA.all - 2 * LLAMA.embedding - LLAMA.norms);
    const share = more === least ? 0 : (layers - least) / (more - least);
    return {
      name,
      layers: { whole: layers, ragged: (1 - share) * raggedBitsOf(most) + share * raggedBitsOf(some) },
      embedding: { whole: bitsOf(embedding), ragged: raggedBitsOf(embedding) },
      output: { whole: bitsOf(output), ragged: output === 'F16' ? F16_BITS : Q8_0_BITS },
    };
  },
);

function raggedBitsOf(type: string): number {
  return bitsOf(FALLBACKS.get(type) ?? 'Q4_0');
}

function bitsOf(type: string): number {
  const { blockWeights = 1, blockBytes = null } = GGML_SCHEMES.find(({ name }) => name === type) ?? {};
  if (blockBytes === null) throw new TypeError(`There is no type ${type}.`);
  return (8 * blockBytes) / blockWeights;
}
