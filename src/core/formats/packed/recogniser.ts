// What all recognisers have in common: what they are given, what they answer, and arithmetic on shapes.
import type { Packing, PartUse } from '../../quant/packed/packing.ts';
import type { Tensor } from '../model.ts';
import type { Declared, Settings } from './declared.ts';
import type { Hints } from './hints.ts';
import type { Module } from './module.ts';
import type { KnownShapes } from './shapes.ts';
import type { SmallParts } from './smallParts.ts';

export interface Context {
  readonly declared: Declared;
  readonly parts: SmallParts;
  readonly shapes: KnownShapes;
  readonly hints: Hints;
  /** Text of `__metadata__` by key: torchao describes its tensors there. */
  headerText(key: string): string | undefined;
  /** Something is wrong, or not certain: a sentence about this module. */
  doubt(doubt: Doubt): void;
}

export interface Doubt {
  readonly kind: 'config' | 'assumed';
  readonly module: string;
  /** "has 3-bit codes by its shapes; quantization_config says 4." Goes behind the name of the module. */
  readonly text: string;
}

/** What a recogniser found in a module. */
export interface Found {
  readonly packing: Packing;
  readonly matrices: number;
  readonly rows: number;
  readonly columns: number;
  /** Name of the part → its use, codes first. Parts that are not there are left out. */
  readonly uses: readonly (readonly [use: PartUse, part: string])[];
}

/** Why a module that looks like this packing is none: the end of a sentence. "its scales have 5 columns instead of 4". */
export interface Refusal {
  readonly why: string;
}

/** null: the module is of another packing. */
export type Recogniser = (module: Module, context: Context, settings: Settings) => Found | Refusal | null;

export const refuse = (why: string): Refusal => ({ why });
export const isRefusal = (answer: object): answer is Refusal => 'why' in answer;

/** The parts that are there, as `uses`. */
export function usesOf(
  module: Module,
  wanted: readonly (readonly [use: PartUse, part: string])[],
): Found['uses'] {
  return wanted.filter(([, part]) => module.parts.has(part));
}

/** A shape as [matrices, rows, columns]; null when it has another rank than 2 or 3, or is empty. */
export function matrixShape(tensor: Tensor | undefined): readonly [number, number, number] | null {
  const shape = tensor?.shape ?? [];
  if (shape.includes(0)) return null;
  const [first = 0, second = 0, third = 0] = shape;
  if (shape.length === 2) return [1, first, second];
  return shape.length === 3 ? [first, second, third] : null;
}

/** Rows and columns of a matrix; zeros for what is none. */
export function flatShape(tensor: Tensor | undefined): readonly [number, number] {
  const [, rows, columns] = (tensor?.shape.length === 2 && matrixShape(tensor)) || [1, 0, 0];
  return [rows, columns];
}

export const isType = (tensor: Tensor | undefined, ...names: readonly string[]): boolean =>
  tensor !== undefined && names.includes(tensor.scheme.name);

/** Group size of `columns` weights in `groups` groups: as the configuration says it when that fits (the last group may be
 * short), else what the shapes give; null when nothing fits. */
export function groupSizeOf(columns: number, groups: number, said: number | undefined): number | null {
  if (groups < 1) return null;
  if (groups === 1) return columns;
  if (said !== undefined && said > 0 && Math.ceil(columns / said) === groups) return said;
  return columns % groups === 0 ? columns / groups : Math.ceil(columns / groups);
}

/** Reports where the configuration says another number than the shapes. */
export function compare(
  context: Context,
  module: Module,
  what: { readonly bits?: number; readonly groupSize?: number | null; readonly columns: number },
  settings: Settings,
): void {
  const { bits, groupSize, columns } = what;
  const says = context.declared.where;
  if (bits !== undefined && settings.bits !== undefined && settings.bits !== bits) {
    const text = `has codes of ${bits} bits by its shapes; ${says} says ${settings.bits}.`;
    context.doubt({ kind: 'config', module: module.name, text });
  }
  if (groupSize === undefined || settings.groupSize === undefined) return;
  const saidWhole = settings.groupSize <= 0 || settings.groupSize >= columns;
  if ((groupSize === null) === saidWhole && (saidWhole || settings.groupSize === groupSize)) return;
  const has = groupSize === null ? 'one group per channel' : `groups of ${groupSize}`;
  const said = settings.groupSize <= 0 ? 'one per channel' : `groups of ${settings.groupSize}`;
  context.doubt({
    kind: 'config',
    module: module.name,
    text: `has ${has} by its shapes; ${says} says ${said}.`,
  });
}
