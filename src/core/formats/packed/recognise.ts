// The door: stored tensors and configuration in, logical tensors out. A module that is not understood keeps its stored tensors.
import type { ProblemList } from '../../base/problemList.ts';
import { plural } from '../../base/units.ts';
import { shorten } from '../../base/visibleText.ts';
import { packedScheme, packingName } from '../../quant/packed/packedScheme.ts';
import type { PackedMatrix, PackedPart, PartUse } from '../../quant/packed/packing.ts';
import type { Scheme } from '../../quant/scheme.ts';
import type { StoredPart, Tensor, TensorState } from '../model.ts';
import type { Placer } from '../naming/hfNames.ts';
import { recogniseAqlm } from './aqlm.ts';
import { recogniseAwq } from './awq.ts';
import { recogniseBitsandbytes, recogniseInt8 } from './bitsandbytes.ts';
import { recogniseMxfp4, recognisePackedFloats } from './blockFloat.ts';
import { recogniseCompressedTensors } from './compressedTensors.ts';
import { readDeclared, type ConfigDocument, type Declared } from './declared.ts';
import { recogniseExl2, recogniseExl3 } from './exllama.ts';
import { recogniseGptq } from './gptq.ts';
import { createHints } from './hints.ts';
import { recogniseHqq } from './hqq.ts';
import { recogniseMlx } from './mlx.ts';
import { isWrittenBy } from './methods.ts';
import { modulesOf, type Module } from './module.ts';
import { isRefusal, refuse, type Context, type Found, type Recogniser, type Refusal } from './recogniser.ts';
import { recogniseScaled } from './scaled.ts';
import { knownShapes } from './shapes.ts';
import type { SmallParts } from './smallParts.ts';
import { recogniseTorchao } from './torchao.ts';

export interface Checkpoint {
  readonly tensors: readonly Tensor[];
  /** The JSON files beside it. */
  readonly documents: readonly ConfigDocument[];
  readonly parts: SmallParts;
  readonly place: Placer;
  headerText(key: string): string | undefined;
}

/** A part that only this packing has → who knows it, in the order in which they are asked. */
const BY_PART: readonly (readonly [part: string, recognisers: readonly Recogniser[]])[] = [
  ['qweight', [recogniseGptq, recogniseAwq]],
  ['q_weight', [recogniseExl2]],
  ['trellis', [recogniseExl3]],
  ['W_q', [recogniseHqq]],
  ['codebooks', [recogniseAqlm]],
  ['blocks', [recogniseMxfp4]],
  ['_weight_qdata', [recogniseTorchao]],
  ['weight_packed', [recogniseCompressedTensors, recognisePackedFloats]],
  ['weight.absmax', [recogniseBitsandbytes]],
  ['weight_absmax', [recogniseBitsandbytes]],
  ['SCB', [recogniseInt8]],
  ['weight_scb', [recogniseInt8]],
];
/** For codes under the weight's own name, when no part above is there. */
const BY_WEIGHT: readonly Recogniser[] = [recogniseMlx, recogniseScaled];

/** Scales and zero points for the activations: stored beside the weights, no part of them. */
const ACTIVATION =
  /^(input_scale|input_global_scale|input_zero_point|output_scale|activation_scale|activation_scaling_factor|qscale_act|[kv]_scale)$/;
/** Configurations are compared with the shapes of so many modules; the lists in them can be long. */
const MAX_COMPARED = 2000;

