// Packed checkpoints made by chance: a matrix in some packing, in which shapes, types, names, data and configuration may lie.
import { bytesOf, fileOf, type Stored } from '../core/formats/packed/checkpoints.ts';
import { SYSTEMS } from '../core/formats/packed/systems.ts';
import type { Random } from '../support/random.ts';
import { damaged } from './hostileGguf.ts';

const DTYPES = [
  'I32',
  'U32',
  'U8',
  'I8',
  'F16',
  'BF16',
  'F32',
  'I64',
  'F8_E4M3',
  'F8_E8M0',
  'I16',
  'F4',
  'BOOL',
];
const PARTS = [
  'qweight',
  'qzeros',
  'scales',
  'g_idx',
  'weight',
  'weight_scale',
  'weight_packed',
  'weight_shape',
  'biases',
  'scale',
  'zero',
  'W_q',
  'SCB',
  'weight.absmax',
  'codes',
  'codebooks',
  'trellis',
  'q_weight',
  'blocks',
  'k_scale',
  'input_scale',
];
const SIZES = [0, 1, 2, 3, 7, 8, 16, 31, 32, 64, 127, 128, 256];
const CONFIGS: readonly object[] = [
  {},
  { bits: 0, group_size: 0 },
  { bits: -4, group_size: -128, sym: 'yes' },
  { bits: 1e300, group_size: 1e-300 },
  { bits: 4.5, group_size: 128.5 },
  { dynamic: { '+:(a+)+$': { bits: 8 }, '-:.*': 7 }, ignore: ['re:(', '', '*', 7] },
  { config_groups: { a: { targets: [null, 're:.*', 'Linear'], weights: 7 }, b: null } },
  { quant_method: 'fp8', weight_block_size: [0, 1e300], modules_to_not_convert: ['a'.repeat(5000)] },
  { bits: 4, ignore: [`re:${'.{0,50}'.repeat(30)}x`, '*a*a*.*b', 're:(.*)*_proj'], block_structure: 'x' },
  { quantized_layers: [], extra_config: { x: null }, 'a.b': false },
];

export function hostilePacked(random: Random): Map<string, Uint8Array> {
  const systems = random.once(4) ? [random.pick(SYSTEMS), random.pick(SYSTEMS)] : [random.pick(SYSTEMS)];
  const { beside } = random.pick(SYSTEMS);
  const metadata = systems[0]?.metadata;
  const tensors = distinct(
    systems.flatMap((system) => system.tensors.flatMap((stored) => changed(stored, random))),
  );
  const file = fileOf(
    random.once(2) ? tensors.map((stored) => filled(stored, random)) : tensors,
    random.once(3) ? undefined : metadata,
  );
  for (let flips = random.below(random.once(3) ? 200 : 1); flips > 0; flips--)
    file[file.length - 1 - random.below(Math.min(file.length, 9000))] = random.below(256);
  const config = random.once(3) ? { quantization_config: random.pick(CONFIGS) } : undefined;
  const text = new TextEncoder().encode(JSON.stringify(config ?? Object.values(beside)[0] ?? {}));
  const cut = random.once(5) ? file.slice(0, random.below(file.length)) : file;
  return new Map([
    ['model.safetensors', random.once(8) ? damaged(cut, random) : cut],
    [random.once(6) ? 'quantize_config.json' : 'config.json', random.once(8) ? damaged(text, random) : text],
  ]);
}

/** The tensor as it is, or without something that it should have; sometimes none. */
function changed(stored: Stored, random: Random): Stored[] {
  if (random.once(20)) return [];
  let { name, dtype, shape } = stored;
  if (random.once(12)) name = `${name.slice(0, name.lastIndexOf('.') + 1)}${random.pick(PARTS)}`;
  if (random.once(12)) dtype = random.pick(DTYPES);
  if (random.once(8)) shape = shape.map((size) => (random.once(2) ? random.pick(SIZES) : size));
  if (random.once(20)) shape = [...shape, random.pick(SIZES)];
  if (random.once(20)) shape = shape.slice(1);
  const isSame = dtype === stored.dtype && shape === stored.shape;
  return [{ name, dtype, shape, ...(isSame && stored.data !== undefined ? { data: stored.data } : {}) }];
}

/** With data made by chance, where it has none that means something. */
function filled(stored: Stored, random: Random): Stored {
  if (stored.data !== undefined || bytesOf(stored) > 2 ** 20) return stored;
  const data = new Uint8Array(bytesOf(stored));
  const top = random.pick([1, 2, 16, 64, 256]); // small numbers are likelier to be groups, indexes, sizes
  for (let at = 0; at < data.length; at++) data[at] = random.below(top);
  return { ...stored, data };
}

function distinct(tensors: readonly Stored[]): Stored[] {
  return [...new Map(tensors.map((stored) => [stored.name, stored])).values()];
}
