// Every dtype a safetensors file can have, by the name in its header.
import { plainScheme, unknownScheme } from './define.ts';
import { BF16, F16, F32, F64, I16, I32, I64, I8 } from './plainNumbers.ts';
import type { Scheme } from './scheme.ts';

const SOURCE = 'safetensors, safetensors/src/tensor.rs, enum Dtype';

const float = (name: string, bits: number, summary: string): Scheme =>
  plainScheme(name, 'float', bits, summary, SOURCE);
const integer = (name: string, bits: number, summary: string): Scheme =>
  plainScheme(name, 'integer', bits, summary, SOURCE);

export const SAFETENSORS_SCHEMES: readonly Scheme[] = [
  integer('BOOL', 8, 'True or false, one byte each.'),
  float('F4', 4, 'Floats of 4 bits, two in a byte: sign, 2 bits of exponent, 1 of mantissa (E2M1).'),
  float('F6_E2M3', 6, 'Floats of 6 bits: sign, 2 bits of exponent, 3 of mantissa.'),
  float('F6_E3M2', 6, 'Floats of 6 bits: sign, 3 bits of exponent, 2 of mantissa.'),
  integer('U8', 8, 'Unsigned integers of 8 bits; in quantized models often packed codes.'),
  I8,
  float('F8_E5M2', 8, 'Floats of 8 bits: sign, 5 bits of exponent, 2 of mantissa. Largest value 57,344.'),
  float(
    'F8_E4M3',
    8,
    'Floats of 8 bits: sign, 4 bits of exponent, 3 of mantissa. Largest value 448, no infinity.',
  ),
  float('F8_E8M0', 8, 'A power of two in 8 bits, without sign or mantissa: the scale of a block.'),
  float('F8_E4M3FNUZ', 8, 'F8_E4M3 without negative zero, its exponent one lower. Largest value 240.'),
  float(
    'F8_E5M2FNUZ',
    8,
    'F8_E5M2 without negative zero and infinity, its exponent one lower. Largest value 57,344.',
  ),
  I16,
  integer('U16', 16, 'Unsigned integers of 16 bits.'),
  F16,
  BF16,
  I32,
  integer('U32', 32, 'Unsigned integers of 32 bits; in quantized models often packed codes.'),
  F32,
  float('C64', 64, 'Complex numbers: two F32, the real and the imaginary part.'),
  F64,
  I64,
  integer('U64', 64, 'Unsigned integers of 64 bits.'),
];

const byName: ReadonlyMap<string, Scheme> = new Map(
  SAFETENSORS_SCHEMES.map((scheme) => [scheme.name, scheme]),
);

/** The scheme of a dtype; of a name nobody knows a scheme without layout, under the name as written. */
export function safetensorsScheme(dtype: string): Scheme {
  return (
    byName.get(dtype) ??
    unknownScheme(dtype, null, 'Not a dtype of the safetensors format as it is known here.', SOURCE)
  );
}