/** The tensors of a model as its layers have them, in the order of the stored ones. */
export function recognisePacked(checkpoint: Checkpoint, problems: ProblemList): readonly Tensor[] {
  const { tensors, documents, place } = checkpoint;
  const modules = modulesOf(tensors);
  const declared = readDeclared(documents);
  const notes = createNotes(declared, problems);
  const context: Context = {
    declared,
    parts: checkpoint.parts,
    shapes: knownShapes(documents, place),
    hints: createHints(),
    headerText: (key) => checkpoint.headerText(key),
    doubt: (doubt) => notes.doubt(doubt.kind, doubt.module, doubt.text),
  };
  const schemes = new Map<string, Scheme>();
  const names = new Set(tensors.map(({ name }) => name));
  const logical = new Map<string, Tensor>();
  const taken = new Set<Tensor>();
  let compared = 0;
  for (const module of modules) {
    const answer = ask(module, context);
    if (answer === null) continue;
    const made = isRefusal(answer) ? answer : logicalTensor(module, answer, place, schemes, names);
    if (isRefusal(made)) {
      notes.refused(module.name, made.why);
      continue;
    }
    if (compared++ < MAX_COMPARED) notes.compared(module.name, made);
    logical.set(module.name, made);
    for (const { tensor } of made.packed?.parts ?? []) taken.add(tensor);
  }
  attachCacheScales(modules, logical, taken);
  notes.conclude(logical.size);
  if (logical.size === 0) return tensors;

  const byCodes = new Map([...logical.values()].map((tensor) => [tensor.packed?.parts[0]?.tensor, tensor]));
  return tensors.flatMap((tensor) => byCodes.get(tensor) ?? (taken.has(tensor) ? [] : [tensor]));
}

/** What the module is made of; null when nothing in it looks packed. */
function ask(module: Module, context: Context): Found | Refusal | null {
  const settings = context.declared.of(module.name);
  const known = BY_PART.find(([part]) => module.parts.has(part));
  if (known === undefined && !module.parts.has('weight') && !module.parts.has('')) return null;
  for (const recognise of known?.[1] ?? BY_WEIGHT) {
    const answer = recognise(module, context, settings);
    if (answer !== null) return answer;
  }
  return known === undefined ? null : refuse(`its ${known[0]} is of no layout that is known`);
}

const STATES: readonly TensorState[] = ['whole', 'cut', 'missing', 'invalid'];

function logicalTensor(
  module: Module,
  found: Found,
  place: Placer,
  schemes: Map<string, Scheme>,
  names: ReadonlySet<string>,
): Tensor | Refusal {
  const { matrices, rows, columns, packing } = found;
  const elementCount = matrices * rows * columns;
  if (!Number.isSafeInteger(elementCount) || elementCount < 1) return refuse('its shape is impossible');
  const parts = storedParts(module, found);
  const codes = parts[0]?.tensor;
  if (codes === undefined || parts[0]?.use !== 'codes') return refuse('its codes are missing');
  const name = nameOf(module, codes);
  if (name !== codes.name && names.has(name)) return refuse(`a tensor ${name} stands beside it`);

  const matrix: PackedMatrix = {
    packing,
    matrices,
    rows,
    columns,
    parts: parts.map(packedPart),
  };
  const typeName = packingName(packing, codes.scheme);
  const scheme = schemes.get(typeName) ?? packedScheme(matrix);
  schemes.set(typeName, scheme);
  const worst = Math.max(...parts.map(({ tensor }) => STATES.indexOf(tensor.state)));
  // Where some bytes are there the matrix is cut, not missing.
  const isPartly = parts.some(({ tensor }) => tensor.state === 'whole' || tensor.state === 'cut');
  return {
    name,
    place: { ...place(name), part: 'weight' },
    scheme,
    shape: matrices === 1 && codes.shape.length < 3 ? [rows, columns] : shapeOf(found, codes),
    elementCount,
    byteLength: sumOf(parts),
    byteOffset: codes.byteOffset,
    file: codes.file,
    state: STATES[worst] === 'missing' && isPartly ? 'cut' : (STATES[worst] ?? 'invalid'),
    packed: { matrix, parts },
  };
}

/** The name that the weights have in the unquantized model: gpt-oss and DeepSeek keep experts under a name without "weight". */
function nameOf(module: Module, codes: Tensor): string {
  if (codes.name === module.name || codes.name.endsWith('.weight')) return codes.name;
  return codes.name.startsWith(`${module.name}_`) ? module.name : `${module.name}.weight`;
}

function shapeOf({ matrices, rows, columns, packing }: Found, codes: Tensor): number[] {
  const isStacked =
    matrices > 1 || (packing.system !== 'exl3' && packing.system !== 'aqlm' && codes.shape.length > 2);
  return isStacked ? [matrices, rows, columns] : [rows, columns];
}

