// The program for rows of logits, compiled to WebAssembly by tools/kernel.mjs. src/core/quality/rowMath.ts says what it computes;
// tests hold both equal.
export { RESULTS } from './memory';
export { exponentials, LEAST } from './exponential';
export { tops } from './largest';
export { sums } from './sums';
export { divergences } from './divergences';
