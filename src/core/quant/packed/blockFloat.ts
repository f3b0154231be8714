// Floats of 4 or 8 bits in blocks with a scale that is itself a float of 8 bits: NVFP4, MXFP4 and MXFP8 of several makers.
// Sources: ModelOpt, nvfp4_tensor.py; compressed-tensors, compressors/nvfp4; transformers, integrations/mxfp4.py; OCP Microscaling.
import { undecodable } from '../../base/failure.ts';
import { E2M1, E4M3, E5M2, E8M0 } from '../decode/floats.ts';
import { stream } from './codes.ts';
import { gridOf, groupsAlong } from './grouped.ts';
import { type CodedLayout, lineBytes } from './layout.ts';
import type { PackedMatrix, Packing } from './packing.ts';
import { byTable, checkBytes, firstNumber, need, type Parts } from './parts.ts';
import { createRows, type Rows } from './rows.ts';

type BlockFloat = Extract<Packing, { system: 'blockFloat' }>;

/** What the decoder asks of a packing of this kind: MLX and torchao have them, too. */
export type BlockFloatCodes = Pick<BlockFloat, 'codes' | 'scales' | 'superScale'> & {
  /** ModelOpt reads code 8 as 0, all others as −0. */
  readonly hasNegativeZero: boolean;
};

const CODES: Readonly<Record<BlockFloat['codes'], Float64Array>> = { e2m1: E2M1, e4m3: E4M3, e5m2: E5M2 };
const SCALES: Readonly<Record<BlockFloat['scales'], Float64Array>> = { e8m0: E8M0, e4m3: E4M3 };

/**
 * weight = float[code] · scale, the even one of two neighbors in the low half of a byte. With a second scale the two are multiplied
 * (or the first divided by the second) before, and rounded.
 */
export function blockFloatLayout(
  { rows, columns }: PackedMatrix,
  groupSize: number,
  { codes, scales: scaleType, superScale, hasNegativeZero }: BlockFloatCodes,
  parts: Parts,
): CodedLayout {
  const bits = codes === 'e2m1' ? 4 : 8;
  const lineLength = Math.ceil((columns * bits) / 8);
  checkBytes(need(parts, 'codes', 'codes'), rows * lineLength, 'codes');
  const groupCount = Math.ceil(columns / groupSize);
  const part = need(parts, 'scales', 'scales');
  if (part.scheme.blockBytes !== 1) throw undecodable(`its scales are of type ${part.scheme.name}`);
  checkBytes(part, rows * groupCount, 'scales');
  const scaleTable = scaleValues(SCALES[scaleType], superScale, parts);
  const scales: Rows = createRows({
    part,
    count: rows,
    length: groupCount,
    unitBytes: groupCount,
    decode: (bytes) => byTable(bytes, scaleTable),
  });
  const table = Float32Array.from(CODES[codes], (value) => (hasNegativeZero ? value : value + 0));
  const superPart = parts('superScales');
  return {
    kind: 'coded',
    axis: 'rows',
    lines: rows,
    lineWeights: columns,
    step: 1,
    order: null,
    codeRanges: lineBytes(lineLength),
    levels: [...table],
    pieces: (line, from, count) => [stream(8 * line * lineLength + bits * from, bits, count)],
    ...groupsAlong({ scales, zeros: null }, groupSize, { formula: 'table', table }),
    groups: gridOf('rows', scales, null, groupCount, {
      superScales:
        superScale === 'none' || superPart === undefined
          ? null
          : { name: 'second scale', values: Float32Array.of(firstNumber(superPart, 'second scale')) },
    }),
  };
}

/** All 256 scales there can be, with the second scale in them. */
function scaleValues(values: Float64Array, superScale: BlockFloat['superScale'], parts: Parts): Float64Array {
  if (superScale === 'none') return values;
  const second = firstNumber(need(parts, 'superScales', 'second scale'), 'second scale');
  return values.map((value) =>
    superScale === 'multiply' ? Math.fround(value * second) : Math.fround(value / second),
  );
}
