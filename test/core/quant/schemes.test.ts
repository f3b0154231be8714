// The scheme tables against the sizes that ggml and safetensors state.
import { describe, expect, it } from 'vitest';
import { GGML_SCHEMES, ggmlScheme } from '../../../src/core/quant/ggmlTypes.ts';
import { SAFETENSORS_SCHEMES, safetensorsScheme } from '../../../src/core/quant/safetensorsTypes.ts';
import { bitsPerWeight, type Scheme } from '../../../src/core/quant/scheme.ts';

/** Weights and bytes of a block, from the static_asserts of ggml-common.h and type_traits of ggml.c. */
// prettier-ignore
const GGML_SIZES: Readonly<Record<string, readonly [weights: number, bytes: number]>> = {
  F32: [1, 4], F16: [1, 2], BF16: [1, 2], F64: [1, 8], I8: [1, 1], I16: [1, 2], I32: [1, 4], I64: [1, 8],
  Q4_0: [32, 18], Q4_1: [32, 20], Q5_0: [32, 22], Q5_1: [32, 24], Q8_0: [32, 34], Q8_1: [32, 36],
  Q2_K: [256, 84], Q3_K: [256, 110], Q4_K: [256, 144], Q5_K: [256, 176], Q6_K: [256, 210], Q8_K: [256, 292],
  IQ2_XXS: [256, 66], IQ2_XS: [256, 74], IQ2_S: [256, 82], IQ3_XXS: [256, 98], IQ3_S: [256, 110],
  IQ1_S: [256, 50], IQ1_M: [256, 56], IQ4_NL: [32, 18], IQ4_XS: [256, 136],
  TQ1_0: [256, 54], TQ2_0: [256, 66], MXFP4: [32, 17], NVFP4: [64, 36], Q1_0: [128, 18], Q2_0: [64, 18],
};

