// How a weight matrix is packed into several stored tensors: what a recogniser found out, and all that a decoder has to know.
import type { Scheme } from '../scheme.ts';

/** What a stored tensor is to the matrix that it is a part of. */
export type PartUse =
  /** The codes of the weights. Every matrix has them. */
  | 'codes'
  /** Scales of groups, channels or blocks. */
  | 'scales'
  /** Zero points, packed like codes or plain; of MLX and HQQ floats: biases, zeros. */
  | 'zeros'
  /** A scale over the scales: weight_scale_2, weight_global_scale, nested_absmax, q_scale_max. */
  | 'superScales'
  /** Values of the codes: quant_map, codebooks. */
  | 'table'
  /** Values of quantized scales: nested_quant_map. */
  | 'scaleTable'
  /** Which group an input channel belongs to: g_idx. Or the order of the input channels: q_invperm. */
  | 'order'
  /** Bit widths and first rows of groups: q_groups. */
  | 'groups'
  /** Numbers about the packing that the file itself holds: weight_shape, quant_state, W_q's shape, bits, axis … */
  | 'description'
  /** Signs or scales of whole input and output channels, multiplied onto the matrix: suh, svh, pre_quant_scale. */
  | 'inputSigns'
  | 'outputSigns'
  /** For the activations; no part of the weights: input_scale, k_scale. */
  | 'activation';

/** A stored tensor as its decoder sees it. */
export interface PackedPart {
  readonly use: PartUse;
  /** Of the stored numbers: I32, F16, U8 … */
  readonly scheme: Scheme;
  /** Outermost first. */
  readonly shape: readonly number[];
}

/** Where one scale holds. */
export type Granularity = 'tensor' | 'channel' | 'group' | 'block';

/** One weight matrix; `rows` are output channels, `columns` input channels, `matrices` experts that are stacked in one tensor. */
export interface PackedMatrix {
  readonly packing: Packing;
  readonly matrices: number;
  readonly rows: number;
  readonly columns: number;
  readonly parts: readonly PackedPart[];
}

interface Common {
  /** Bits of a code; of EXL2 the mean over the groups, of AQLM bits of codes per weight. */
  readonly codeBits: number;
  readonly granularity: Granularity;
  /** Weights that share a scale along the input channels; null: a whole channel, or the whole tensor. */
  readonly groupSize: number | null;
  /** No zero points, or all of them in the middle by construction. */
  readonly symmetric: boolean;
}

export type Packing = Common &
  (
    | {
        readonly system: 'gptq';
        /** v1 stores zero points less one. */
        readonly version: 1 | 2;
        /** gptq_p: planes of bits instead of words of codes. */
        readonly planar: boolean;
        /** The groups are not neighbors: g_idx names them. */
        readonly actOrder: boolean;
      }
    /** gemvFast: qweight of 16-bit words with rows interleaved by four; recognised, its values are not decoded. */
    | { readonly system: 'awq'; readonly layout: 'gemm' | 'gemv' | 'gemvFast' }
    | {
        readonly system: 'bitsandbytes';
        readonly codes: 'nf4' | 'fp4';
        /** Null: absmax is stored as floats. */
        readonly nested: {
          readonly blockSize: number;
          /** null: the quant_state was not read yet; it stands in the part 'description'. */
          readonly offset: number | null;
        } | null;
        readonly blockSize: number;
      }
    | { readonly system: 'bitsandbytes-int8' }
    /** ModelOpt's W4A16_AWQ: bytes [out/2, in], the low nibble the even output channel, signed; scales [out, in/g]; the input
     * channels were divided by `pre_quant_scale` (use 'inputSigns'). */
    | { readonly system: 'modelopt-int4' }
    /** Plain integers or 8-bit floats with scales beside them: compressed-tensors, FP8 of many makers, W8A8. */
    | {
        readonly system: 'scaled';
        /** Who wrote it, as shown: "compressed-tensors", "FP8", "ModelOpt". */
        readonly maker: string;
        /** Rows and columns of a block with one scale; null for other granularities. */
        readonly block: readonly [rows: number, columns: number] | null;
      }
    | {
        readonly system: 'compressed-tensors';
        /** Codes side by side with waste in 32-bit words, or one stream of bits. */
        readonly stream: boolean;
        readonly actOrder: boolean;
      }
    /** 4-bit (or 8-bit) floats in blocks of a scale: NVFP4 and MXFP4/MXFP8 outside of GGUF, gpt-oss. */
    | {
        readonly system: 'blockFloat';
        readonly maker: string;
        readonly codes: 'e2m1' | 'e4m3' | 'e5m2';
        readonly scales: 'e8m0' | 'e4m3';
        /** NVFP4's second scale: absent, multiplied, or divided by (compressed-tensors). */
        readonly superScale: 'none' | 'multiply' | 'divide';
      }
    | { readonly system: 'mlx' }
    | { readonly system: 'exl2' }
    | { readonly system: 'exl3'; readonly codebook: '3inst' | 'mcg' | 'mul1' }
    | { readonly system: 'hqq'; readonly axis: 0 | 1; readonly layout: string }
    | {
        readonly system: 'aqlm';
        readonly codebooks: number;
        readonly codeWidth: number;
        readonly inGroup: number;
        readonly outGroup: number;
      }
    | { readonly system: 'torchao'; readonly type: string; readonly scalesAcross: boolean }
  );

export type PackingSystem = Packing['system'];