/** The parts that were named, then the rest of what stands under the module. */
function storedParts(module: Module, { uses }: Found): StoredPart[] {
  const named = new Set(uses.map(([, part]) => part));
  const rest = [...module.parts.keys()]
    .filter((part) => !named.has(part) && part !== 'weight' && part !== '')
    .map((part) => [ACTIVATION.test(part) ? 'activation' : 'description', part] as const);
  return [...uses, ...rest].flatMap(([use, part]: readonly [PartUse, string]) => {
    const tensor = module.parts.get(part);
    return tensor === undefined ? [] : [{ use, tensor }];
  });
}

const sumOf = (parts: readonly StoredPart[]): number | null =>
  parts.reduce<number | null>(
    (sum, { tensor }) => (sum === null || tensor.byteLength === null ? null : sum + tensor.byteLength),
    0,
  );

/** Scales of a quantized KV cache stand beside the projections: "self_attn.k_scale" belongs to "self_attn.k_proj". */
function attachCacheScales(
  modules: readonly Module[],
  logical: Map<string, Tensor>,
  taken: Set<Tensor>,
): void {
  for (const { name, parts } of modules)
    for (const which of ['k', 'v'] as const) {
      const scale = parts.get(`${which}_scale`);
      const owner = `${name.replace(/\.attn$/, '')}.${which}_proj`;
      const tensor = logical.get(owner);
      if (scale === undefined || taken.has(scale) || tensor === undefined) continue;
      logical.set(owner, withPart(tensor, { use: 'activation', tensor: scale }));
      taken.add(scale);
    }
}

function withPart(tensor: Tensor, part: StoredPart): Tensor {
  if (tensor.packed === null) return tensor;
  const parts = [...tensor.packed.parts, part];
  const matrix = { ...tensor.packed.matrix, parts: parts.map(packedPart) };
  return { ...tensor, byteLength: sumOf(parts), packed: { matrix, parts } };
}

const packedPart = ({ use, tensor: { scheme, shape } }: StoredPart): PackedPart => ({ use, scheme, shape });

const MAX_NAME_SHOWN = 120;

/** What is said about many modules in the same words is said once, with their number. */
function createNotes(declared: Declared, problems: ProblemList) {
  const doubts = new Map<string, { kind: 'config' | 'assumed' | 'refused'; first: string; count: number }>();
  const note = (kind: 'config' | 'assumed' | 'refused', module: string, text: string): void => {
    const known = doubts.get(`${kind} ${text}`);
    if (known === undefined) doubts.set(`${kind} ${text}`, { kind, first: module, count: 1 });
    else known.count += 1;
  };
  return {
    doubt: note,
    /** What the configuration says of a module that is packed. */
    compared(module: string, { scheme, packed }: Tensor): void {
      if (declared.isExcluded(module))
        note('config', module, `is packed, though ${declared.where} leaves it out.`);
      if (packed !== null && !isWrittenBy(packed.matrix.packing.system, declared.method))
        note(
          'config',
          module,
          `is ${scheme.name} by its tensors; ${declared.where} says ${declared.method}.`,
        );
    },
    refused: (module: string, why: string) => note('refused', module, why),
    conclude(recognised: number): void {
      for (const [key, { kind, first, count }] of doubts) {
        const text = key.slice(kind.length + 1);
        const shown = `"${shorten(first, MAX_NAME_SHOWN)}"`;
        const more = count === 1 ? '' : ` The same holds for ${plural(count - 1, 'more module')}.`;
        if (kind === 'refused')
          problems.add(
            'warning',
            'packing-invalid',
            null,
            `${shown} looks packed, but ${text}: its stored tensors are shown as they are.${more}`,
          );
        else if (kind === 'config')
          problems.add('warning', 'packing-contradiction', null, `${shown} ${text}${more}`);
        else problems.add('info', 'packing-assumed', null, `${shown} ${text}${more}`);
      }
      if (recognised > 0 || doubts.size > 0 || declared.method === null) return;
      const text = `${declared.where} says ${declared.method}, but no tensor is packed in a way that is known here: the stored tensors are shown as they are.`;
      problems.add('info', 'packing-unknown', null, text);
    },
  };
}
