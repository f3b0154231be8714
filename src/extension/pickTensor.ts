// A quick pick over all tensors of a model.
import { formatBits, formatBytes, formatShape } from '../core/base/units.ts';
import type { ModelReader } from '../app/ports.ts';
import type { ModelView, TensorColumns } from '../protocol/modelView.ts';
import { ask, type Choice } from './steps.ts';

/** The full name of the tensor chosen; null when the user chose none. */
export async function pickTensor(reader: ModelReader, path: string): Promise<string | null> {
  const abort = new AbortController();
  try {
    const answer = await ask<string>({
      title: 'Reveal Tensor',
      placeholder: 'Name, type or shape',
      choices: tensorItems(reader, path, abort.signal),
    });
    return answer?.kind === 'chosen' ? answer.value : null;
  } finally {
    abort.abort();
  }
}

async function tensorItems(
  reader: ModelReader,
  path: string,
  signal: AbortSignal,
): Promise<Choice<string>[]> {
  const snapshot = await reader.open(path, signal);
  if (snapshot.kind !== 'model') return [];
  const items = itemsOf(snapshot, snapshot.tensors);
  while (items.length < snapshot.tensorCount) {
    const page = await reader.tensors(path, items.length, signal);
    if (page.count === 0) break;
    items.push(...itemsOf(snapshot, page));
  }
  return items;
}

function itemsOf({ types, firstDimension }: ModelView, page: TensorColumns): Choice<string>[] {
  let dim = 0;
  return page.names.map((name, row) => {
    const rank = page.rank[row] ?? 0;
    const stored = Array.from(page.dims.subarray(dim, (dim += rank)));
    const shape = formatShape(firstDimension === 'in' ? stored : stored.reverse());
    const bytes = page.bytes[row] ?? NaN;
    const bits = formatBits((bytes * 8) / (page.weights[row] ?? NaN));
    const size = Number.isNaN(bytes) ? 'size not known' : formatBytes(bytes);
    return {
      label: name,
      value: name,
      description: `${types[page.type[row] ?? 0]?.name ?? ''} · ${shape} · ${size} · ${bits} bpw`,
    };
  });
}
