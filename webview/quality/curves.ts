// Running perplexities as they arrive: whole, or the values of chunks that were not told before.
import type { Curve } from '../../src/protocol/quality.ts';

/** What is known after `told`; null where values between are missing, so that the whole curve must be asked for. */
export function joinCurve(known: Curve | undefined, told: Curve): Curve | null {
  if (told.first === 0) return withBase(known, told);
  if (known === undefined || known.pass !== told.pass || known.perplexity.length < told.first) return null;
  const join = (before: Float32Array, after: Float32Array): Float32Array => {
    const joined = new Float32Array(told.first + after.length);
    joined.set(before.subarray(0, told.first));
    joined.set(after, told.first);
    return joined;
  };
  const joinNullable = (before: Float32Array | null, after: Float32Array | null): Float32Array | null =>
    before === null || after === null ? null : join(before, after);
  return {
    ...told,
    first: 0,
    perplexity: join(known.perplexity, told.perplexity),
    standardError: join(known.standardError, told.standardError),
    basePerplexity:
      told.pass === 'model'
        ? known.basePerplexity // of the pass before
        : joinNullable(known.basePerplexity, told.basePerplexity),
    meanKl: joinNullable(known.meanKl, told.meanKl),
  };
}

/** In two passes the curve of the base comes first: it stays beside the model's. */
function withBase(known: Curve | undefined, told: Curve): Curve {
  if (told.pass !== 'model' || told.basePerplexity !== null || known === undefined) return told;
  const base = known.pass === 'base' ? known.perplexity : known.basePerplexity;
  return { ...told, basePerplexity: base };
}
