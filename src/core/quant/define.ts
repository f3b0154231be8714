// How the scheme tables are written down: fields whose bytes are summed, formulas read from text, plain numbers.
import type { BlockField, FieldFamily, FormulaPiece, Scheme, SchemeKind } from './scheme.ts';

/** A block type of ggml: what differs from one to the next. */
export interface BlockDefinition {
  readonly name: string;
  readonly ggmlId: number;
  readonly blockWeights: number;
  readonly codeBits: number;
  readonly fields: readonly BlockField[];
  readonly formula: readonly FormulaPiece[];
  readonly summary: string;
  /** Name of the C struct in ggml-common.h. */
  readonly struct: string;
}

/** A scheme of ggml; its block is as large as its fields together. */
export function blockScheme({ struct, ...definition }: BlockDefinition): Scheme {
  return {
    ...definition,
    kind: 'block',
    blockBytes: definition.fields.reduce((sum, { bytes }) => sum + bytes, 0),
    source: `llama.cpp, ggml/src/ggml-common.h, ${struct}`,
  };
}

/** A field of one family, or of two that are interleaved: "scale+min". */
export function field(
  name: string,
  label: string,
  bytes: number,
  families: FieldFamily | BlockField['families'],
  detail: string,
  pieces = 1,
): BlockField {
  return {
    name,
    label,
    bytes,
    families: typeof families === 'string' ? [families] : families,
    detail,
    pieces,
  };
}

/** The scale of a block or super-block, as nearly every block has it. */
export const scaleF16 = (detail = 'scale of the block, an F16'): BlockField =>
  field('d', 'd', 2, 'superScale', detail);

/** The words of the formulas, as the families of scheme.ts explain them. Other words ("w", "sign") have no color. */
const FAMILY_OF_SYMBOL: Readonly<Partial<Record<string, FieldFamily>>> = {
  d: 'superScale',
  sc: 'scale',
  dmin: 'superMin',
  m: 'min',
  q: 'code',
};

/** "w = d·q + m" as pieces; `families` names symbols that mean something else here. */
export function formula(text: string, families: Readonly<Record<string, FieldFamily>> = {}): FormulaPiece[] {
  const familyOf = { ...FAMILY_OF_SYMBOL, ...families };
  const pieces: FormulaPiece[] = [];
  for (const [word] of text.matchAll(/[a-z]\w*|[^a-z]+/gi)) {
    const family = familyOf[word];
    const last = pieces.at(-1);
    if (family !== undefined) pieces.push({ text: word, family });
    else if (last === undefined || last.family !== undefined) pieces.push({ text: word });
    else pieces[pieces.length - 1] = { text: last.text + word };
  }
  return pieces;
}

/** A plain number: one weight by itself, without block, fields or formula. */
export function plainScheme(
  name: string,
  kind: Extract<SchemeKind, 'float' | 'integer'>,
  bits: number,
  summary: string,
  source: string,
  ggmlId: number | null = null,
): Scheme {
  const blockBytes = bits / 8;
  return {
    name,
    kind,
    ggmlId,
    blockWeights: 1,
    blockBytes,
    codeBits: bits,
    fields: [],
    formula: [],
    summary,
    source,
  };
}

/** A type whose bytes have no known layout. */
export function unknownScheme(name: string, ggmlId: number | null, summary: string, source: string): Scheme {
  const nothing = { blockWeights: 1, blockBytes: null, codeBits: null, fields: [], formula: [] } as const;
  return { name, kind: 'unknown', ggmlId, ...nothing, summary, source };
}
