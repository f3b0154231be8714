// The curve of a measurement and the damage to its text, as bytes to keep and back. Nothing is trusted on the way back.
import type { DamagedToken, TokenDamage, TopChoice } from '../../protocol/engine.ts';
import type { Curve } from '../../protocol/quality.ts';
import { readColumns, writeColumns } from './columnsFile.ts';

export function curveBytes({
  id,
  pass,
  chunks,
  perplexity,
  standardError,
  basePerplexity,
  meanKl,
}: Curve): Uint8Array {
  return writeColumns({
    facts: { id, pass, chunks },
    columns: {
      perplexity,
      standardError,
      ...(basePerplexity !== null && { basePerplexity }),
      ...(meanKl !== null && { meanKl }),
    },
  });
}

/** Null for what is damaged or belongs to another measurement. */
export function readCurve(bytes: Uint8Array, id: string): Curve | null {
  const file = readColumns(bytes);
  if (file === null) return null;
  const facts = recordOf(file.facts);
  const column = (name: string): Float32Array | null => {
    const values = file.columns[name];
    return values instanceof Float32Array ? values : null;
  };
  const [perplexity, standardError] = [column('perplexity'), column('standardError')];
  const { pass, chunks } = facts;
  if (facts['id'] !== id || perplexity === null || standardError === null) return null;
  if (pass !== 'both' && pass !== 'model') return null;
  const rest = { basePerplexity: column('basePerplexity'), meanKl: column('meanKl') };
  const isEven = [standardError, rest.basePerplexity ?? perplexity, rest.meanKl ?? perplexity].every(
    ({ length }) => length === perplexity.length,
  );
  if (!isEven || typeof chunks !== 'number') return null;
  return { id, pass, chunks, first: 0, perplexity, standardError, ...rest };
}

export function damageBytes(id: string, damage: TokenDamage): Uint8Array {
  const { worst, ...columns } = damage;
  return writeColumns({ facts: { id, worst }, columns });
}

export function readDamage(kept: Uint8Array, id: string): TokenDamage | null {
  const file = readColumns(kept);
  if (file === null) return null;
  const { id: owner, worst } = recordOf(file.facts);
  const { bytes, ends, scored, kl, nll, baseNll } = file.columns;
  if (owner !== id || !Array.isArray(worst)) return null;
  const isWhole =
    bytes instanceof Uint8Array &&
    ends instanceof Uint32Array &&
    scored instanceof Uint32Array &&
    kl instanceof Float32Array &&
    nll instanceof Float32Array &&
    baseNll instanceof Float32Array;
  if (!isWhole) return null;
  const isEven = [kl, nll, baseNll].every(({ length }) => length === scored.length);
  const isInside =
    ends.every((end, at) => end <= bytes.length && end >= (ends[at - 1] ?? 0)) &&
    scored.every((token, at) => token < ends.length && (at === 0 || token > (scored[at - 1] ?? 0)));
  if (!isEven || !isInside) return null;
  const tokens = worst.map(damagedToken).filter((token) => token !== null && token.token < ends.length);
  return { bytes, ends, scored, kl, nll, baseNll, worst: tokens as DamagedToken[] };
}

function damagedToken(value: unknown): DamagedToken | null {
  const { token, text, kl, nll, baseNll, choices, baseChoices } = recordOf(value);
  const isSound =
    typeof text === 'string' && [token, kl, nll, baseNll].every((number) => typeof number === 'number');
  if (!isSound) return null;
  return {
    ...(value as DamagedToken),
    choices: topChoices(choices),
    baseChoices: topChoices(baseChoices),
  };
}

function topChoices(value: unknown): TopChoice[] {
  return (Array.isArray(value) ? value : []).filter((choice): choice is TopChoice => {
    const { text, probability } = recordOf(choice);
    return typeof text === 'string' && typeof probability === 'number';
  });
}

export const recordOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
