// The kernel: decoders and statistics, compiled to WebAssembly by tools/kernel.mjs. The reference decoders in src/core/quant
// and the reference statistics in src/core/analysis say what it computes; tests hold them equal.
export * from './memory';
export * from './plainNumbers';
export * from './plainBlocks';
export * from './kQuants';
export * from './smallFloats';
export * from './gridQuants';
export * from './statistics';
export * from './rawCodes';
export * from './outliers';
export * from './blockStatistics';
export * from './packedCodes';
export * from './packedValues';
