// The sample checkpoints of real tools decode to the values that the tools' own code gives.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decodeMatrix } from '../../../../src/core/quant/packed/decoder.ts';
import { PACKED_SAMPLES, samplesOf } from './samples.ts';
import { SAMPLES } from './stored.ts';

const EXPECTED = JSON.parse(readFileSync(`${SAMPLES}expected.json`, 'utf8')) as Record<
  string,
  Record<string, string>
>;

describe.each(Object.keys(PACKED_SAMPLES))('%s', (folder) => {
  const matrices = [...samplesOf(folder)];

  it('has packed matrices', () => {
    expect(matrices.length).toBeGreaterThan(1);
  });

  it.each(matrices)('$name decodes to the bits of the reference implementation', ({ name, matrix, read }) => {
    const hash = createHash('sha256');
    for (let index = 0; index < matrix.matrices; index++)
      hash.update(new Uint8Array(decodeMatrix(matrix, index, read).buffer));
    expect(hash.digest('hex')).toBe(EXPECTED[folder]?.[name]);
  });
});
