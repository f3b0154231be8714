// The name of a tensor in a table: where it does not fit it is cut in the middle, because its ends say most.
import type { ModelView } from '../../../src/protocol/modelView.ts';
import type { Rows } from '../tensors/rows.ts';

const UNCUT_NAME = 18;
/** Names of so many parts keep two at the end: "mlp.experts.7" and ".up_proj.weight". */
const MANY_PARTS = 4;

export function TensorName({ text }: { readonly text: string }) {
  const last = text.lastIndexOf('.');
  if (text.length <= UNCUT_NAME || last <= 0) return <span class="label">{text}</span>;
  const at = text.split('.').length < MANY_PARTS ? last : text.lastIndexOf('.', last - 1);
  return (
    <span class="label parted">
      <span>{text.slice(0, at)}</span>
      <span>{text.slice(at)}</span>
    </span>
  );
}

/** The name as its group shows it: without the prefix that all of the group have. */
export function nameInGroup(model: ModelView, rows: Rows, row: number): string {
  const name = rows.names[row] ?? '';
  const layer = rows.layer[row] ?? -1;
  const label = model.groups[rows.group[row] ?? 0]?.label ?? '';
  if (layer >= 0) {
    const segment = `.${layer}.`;
    const at = `.${name}`.indexOf(segment);
    return at < 0 ? name : name.slice(at + segment.length - 1);
  }
  return label !== '' && name.startsWith(`${label}.`) ? name.slice(label.length + 1) : name;
}
