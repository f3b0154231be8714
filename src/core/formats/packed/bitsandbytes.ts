// bitsandbytes: 4-bit codes in a flat tensor of bytes, their shape in a JSON of its own; and LLM.int8(), rows of I8 with SCB.
// Source: bitsandbytes, bitsandbytes/functional.py (QuantState.as_dict) and nn/modules.py (Int8Params).
import type { Tensor } from '../model.ts';
import type { Module } from './module.ts';
import { isType, matrixShape, refuse, usesOf, type Context, type Recogniser } from './recogniser.ts';
import type { Settings } from './declared.ts';
import type { Shape } from './shapes.ts';

const NESTED_BLOCK = 256;
/** GPTQModel writes the same parts with an underscore. */
const BOTH = (name: string): readonly [string, string] => [`weight.${name}`, `weight_${name}`];

export const recogniseBitsandbytes: Recogniser = (module, context, settings) => {
  const codes = module.parts.get('weight') ?? module.parts.get('');
  const absmax = partOf(module, 'absmax');
  if (codes === undefined || absmax === undefined) return refuse('its codes or its absmax are missing');
  const weights = 2 * (codes.byteLength ?? 0);
  const state = readState(module, context);
  const shape = shapeOf(module, context, weights, state);
  if (shape === null) return refuse('its shape stands in a quant_state that cannot be read');
  const [matrices, rows, columns] = shape;
  // An odd number of weights leaves half a byte.
  if (weights - matrices * rows * columns > 1 || weights < matrices * rows * columns)
    return refuse(`its quant_state says ${rows} × ${columns}, its codes are ${weights}`);
  const nestedAbsmax = partOf(module, 'nested_absmax');
  const blockSize = positive(state?.['blocksize']) ?? blockSizeOf(weights, absmax.elementCount);
  if (Math.ceil((matrices * rows * columns) / blockSize) !== absmax.elementCount)
    return refuse(`its absmax has ${absmax.elementCount} entries for blocks of ${blockSize} weights`);
  const nestedSize = positive(state?.['nested_blocksize']) ?? NESTED_BLOCK;
  if (nestedAbsmax !== undefined && Math.ceil(absmax.elementCount / nestedSize) !== nestedAbsmax.elementCount)
    return refuse(`its nested_absmax has ${nestedAbsmax.elementCount} entries`);
  const offset = state?.['nested_offset'];
  return {
    packing: {
      system: 'bitsandbytes',
      codeBits: 4,
      granularity: 'block',
      groupSize: blockSize,
      symmetric: true,
      codes: codesOf(module, state, settings),
      blockSize,
      nested:
        nestedAbsmax === undefined
          ? null
          : { blockSize: nestedSize, offset: typeof offset === 'number' ? offset : null },
    },
    matrices,
    rows,
    columns,
    uses: usesOf(module, [
      ['codes', module.parts.has('weight') ? 'weight' : ''],
      ...BOTH('absmax').map((part) => ['scales', part] as const),
      ...BOTH('quant_map').map((part) => ['table', part] as const),
      ...BOTH('nested_absmax').map((part) => ['superScales', part] as const),
      ...BOTH('nested_quant_map').map((part) => ['scaleTable', part] as const),
      ...STATES.map((part) => ['description', part] as const),
    ]),
  };
};

const STATES = ['weight.quant_state.nf4', 'weight.quant_state.fp4', 'weight_quant_state'];

const partOf = ({ parts }: Module, name: string): Tensor | undefined => {
  const [own, other] = BOTH(name);
  return parts.get(own) ?? parts.get(other);
};

/** The JSON of the quantization; null where it is not there, or is not JSON. */
function readState(module: Module, { parts }: Context): Readonly<Record<string, unknown>> | null {
  const bytes = parts.read(STATES.map((part) => module.parts.get(part)).find((part) => part !== undefined));
  if (bytes === null) return null;
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function shapeOf(
  { name }: Module,
  { shapes, doubt }: Context,
  weights: number,
  state: Readonly<Record<string, unknown>> | null,
): readonly [number, number, number] | null {
  const said = Array.isArray(state?.['shape']) ? (state['shape'] as unknown[]).map(positive) : [];
  const [first = null, second = null, third = null] = said;
  if (first !== null && second !== null && (said.length === 2 || (said.length === 3 && third !== null))) {
    if (third !== null) return [first, second, third];
    shapes.learn(name, [first, second] satisfies Shape);
    return [1, first, second];
  }
  const guess = shapes.guess(name, weights);
  if (guess === null) return null;
  const text = `says its shape in a quant_state that was not read; ${guess[0]} × ${guess[1]} is what the other shapes of the model ask for.`;
  doubt({ kind: 'assumed', module: name, text });
  return [1, ...guess];
}

/** Blocks are powers of two: the smallest that gives so many. */
const blockSizeOf = (weights: number, blocks: number): number =>
  2 ** Math.max(0, Math.ceil(Math.log2(weights / Math.max(1, blocks))));

function codesOf(
  { parts }: Module,
  state: Readonly<Record<string, unknown>> | null,
  { type }: Settings,
): 'nf4' | 'fp4' {
  if (parts.has('weight.quant_state.fp4')) return 'fp4';
  if (parts.has('weight.quant_state.nf4')) return 'nf4';
  return (state?.['quant_type'] ?? type) === 'fp4' ? 'fp4' : 'nf4';
}

const positive = (value: unknown): number | null =>
  typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : null;

export const recogniseInt8: Recogniser = (module) => {
  const codes = module.parts.get('weight');
  const scale = module.parts.has('SCB') ? 'SCB' : 'weight_scb';
  const [stacked, rows, columns] = matrixShape(codes) ?? [0, 0, 0];
  if (stacked !== 1 || !isType(codes, 'I8')) return refuse('its weight is no matrix of I8');
  if (module.parts.get(scale)?.elementCount !== rows)
    return refuse(
      `its ${scale} has ${module.parts.get(scale)?.elementCount ?? 0} scales for ${rows} channels`,
    );
  return {
    packing: {
      system: 'bitsandbytes-int8',
      codeBits: 8,
      granularity: 'channel',
      groupSize: null,
      symmetric: true,
    },
    matrices: 1,
    rows,
    columns,
    uses: usesOf(module, [
      ['codes', 'weight'],
      ['scales', scale],
      ['description', 'weight_format'],
    ]),
  };
};
