// The program for rows of logits, compiled to WebAssembly by tools/kernel.mjs. src/core/quality/rowMath.ts says what it computes;
// tests hold both equal.
export * from './memory';
export * from './exponential';
export * from './largest';
export * from './sums';
export * from './divergences';
