// The bytes of a block in hex, underlined in the color of what they hold.
import type { FieldColor } from '../../../src/protocol/modelView.ts';
import type { BlockContents } from '../../../src/protocol/tensorStats.ts';
import { fieldColor } from '../../shared/colors.ts';
import { theme } from '../../shared/theme.ts';
import type { BlockMarks, BlockPart, MarkHandlers } from './blockMarks.ts';
import { PartGrid } from './partGrid.tsx';

const COLUMNS = 16;

/** What a byte holds, in words. */
const FIELD_WORDS: Readonly<Record<FieldColor, string>> = {
  superScale: 'scale of the block',
  scale: 'scales',
  superMin: 'min of the block',
  min: 'mins',
  code: 'codes',
  other: 'other bits',
};

interface Props extends MarkHandlers {
  readonly block: BlockContents;
  readonly marks: BlockMarks;
  readonly pinned: BlockPart | null;
}

export function ByteGrid({ block: { bytes, byteColors }, marks, pinned, point, pin }: Props) {
  const hex = (index: number): string => (bytes[index] ?? 0).toString(16).padStart(2, '0');
  const fields = (index: number): readonly FieldColor[] => byteColors[index] ?? [];
  return (
    <PartGrid
      kind="byte"
      label="Bytes of the block"
      className="bytes mono"
      columns={COLUMNS}
      count={bytes.length}
      lit={marks.bytes}
      pinned={pinned}
      point={point}
      pin={pin}
      describe={(index) =>
        `Byte ${index}: ${hex(index)}, ${fields(index)
          .map((field) => FIELD_WORDS[field])
          .join(' and ')}`
      }
    >
      {(index) => (
        <>
          {hex(index)}
          <i style={{ background: underline(fields(index)) }} />
        </>
      )}
    </PartGrid>
  );
}

/** Two families in one byte share its line. */
function underline([first = 'other', second = first]: readonly FieldColor[]): string {
  const [left, right] = [fieldColor(theme.value, first), fieldColor(theme.value, second)];
  return `linear-gradient(90deg, ${left} 50%, ${right} 50%)`;
}
