// Weights stored one by one, as floats or integers: the types that GGUF and safetensors have in common.
import { plainScheme } from './define.ts';
import type { Scheme } from './scheme.ts';

const GGML = 'llama.cpp, ggml/include/ggml.h, enum ggml_type; safetensors, tensor.rs, enum Dtype';

export const F32: Scheme = plainScheme(
  'F32',
  'float',
  32,
  'IEEE 754 single precision: sign, 8 bits of exponent, 23 of mantissa.',
  GGML,
  0,
);
export const F16: Scheme = plainScheme(
  'F16',
  'float',
  16,
  'IEEE 754 half precision: sign, 5 bits of exponent, 10 of mantissa. Largest value 65,504.',
  GGML,
  1,
);
export const BF16: Scheme = plainScheme(
  'BF16',
  'float',
  16,
  'The upper half of an F32: sign, 8 bits of exponent, 7 of mantissa.',
  GGML,
  30,
);
export const F64: Scheme = plainScheme(
  'F64',
  'float',
  64,
  'IEEE 754 double precision: sign, 11 bits of exponent, 52 of mantissa.',
  GGML,
  28,
);
export const I8: Scheme = plainScheme('I8', 'integer', 8, 'Signed integers of 8 bits.', GGML, 24);
export const I16: Scheme = plainScheme('I16', 'integer', 16, 'Signed integers of 16 bits.', GGML, 25);
export const I32: Scheme = plainScheme('I32', 'integer', 32, 'Signed integers of 32 bits.', GGML, 26);
export const I64: Scheme = plainScheme('I64', 'integer', 64, 'Signed integers of 64 bits.', GGML, 27);

export const PLAIN_NUMBERS: readonly Scheme[] = [F32, F16, BF16, F64, I8, I16, I32, I64];
