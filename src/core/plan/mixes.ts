// What other quantizations of the same model would take, about: bits per weight of llama.cpp's mixes.

export interface Mix {
  readonly name: string;
  /** Bits per weight over Llama-3.1-8B. Which tensors get more depends on the model: others differ by some percent. */
  readonly bitsPerWeight: number;
}

/** From llama.cpp v0.4.0, tools/quantize/README.md; best first. */
export const MIXES: readonly Mix[] = [
  { name: 'F16', bitsPerWeight: 16.0005 },
  { name: 'Q8_0', bitsPerWeight: 8.5008 },
  { name: 'Q6_K', bitsPerWeight: 6.5633 },
  { name: 'Q5_K_M', bitsPerWeight: 5.7036 },
  { name: 'Q4_K_M', bitsPerWeight: 4.8944 },
  { name: 'Q4_K_S', bitsPerWeight: 4.6672 },
  { name: 'IQ4_XS', bitsPerWeight: 4.4597 },
  { name: 'Q3_K_M', bitsPerWeight: 3.996 },
  { name: 'IQ3_M', bitsPerWeight: 3.7628 },
  { name: 'Q2_K', bitsPerWeight: 3.1593 },
  { name: 'IQ2_M', bitsPerWeight: 2.9294 },
  { name: 'IQ2_XXS', bitsPerWeight: 2.3824 },
];
