// The card of one tensor: what its type is, with this tensor's numbers, and what its role does.
import { formatCount, formatPercent, formatShape, plural } from '../../../src/core/base/units.ts';
import type { ModelView, RoleView, TypeView } from '../../../src/protocol/modelView.ts';
import { Icon } from '../../shared/icon.tsx';
import { rowBits, rowDims, rowState, type Rows, type TensorState } from '../../shared/tensors/rows.ts';
import { measuresOf } from '../../shared/tensors/measures.ts';
import { inOutDims, readsReversed } from '../../shared/tensors/shape.ts';
import type { Analyzed } from '../table/statColumns.ts';
import { CardTitle, Keys, Pair } from './cardParts.tsx';
import { CostTable, TypeSummary } from './explainType.tsx';
import { WeightsLines } from './weightsLines.tsx';

interface Props {
  readonly model: ModelView;
  readonly rows: Rows;
  /** What the analysis found so far. */
  readonly analyzed: Analyzed;
  readonly row: number;
  /** The keys act on the selected row. */
  readonly selected: boolean;
}

export function TensorCard({ model, rows, analyzed, row, selected }: Props) {
  const type = model.types[rows.type[row] ?? 0];
  const role = model.roles[rows.role[row] ?? 0];
  if (type === undefined) return null;
  return (
    <>
      <CardTitle
        name={rows.names[row] ?? ''}
        type={type}
        bits={type.isPacked ? rowBits(rows, row) : type.bitsPerWeight}
      />
      <StateLine state={rowState(rows, row)} />
      <TypeSummary type={type} />
      <hr />
      <div class={type.costs.length === 0 ? '' : 'halves'}>
        {type.costs.length > 0 && <CostTable type={type} />}
        <Numbers model={model} rows={rows} row={row} type={type} />
      </div>
      <WeightsLines analyzed={analyzed} row={row} />
      <hr />
      {role !== undefined && <RoleLine role={role} />}
      <Keys copiesRow={selected} />
    </>
  );
}

const STATE_SENTENCES: Readonly<Record<Exclude<TensorState, 'whole'>, string>> = {
  cut: 'Cut off: the file ends inside this tensor.',
  missing: 'Missing: none of its bytes are in the file.',
  invalid: 'Invalid: its declaration contradicts itself; its bytes are not interpreted.',
};

function StateLine({ state }: { readonly state: TensorState }) {
  if (state === 'whole') return null;
  return (
    <p class="state">
      <Icon name="error" />
      {STATE_SENTENCES[state]}
    </p>
  );
}

function Numbers({
  model,
  rows,
  row,
  type,
}: Omit<Props, 'selected' | 'analyzed'> & { readonly type: TypeView }) {
  const { wholeBytes } = measuresOf(model, rows);
  const stored = rowDims(rows, row);
  const bytes = rows.bytes[row] ?? NaN;
  const weights = rows.weights[row] ?? 0;
  const blocks = type.block === null || type.block.weights === 1 ? 0 : weights / type.block.weights;
  return (
    <dl class="pairs">
      <Pair name="Shape">{shapeInWords(inOutDims(model, rows, row))}</Pair>
      {type.isPacked ? (
        <Pair name="Stored as">{plural(rows.parts[row] ?? 0, 'tensor')}</Pair>
      ) : (
        readsReversed(model) &&
        stored.length > 1 && <Pair name="Stored as">[{stored.map(formatCount).join(', ')}]</Pair>
      )}
      <Pair name="Weights">
        {formatCount(weights)}
        {Number.isInteger(blocks) && blocks > 0 && ` in ${plural(blocks, type.isPacked ? 'group' : 'block')}`}
      </Pair>
      <Pair name="Size">
        {Number.isNaN(bytes)
          ? 'not known'
          : `${plural(bytes, 'byte')}, ${formatPercent(bytes / wholeBytes)} % of file`}
      </Pair>
      <Pair name="Offset">{formatCount(rows.offset[row] ?? 0)}</Pair>
      {model.files.length > 1 && <Pair name="File">{model.files[rows.file[row] ?? 0]?.name ?? ''}</Pair>}
    </dl>
  );
}

/** [4096, 1024] → "4,096 in × 1,024 out"; vectors and other ranks as numbers only, experts named. */
function shapeInWords(dims: readonly number[]): string {
  const [input = 0, output = 0, third = 0] = dims;
  const matrix = `${formatCount(input)} in × ${formatCount(output)} out`;
  if (dims.length === 2) return matrix;
  if (dims.length === 3) return `${matrix}, ${formatCount(third)} times`;
  return formatShape(dims);
}

function RoleLine({ role }: { readonly role: RoleView }) {
  const { title, sentence } = role;
  if (title === '' && sentence === '') return null;
  return (
    <p>
      {title !== '' && <span class="strong">{title.replace(/\.?$/, '.')} </span>}
      {sentence}
    </p>
  );
}
