// The types a model can be quantized to: llama.cpp's mixes, as its tool llama-quantize (v0.4.0) offers them.
import { GGML_SCHEMES } from '../../core/quant/ggmlTypes.ts';
import { bitsPerWeight, type Scheme } from '../../core/quant/scheme.ts';

export interface QuantizeTarget {
  /** "Q4_K_M" */
  readonly name: string;
  /** llama.cpp's number (llama_ftype). */
  readonly fileType: number;
  /** The scheme of most tensors. */
  readonly scheme: Scheme;
  /** Of that scheme; what a model ends with is some more. */
  readonly bitsPerWeight: number;
  /** needed: llama.cpp refuses without. better: the usual advice. none: it would change nothing. */
  readonly imatrix: 'needed' | 'better' | 'none';
  /** What it is good for, in a sentence. */
  readonly about: string;
}

type Row = readonly [
  name: string,
  fileType: number,
  scheme: string,
  imatrix: QuantizeTarget['imatrix'],
  about: string,
];

const ROWS: readonly Row[] = [
  ['F32', 0, 'F32', 'none', 'Every weight in full; twice the size of what models are published in.'],
  ['F16', 1, 'F16', 'none', 'Half-precision floats: a good source for other types.'],
  [
    'BF16',
    32,
    'BF16',
    'none',
    'The floats most models are trained in: nothing is lost from such an original.',
  ],
  ['Q8_0', 7, 'Q8_0', 'none', 'As good as the original for almost every use.'],
  ['Q6_K', 18, 'Q6_K', 'better', 'Hardly to be told from the original.'],
  ['Q5_K_M', 17, 'Q5_K', 'better', 'Small loss; for those who have some memory to spare.'],
  ['Q5_K_S', 16, 'Q5_K', 'better', 'As Q5_K_M, without the more precise tensors of its mix.'],
  ['Q5_1', 9, 'Q5_1', 'better', 'An older type; Q5_K_M is better at about the same size.'],
  ['Q5_0', 8, 'Q5_0', 'better', 'An older type; Q5_K_S is better at the same size.'],
  ['Q4_K_M', 15, 'Q4_K', 'better', 'The usual choice: small, fast, with a loss that is seldom noticed.'],
  ['Q4_K_S', 14, 'Q4_K', 'better', 'As Q4_K_M, a little smaller and a little worse.'],
  ['Q4_1', 3, 'Q4_1', 'better', 'An older type; Q4_K_M is better at about the same size.'],
  ['Q4_0', 2, 'Q4_0', 'better', 'An older type with fast kernels on many processors.'],
  [
    'IQ4_NL',
    25,
    'IQ4_NL',
    'better',
    'Uneven steps of 4 bits in blocks of 32: for rows that Q4_K does not fit.',
  ],
  ['IQ4_XS', 30, 'IQ4_XS', 'better', 'Smaller than Q4_K_S and about as good; slower on processors.'],
  [
    'MXFP4_MOE',
    38,
    'MXFP4',
    'none',
    'MXFP4 for the experts of a mixture, Q8_0 for the rest; a model without experts gets Q8_0.',
  ],
  ['Q3_K_L', 13, 'Q3_K', 'better', 'For little memory: noticeable loss.'],
  ['Q3_K_M', 12, 'Q3_K', 'better', 'For little memory: noticeable loss.'],
  ['Q3_K_S', 11, 'Q3_K', 'better', 'For little memory: clear loss.'],
  [
    'IQ3_M',
    27,
    'IQ3_S',
    'better',
    'A mix with codebooks of 3 bits; better than Q3_K of its size, slower on processors.',
  ],
  ['IQ3_S', 26, 'IQ3_S', 'better', 'Codebooks of 3 bits for almost all tensors.'],
  ['IQ3_XS', 22, 'IQ3_S', 'needed', 'Between IQ3_XXS and IQ3_S.'],
  ['IQ3_XXS', 23, 'IQ3_XXS', 'needed', 'Codebooks of 3 bits, the smallest of them.'],
  ['Q2_K', 10, 'Q2_K', 'better', 'Large loss; usable for large models only.'],
  ['Q2_K_S', 21, 'Q2_K', 'needed', 'As Q2_K, without the more precise tensors of its mix.'],
  ['IQ2_M', 29, 'IQ2_S', 'needed', 'Codebooks of 2 bits: large models in little memory.'],
  ['IQ2_S', 28, 'IQ2_XS', 'needed', 'Codebooks of 2 bits: large models in little memory.'],
  ['IQ2_XS', 20, 'IQ2_XS', 'needed', 'Codebooks of 2 bits: large models in little memory.'],
  ['IQ2_XXS', 19, 'IQ2_XXS', 'needed', 'Codebooks of 2 bits, the smallest of them.'],
  ['IQ1_M', 31, 'IQ1_M', 'needed', 'Below 2 bits: for experiments.'],
  ['IQ1_S', 24, 'IQ1_S', 'needed', 'Below 2 bits: for experiments.'],
  ['TQ2_0', 37, 'TQ2_0', 'none', 'For models that were trained with weights of −1, 0 and 1.'],
  [
    'TQ1_0',
    36,
    'TQ1_0',
    'none',
    'For models that were trained with weights of −1, 0 and 1; smaller, slower.',
  ],
  ['Q2_0', 41, 'Q2_0', 'none', 'Four values a weight in groups of 64: for models trained for it.'],
  ['Q1_0', 40, 'Q1_0', 'none', 'One bit a weight: for models trained for it.'],
];

const schemeNamed = (name: string): Scheme | undefined => GGML_SCHEMES.find((scheme) => scheme.name === name);

export const QUANTIZE_TARGETS: readonly QuantizeTarget[] = ROWS.flatMap(
  ([name, fileType, schemeName, imatrix, about]) => {
    const scheme = schemeNamed(schemeName);
    const bits = scheme === undefined ? null : bitsPerWeight(scheme);
    return scheme === undefined || bits === null
      ? []
      : [{ name, fileType, scheme, bitsPerWeight: bits, imatrix, about }];
  },
);

/** Names that llama-quantize takes for another. */
const ALIASES: Readonly<Record<string, string>> = { Q3_K: 'Q3_K_M', Q4_K: 'Q4_K_M', Q5_K: 'Q5_K_M' };

/** By its name in any case; null when there is none. */
export function targetNamed(name: string): QuantizeTarget | null {
  const upper = name.toUpperCase();
  return QUANTIZE_TARGETS.find((target) => target.name === (ALIASES[upper] ?? upper)) ?? null;
}

/** Types that a tensor can be given: those that llama.cpp can make from floats. */
export const TENSOR_SCHEMES: readonly Scheme[] = GGML_SCHEMES.filter(
  ({ name, blockBytes, ggmlId }) =>
    blockBytes !== null &&
    ggmlId !== null &&
    /^(F16|F32|BF16|T?Q\d|IQ\d|MXFP4$|NVFP4$)/.test(name) &&
    !/^Q8_[1K]$/.test(name),
);

/** By its name in any case; null when there is none that a tensor can be given. */
export const tensorSchemeNamed = (name: string): Scheme | null =>
  TENSOR_SCHEMES.find((scheme) => scheme.name === name.toUpperCase()) ?? null;

/** As ggml writes types: "q4_K", "f16". */
export const schemeOfGgmlName = (name: string): Scheme | null => schemeNamed(name.toUpperCase()) ?? null;
