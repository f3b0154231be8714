// What llama.cpp's own llama-perplexity says of the samples, with the commands. Version v0.4.0 (and v0.5.0, with the same digits),
// built with gcc 12 from the sources that node-llama-cpp carries, one thread; --no-repack where a quantized model is read,
// so that weights are computed as they are stored.

/** llama-perplexity -m sotu-5m-F16.gguf -f sotu-test-200k.txt -c 256 -t 1 */
export const F16 = { perplexity: 34.53, standardError: 0.64638, chunks: 175 } as const;

/** llama-perplexity -m sotu-5m-Q4_K_M.gguf -f sotu-test-200k.txt -c 256 -t 1 --no-repack */
export const Q4_K_M = { perplexity: 34.7353, standardError: 0.64995, chunks: 175 } as const;

/**
 * llama-perplexity -m sotu-5m-F16.gguf -f sotu-test-200k.txt -c 256 -t 1 --chunks 40 --kl-divergence-base base.bin, then
 * llama-perplexity -m sotu-5m-Q4_K_M.gguf -c 256 -t 1 --no-repack --kl-divergence-base base.bin --kl-divergence
 */
export const Q4_K_M_AGAINST_F16 = {
  chunks: 40,
  basePerplexity: 29.7983,
  deltaPerplexity: 0.133031,
  meanKl: 0.004675,
  medianKl: 0.003595,
  p99Kl: 0.022551,
  maxKl: 0.046792,
  rmsDeltaP: 0.01479,
  sameTop: 0.95354,
} as const;

/** llama-perplexity -m sotu-5m-F16.gguf -f sotu-test-200k.txt -c 256 -t 1 --chunks 4 */
export const F16_FOUR_CHUNKS = 28.609;

/** llama-perplexity -m large.gguf -f large.txt -c 1024 -t 1 on what largeVocabulary.test.ts writes */
export const LARGE_VOCABULARY = { perplexity: 200290.6101, standardError: 4632.34956 } as const;
