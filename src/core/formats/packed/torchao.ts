// torchao's tensors, flattened: "q_proj._weight_qdata", "q_proj._weight_scale" …, and in `__metadata__` under "q_proj.weight" what they are.
// Source: torchao, prototype/safetensors/safetensors_support.py and quantization/quantize_/workflows.
import type { PartUse } from '../../quant/packed/packing.ts';
import type { Module } from './module.ts';
import { matrixShape, refuse, usesOf, type Context, type Recogniser } from './recogniser.ts';

const PREFIX = '_weight_';
const CODES = `${PREFIX}qdata`;

/** Weights in one stored number of qdata: by the type of the tensor. */
const PER_NUMBER: Readonly<Record<string, number>> = {
  Int4Tensor: 2,
  Int4TilePackedTo4dTensor: 8,
  Int4PlainInt32Tensor: 8,
  Int4OpaqueTensor: 2,
  NVFP4Tensor: 2,
};

export const recogniseTorchao: Recogniser = (module, context) => {
  const codes = module.parts.get(CODES);
  if (codes === undefined) return refuse('its qdata is missing');
  const said = describe(module, context);
  if (said === null) return refuse('the header does not say what tensor of torchao it is');
  const { type, data } = said;
  const isPair = type === 'MXTensor' && codes.scheme.name === 'U8';
  const perNumber = isPair ? 2 : (PER_NUMBER[type] ?? 1);
  const weights = codes.elementCount * perNumber;
  if (weights === 0 || codes.byteLength === null) return refuse('its qdata is empty');
  const shape = shapeOf(data['shape']) ?? shapeOfCodes(matrixShape(codes), perNumber);
  if (shape === null) return refuse('its shape is not known');
  const [matrices, rows, columns] = shape;
  const isPadded = type === 'Int4TilePackedTo4dTensor' || type === 'Int4OpaqueTensor';
  if (isPadded ? matrices * rows * columns > weights : matrices * rows * columns !== weights)
    return refuse(`it says ${rows} × ${columns}, its codes are ${weights}`);
  const block = Array.isArray(data['block_size'])
    ? (data['block_size'] as unknown[]).at(-1)
    : data['block_size'];
  const size =
    typeof block === 'number' && Number.isSafeInteger(block) && block > 0 && block < columns ? block : null;
  const scales = module.parts.get(`${PREFIX}scale`) ?? module.parts.get(`${PREFIX}scale_and_zero`);
  const isOne = scales?.elementCount === 1;
  return {
    packing: {
      system: 'torchao',
      type,
      codeBits: codeBitsOf(type, data, codes.byteLength / weights),
      granularity: isOne ? 'tensor' : size === null ? 'channel' : 'group',
      groupSize: size,
      symmetric: !['zero_point', 'zero', 'scale_and_zero'].some((part) => module.parts.has(PREFIX + part)),
      // Scales of Int4Tensor lie groups first: [in/group, out].
      scalesAcross: size !== null && scales?.shape.at(-1) === rows && scales.shape.at(-2) === columns / size,
    },
    matrices,
    rows,
    columns,
    uses: usesOf(
      module,
      USES.map(([use, part]) => [use, PREFIX + part] as const),
    ),
  };
};

const USES: readonly (readonly [PartUse, string])[] = [
  ['codes', 'qdata'],
  ['scales', 'scale'],
  ['scales', 'scale_and_zero'],
  ['zeros', 'zero_point'],
  ['zeros', 'zero'],
  ['superScales', 'per_tensor_scale'],
  ['activation', 'act_per_tensor_scale'],
  ['activation', 'act_scale'],
  ['inputSigns', 'act_pre_scale'],
];

type Json = Readonly<Record<string, unknown>>;

function describe(module: Module, { headerText }: Context): { type: string; data: Json } | null {
  const text = headerText(`${module.name}.weight`);
  if (text === undefined) return null;
  try {
    const value = record(JSON.parse(text));
    const type = value?.['_type'];
    return typeof type === 'string' ? { type, data: record(value?.['_data']) ?? {} } : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function shapeOf(said: unknown): readonly [number, number, number] | null {
  if (!Array.isArray(said) || !said.every((size) => Number.isSafeInteger(size) && size > 0)) return null;
  const [first = 0, second = 0, third = 0] = said as number[];
  return said.length === 2 ? [1, first, second] : said.length === 3 ? [first, second, third] : null;
}

const shapeOfCodes = (
  shape: readonly [number, number, number] | null,
  perNumber: number,
): readonly [number, number, number] | null =>
  shape === null ? null : [shape[0], shape[1], shape[2] * perNumber];

/** IntxUnpackedToInt8Tensor keeps codes of fewer bits in bytes and says how many they have: "int4". */
function codeBitsOf(type: string, data: Json, bytesPerWeight: number): number {
  const said = record(data['target_dtype'])?.['_data'];
  const [, bits] = /^u?int([1-8])$/.exec(typeof said === 'string' ? said : '') ?? [];
  if (bits !== undefined) return Number(bits);
  return type.startsWith('Int4') ? 4 : Math.min(8, bytesPerWeight * 8);
}

const record = (value: unknown): Json | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : null;