describe('ggml types', () => {
  it('cover the ids 0 to 42, each at its own place', () => {
    expect(GGML_SCHEMES.map(({ ggmlId }) => ggmlId)).toEqual(Array.from({ length: 43 }, (_item, id) => id));
  });

  it('have the block sizes of ggml', () => {
    const sizes = GGML_SCHEMES.filter(({ kind }) => kind !== 'unknown').map((scheme) => [
      scheme.name,
      [scheme.blockWeights, scheme.blockBytes],
    ]);
    expect(Object.fromEntries(sizes)).toEqual(GGML_SIZES);
  });

  it('draw and color every byte of a block', () => {
    for (const { name, fields, blockBytes } of GGML_SCHEMES.filter(({ kind }) => kind === 'block')) {
      expect(
        fields.reduce((sum, { bytes }) => sum + bytes, 0),
        name,
      ).toBe(blockBytes);
      expect(new Set(fields.map((field) => field.name)).size, name).toBe(fields.length);
      expect(
        fields.every(({ bytes, pieces }) => Number.isInteger(bytes / pieces)),
        name,
      ).toBe(true);
    }
  });

  it('name the removed ids without giving them a layout', () => {
    const removed = GGML_SCHEMES.filter(({ kind }) => kind === 'unknown');
    expect(removed.map(({ ggmlId }) => ggmlId)).toEqual([4, 5, 31, 32, 33, 36, 37, 38]);
    expect(removed[0]).toMatchObject({ name: 'Q4_2 (removed)', blockBytes: null });
  });

  it('say of an unknown id that it is unknown', () => {
    expect(ggmlScheme(139)).toMatchObject({
      name: 'unknown (139)',
      kind: 'unknown',
      blockBytes: null,
      ggmlId: 139,
    });
    expect(bitsPerWeight(ggmlScheme(43))).toBeNull();
  });

  it('explain Q4_K as the sum of its fields', () => {
    const q4k = ggmlScheme(12);
    expect(q4k.fields.map(({ label, bytes, detail, pieces }) => [label, bytes, detail, pieces])).toEqual([
      ['d', 2, 'scale of the scales, an F16', 1],
      ['dmin', 2, 'scale of the mins, an F16', 1],
      ['scales and mins', 12, '8 scales and 8 mins of 6 bits', 12],
      ['codes', 128, '256 codes of 4 bits', 8],
    ]);
    expect(bitsPerWeight(q4k)).toBe(4.5);
  });

  it('color the symbols of a formula', () => {
    expect(ggmlScheme(12).formula).toEqual([
      { text: 'w = ' },
      { text: 'd', family: 'superScale' },
      { text: '·' },
      { text: 'sc', family: 'scale' },
      { text: '·' },
      { text: 'q', family: 'code' },
      { text: ' − ' },
      { text: 'dmin', family: 'superMin' },
      { text: '·' },
      { text: 'm', family: 'min' },
    ]);
  });

  it('write every formula with the symbols of its fields', () => {
    const text = (scheme: Scheme): string => scheme.formula.map((piece) => piece.text).join('');
    const formulas = GGML_SCHEMES.filter(({ kind }) => kind === 'block').map((s) => `${s.name}: ${text(s)}`);
    expect(formulas.join('\n')).toMatchInlineSnapshot(`
      "Q4_0: w = d·(q − 8)
      Q4_1: w = d·q + m
      Q5_0: w = d·(q − 16)
      Q5_1: w = d·q + m
      Q8_0: w = d·q
      Q8_1: w = d·q
      Q2_K: w = d·sc·q − dmin·m
      Q3_K: w = d·(sc − 32)·(q − 4)
      Q4_K: w = d·sc·q − dmin·m
      Q5_K: w = d·sc·q − dmin·m
      Q6_K: w = d·sc·(q − 32)
      Q8_K: w = d·q
      IQ2_XXS: w = ¼·d·(sc + ½)·±grid[q]
      IQ2_XS: w = ¼·d·(sc + ½)·±grid[q]
      IQ3_XXS: w = ½·d·(sc + ½)·±grid[q]
      IQ1_S: w = d·(2·sc + 1)·(grid[q] ± ⅛)
      IQ4_NL: w = d·table[q]
      IQ3_S: w = d·(2·sc + 1)·±grid[q]
      IQ2_S: w = ¼·d·(sc + ½)·±grid[q]
      IQ4_XS: w = d·(sc − 32)·table[q]
      IQ1_M: w = d·(2·sc + 1)·(grid[q] ± ⅛)
      TQ1_0: w = d·(q − 1)
      TQ2_0: w = d·(q − 1)
      MXFP4: w = 2^(e − 127)·float[q]
      NVFP4: w = sc·float[q]
      Q1_0: w = d·(2·q − 1)
      Q2_0: w = d·(q − 1)"
    `);
  });
});

describe('safetensors dtypes', () => {
  it('have the sizes of the format, sub-byte ones as fractions', () => {
    const bits = SAFETENSORS_SCHEMES.map((scheme) => `${scheme.name}:${bitsPerWeight(scheme)}`).join(' ');
    expect(bits).toBe(
      'BOOL:8 F4:4 F6_E2M3:6 F6_E3M2:6 U8:8 I8:8 F8_E5M2:8 F8_E4M3:8 F8_E8M0:8 F8_E4M3FNUZ:8 F8_E5M2FNUZ:8 ' +
        'I16:16 U16:16 F16:16 BF16:16 I32:32 U32:32 F32:32 C64:64 F64:64 I64:64 U64:64',
    );
  });

  it('are the same schemes as those of ggml where they are the same type', () => {
    expect(safetensorsScheme('BF16')).toBe(ggmlScheme(30));
  });

  it('keep the name of an unknown dtype, also one that every object has', () => {
    expect(safetensorsScheme('INT4')).toMatchObject({ name: 'INT4', kind: 'unknown', blockBytes: null });
    expect(safetensorsScheme('__proto__')).toMatchObject({ name: '__proto__', kind: 'unknown' });
  });
});
