// GPTQ: qweight I32 [in·bits/32, out], qzeros I32 [groups, out·bits/32], scales [groups, out], g_idx I32 [in].
// Source: GPTQModel, gptqmodel/utils/model_dequant.py and quantization/config.py (FORMAT); AutoGPTQ, qlinear_cuda_old.py.
import type { Module } from './module.ts';
import {
  compare,
  flatShape,
  groupSizeOf,
  isType,
  matrixShape,
  refuse,
  usesOf,
  type Context,
  type Recogniser,
} from './recogniser.ts';
import type { Settings } from './declared.ts';
import { wholeNumbers } from './smallParts.ts';

const BITS = [2, 3, 4, 5, 6, 7, 8];
/** Widths that exist in planes of bits only. */
const PLANAR_BITS = [5, 6, 7];

export const recogniseGptq: Recogniser = (module, context, settings) => {
  const codes = module.parts.get('qweight');
  const [stacked, words, rows] = matrixShape(codes) ?? [0, 0, 0];
  const [groups, channels] = flatShape(module.parts.get('scales'));
  if (channels !== rows) return null; // AWQ packs the other way
  // Its gemv layout can have as many padded scales as words of codes; a group as short as a word nobody writes.
  if (groups === words && !module.parts.has('g_idx')) return null;
  if (stacked !== 1 || !isType(codes, 'I32', 'U32'))
    return refuse('its qweight is no matrix of 32-bit words');
  const bits = bitsOf(module, words, rows, settings);
  if (bits === null) return refuse('the shapes of qweight, qzeros and g_idx do not go together');
  const columns = (words * 32) / bits;
  const groupSize = groups === 1 ? null : groupSizeOf(columns, groups, settings.groupSize);
  if (groups < 1 || groups > columns) return refuse(`it has ${groups} groups for ${columns} input channels`);
  compare(context, module, { bits, groupSize, columns }, settings);
  const actOrder = groupSize !== null && hasOrder(module, context, groupSize, settings);
  const planar = settings.format === 'gptq_p' || PLANAR_BITS.includes(bits);
  const zeros = planar ? null : middleOf(module, context, bits, settings);
  const version = planar ? 2 : versionOf(context, settings, zeros);
  if (zeros !== null && zeros !== version && settings.symmetric === true) {
    const text = `has zero points that are in the middle of the codes only if they are stored ${zeros === 1 ? 'less one' : 'as they are'}; ${context.declared.where} says the other, and is believed.`;
    context.doubt({ kind: 'config', module: module.name, text });
  }
  return {
    packing: {
      system: 'gptq',
      codeBits: bits,
      granularity: groupSize === null ? 'channel' : 'group',
      groupSize,
      symmetric: settings.symmetric ?? zeros !== null,
      version,
      planar,
      actOrder,
    },
    matrices: 1,
    rows,
    columns,
    uses: usesOf(module, [
      ['codes', 'qweight'],
      ['scales', 'scales'],
      ['zeros', 'qzeros'],
      ['order', 'g_idx'],
    ]),
  };
};

/** From qzeros and g_idx, which must agree; where neither is there, as the configuration says. */
function bitsOf({ parts }: Module, words: number, rows: number, settings: Settings): number | null {
  const zeros = parts.get('qzeros');
  const order = parts.get('g_idx');
  const candidates = [
    ...(zeros === undefined ? [] : [((zeros.shape.at(-1) ?? 0) * 32) / rows]),
    ...(order === undefined ? [] : [(words * 32) / order.elementCount]),
  ];
  if (candidates.length === 0 && settings.bits !== undefined) candidates.push(settings.bits);
  const [bits] = candidates;
  const fits = bits !== undefined && BITS.includes(bits) && candidates.every((other) => other === bits);
  return fits && Number.isInteger((words * 32) / bits) ? bits : null;
}

/** Zero points in the middle, as they are stored: in version 1 less one. null: they are elsewhere, or were not read. */
function middleOf(module: Module, context: Context, bits: number, settings: Settings): 1 | 2 | null {
  if (settings.symmetric === false) return null;
  const stored = module.parts.get('qzeros');
  const isSaid = context.declared.method !== null && settings.symmetric !== undefined;
  return context.hints.of(
    `zeros of ${bits} bits`,
    () => middle(wholeNumbers(context.parts, stored)?.[0], bits),
    isSaid ? CHECKED : undefined,
  );
}

function middle(word: number | undefined, bits: number): 1 | 2 | null {
  if (word === undefined) return null;
  const repeated = (code: number): number => {
    let value = 0n;
    for (let at = 0; at < 32; at += bits) value |= BigInt(code) << BigInt(at);
    return Number(BigInt.asIntN(32, value));
  };
  if (word === repeated(2 ** (bits - 1) - 1)) return 1;
  return word === repeated(2 ** (bits - 1)) ? 2 : null;
}

/** AutoRound stores zero points as they are, unless it writes for AutoGPTQ. */
function versionOf({ declared }: Context, { format }: Settings, zeros: 1 | 2 | null): 1 | 2 {
  if (format === 'gptq_v2') return 2;
  if (format === 'gptq' || format === 'auto_gptq') return 1;
  if (declared.method === null) return zeros ?? 1;
  return /auto-?round/.test(declared.method) ? 2 : 1;
}

/** Modules that are looked into although the configuration says what they are. */
const CHECKED = 4;

/** Groups whose channels are no neighbors: as the configuration says, or g_idx. */
function hasOrder(module: Module, context: Context, groupSize: number, { actOrder }: Settings): boolean {
  if (actOrder === true) return true;
  const stored = module.parts.get('g_idx');
  const isReordered = context.hints.of(
    `order in groups of ${groupSize}`,
    () => {
      const groups = wholeNumbers(context.parts, stored) ?? [];
      const isThere = groups.some((group) => group !== 0); // zeros alone are no order
      return isThere && groups.some((group, channel) => group !== Math.floor(channel / groupSize));
    },
    actOrder === false ? CHECKED : undefined,
  );
  if (isReordered && actOrder === false) {
    const text = `has groups of input channels that are no neighbors by its g_idx; ${context.declared.where} says that it has not.`;
    context.doubt({ kind: 'config', module: module.name, text });
  }
  return isReordered;
}
