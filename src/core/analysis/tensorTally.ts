// Tallies a tensor row by row: whole rows lie in the kernel's input, strips of them go through decoder and statistics.
import type { Endianness } from '../quant/decode/decoder.ts';
import type { Scheme } from '../quant/scheme.ts';
import type { BlockTally } from './blockTally.ts';
import type { Kernel } from './kernel.ts';
import type { Tally } from './tally.ts';

export interface TensorTally {
  /** Adds `rowCount` whole rows that lie in the input of the kernel from `inputOffset` on. */
  addRows(inputOffset: number, rowCount: number): void;
  /** What was added; begins anew. `blocks` is null where `StripDecoder.countBlocks` is. */
  take(): { readonly tally: Tally; readonly blocks: BlockTally | null };
}

export interface TensorRows {
  readonly scheme: Scheme;
  readonly endianness: Endianness;
  /** Weights of a row, the number of columns: whole blocks and whole bytes. */
  readonly rowWeights: number;
  /** See addToTally. */
  readonly shift: number;
}

/** Null where the scheme has no decoder or rows do not end at a block and a byte. One tensor at a time uses a kernel. */
export function createTensorTally(
  kernel: Kernel,
  { scheme, endianness, rowWeights, shift }: TensorRows,
): TensorTally | null {
  const { blockWeights, blockBytes } = scheme;
  const decoder = kernel.stripDecoder(scheme, endianness);
  if (decoder === null || blockBytes === null) return null;
  const rowBytes = (rowWeights / blockWeights) * blockBytes;
  if (rowWeights === 0 || rowWeights % blockWeights !== 0 || !Number.isInteger(rowBytes)) return null;

  // Short rows go through the kernel together, as if they were one: their columns are folded in the end.
  const rowsPerStrip = Math.max(1, Math.floor(kernel.strip.length / rowWeights));
  const { decode, countBlocks } = decoder;
  const addPiece = (inputOffset: number, count: number, firstColumn: number): void => {
    const blockCount = count / blockWeights;
    decode(inputOffset, blockCount);
    // A row longer than the kernel has columns begins again at the first one.
    kernel.add(count, firstColumn % kernel.columnLimit, shift);
    countBlocks?.(blockCount);
  };
  const addRow = (inputOffset: number, count: number): void => {
    for (let column = 0; column < count; column += kernel.strip.length) {
      const piece = Math.min(kernel.strip.length, count - column);
      addPiece(inputOffset + (column / blockWeights) * blockBytes, piece, column);
    }
  };
  return {
    addRows(inputOffset, rowCount) {
      for (let row = 0; row < rowCount; row += rowsPerStrip) {
        addRow(inputOffset + row * rowBytes, rowWeights * Math.min(rowsPerStrip, rowCount - row));
      }
    },
    take() {
      const tally = kernel.take(Math.min(kernel.columnLimit, rowWeights * rowsPerStrip));
      return {
        tally: { ...tally, columns: foldColumns(tally.columns, rowWeights) },
        blocks: countBlocks && kernel.takeBlocks(),
      };
    },
  };
}

/** The columns of rows that lay side by side. */
function foldColumns(columns: Float32Array, rowWeights: number): Float32Array {
  const folded = columns.slice(0, rowWeights);
  for (let index = rowWeights; index < columns.length; index++) {
    const column = index % rowWeights;
    folded[column] = Math.max(folded[column] ?? 0, columns[index] ?? 0);
  }
  return folded;
}
