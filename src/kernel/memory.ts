// Where things lie in the memory of the kernel. The host reads these addresses from the exports and writes the tables, which
// are those of the reference decoders: so both know the same numbers.

/** Values of all halves: 65,536 F32. Nothing is converted bit by bit, because arithmetic on denormals is slow. */
export const HALVES: usize = 0x10_0000;
/** 256 times 8 bytes: bit j of the index as 0 or −1 in byte j. */
export const SIGNS: usize = HALVES + 4 * 65_536;
/** Scales of MXFP4 and NVFP4 by their codes: 256 F32 each, halved because the 4-bit floats are doubled. */
export const MX_SCALES: usize = SIGNS + 8 * 256;
export const NV_SCALES: usize = MX_SCALES + 4 * 256;
/** The 16 levels of the 4-bit floats, doubled, and of IQ4, as signed bytes. */
export const FP4_LEVELS: usize = NV_SCALES + 4 * 256;
export const IQ4_LEVELS: usize = FP4_LEVELS + 16;
/** Values of the floats of 8 bits: 256 F32 each. */
export const E4M3_VALUES: usize = IQ4_LEVELS + 16;
export const E5M2_VALUES: usize = E4M3_VALUES + 4 * 256;
export const E4M3_FNUZ_VALUES: usize = E5M2_VALUES + 4 * 256;
export const E5M2_FNUZ_VALUES: usize = E4M3_FNUZ_VALUES + 4 * 256;
export const E8M0_VALUES: usize = E5M2_FNUZ_VALUES + 4 * 256;
/** Patterns as signed bytes. */
export const IQ1_GRID: usize = E8M0_VALUES + 4 * 256;
export const IQ2_XXS_GRID: usize = IQ1_GRID + 8 * 2048;
export const IQ2_XS_GRID: usize = IQ2_XXS_GRID + 8 * 256;
export const IQ2_S_GRID: usize = IQ2_XS_GRID + 8 * 512;
export const IQ3_XXS_GRID: usize = IQ2_S_GRID + 8 * 1024;
export const IQ3_S_GRID: usize = IQ3_XXS_GRID + 4 * 256;

/** Sums of the weights: 4 F64, then the smallest and the largest as F32. */
export const SUMS: usize = 0x18_0000;
/** The smallest and the largest code of 16 bits, ordered as signed numbers: I32 each. */
export const CODE_EXTREMES: usize = SUMS + 64;
/** Vectors that do not change in a loop. */
export const CONSTANTS: usize = SUMS + 128;
/** Two tables of 65,536 counts, for weights with even and odd index. */
export const HISTOGRAM: usize = 0x20_0000;
/** The floats of one strip: STRIP_WEIGHTS F32. */
export const STRIP: usize = 0x28_0000;
export const STRIP_WEIGHTS: i32 = 4096;
/** What the floats of the strip were made of, if they come from blocks: a signed byte for each; and scale and min, as F32, of
 * each run with the same ones: there is room for one of each in 16 weights. */
export const LEVELS: usize = STRIP + 4 * STRIP_WEIGHTS;
export const SCALES: usize = LEVELS + STRIP_WEIGHTS;
export const MINS: usize = SCALES + STRIP_WEIGHTS / 4;
/** Eight tables of 256 counts by turns: few levels would mean to count the same one again and again, which is slow. */
export const LEVEL_COUNTS: usize = 0x29_0000;
/** Counts of pairs of levels with at most 6 bits each: 4096 U32. */
export const LEVEL_PAIRS: usize = LEVEL_COUNTS + 8 * 4 * 256;
/** Counts of sets of bits: 16 U32, see countLevelBits. And the bits of one strip, by 128 levels: four vectors each. */
export const LEVEL_BITS: usize = LEVEL_PAIRS + 4 * 4096;
export const LEVEL_PLANES: usize = LEVEL_BITS + 64;
/** 65,536 counts each. */
export const SCALE_HISTOGRAM: usize = 0x2a_0000;
export const MIN_HISTOGRAM: usize = 0x30_0000;
/** The bins of HISTOGRAM that are not empty, for the host: 65,536 pairs of bin and count at most, U32 each. */
export const USED_BINS: usize = 0x34_0000;
/** What packed matrices are made of, for one strip: scales, zeros and factors, F32 each, and the values of up to 256 codes. */
export const PACKED_SCALES: usize = 0x3c_0000;
export const PACKED_ZEROS: usize = 0x3c_8000;
export const PACKED_FACTORS: usize = 0x3d_0000;
export const PACKED_TABLE: usize = 0x3d_8000;
/** Which bytes eight neighboring codes lie in, and what moves them: 16 bytes each. */
export const PACKED_ORDER: usize = PACKED_TABLE + 4 * 256;
/** Pairs of F32, the smallest and the largest that is inside: of all that is looked for, of three that are counted, of what is
 * listed. Then the three counts, and the list: index in the strip and weight, 8 bytes each, as many as the strip has. */
export const OUTLIER_LIMITS: usize = 0x3f_0000;
export const OUTLIER_COUNTS: usize = OUTLIER_LIMITS + 8 * 5;
export const OUTLIERS: usize = OUTLIER_LIMITS + 64;
/** The largest magnitude of each column: F32. */
export const COLUMNS: usize = 0x40_0000;
export const COLUMN_COUNT: i32 = 0x10_0000;
/** Bytes as they are in the file; from here to the end of the memory. */
export const INPUT: usize = COLUMNS + 4 * COLUMN_COUNT;
