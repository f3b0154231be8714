// What a scheme is: how weights are encoded in blocks of bytes. One table of these drives sizes, names, pictures and words.

/** What a field of a block means in w = d·sc·q − dmin·m. It decides the color of the field in every picture. */
export type FieldFamily =
  | 'superScale' // d: scale of a super-block, or the only scale of a plain block
  | 'scale' // sc: scale of a sub-block, itself quantized
  | 'superMin' // dmin: scale of the mins; or the only min of a plain block
  | 'min' // m: min of a sub-block, itself quantized
  | 'code' // q: the codes of the weights, or their high bits, signs or grid indexes
  | 'other';

/** Fields in the order of the bytes of a block. */
export interface BlockField {
  /** Name in the C struct of the source: "qs", "scales", "d". */
  readonly name: string;
  /** Name in the pictures: "codes", "scales and mins", "d". */
  readonly label: string;
  readonly bytes: number;
  /** Who share these bytes: one family, or two interleaved ones (Q4_K packs scales and mins together). */
  readonly families: readonly [FieldFamily] | readonly [FieldFamily, FieldFamily];
  /** What the bytes hold, as a phrase with the numbers: "8 scales and 8 mins of 6 bits", "256 codes of 4 bits". */
  readonly detail: string;
  /** How many equal pieces the picture shows: 8 sub-blocks, 12 packed bytes; 1 for a whole. */
  readonly pieces: number;
}

/** A formula as colored pieces: [{text:'d',family:'superScale'},{text:'·'},…]. */
export interface FormulaPiece {
  readonly text: string;
  readonly family?: FieldFamily;
}

/** packed: several stored tensors that are one matrix (GPTQ, AWQ …); how many bytes a weight takes depends on the shape. */
export type SchemeKind = 'float' | 'integer' | 'block' | 'packed' | 'unknown';

export interface Scheme {
  /** Name as the container's own tools write it: "Q4_K", "F16", "BF16", "F8_E4M3"; "unknown (139)". Unique. */
  readonly name: string;
  readonly kind: SchemeKind;
  /** ggml's id of the type, when it is one. */
  readonly ggmlId: number | null;
  /** Weights of one block; 1 for plain numbers. */
  readonly blockWeights: number;
  /** Bytes of one block: the sum of its fields. For sub-byte plain types a fraction (F4: 0.5). null: not known, or packed. */
  readonly blockBytes: number | null;
  /** Nominal bits of a code (4 for Q4_K); null where not known. */
  readonly codeBits: number | null;
  readonly fields: readonly BlockField[];
  readonly formula: readonly FormulaPiece[];
  /** What it is, in one or two sentences. */
  readonly summary: string;
  /** Where the layout comes from: project, file, struct. */
  readonly source: string;
}

/** Bits per weight with everything that is stored: block bytes × 8 / block weights. */
export function bitsPerWeight(scheme: Scheme): number | null {
  return scheme.blockBytes === null ? null : (scheme.blockBytes * 8) / scheme.blockWeights;
}
