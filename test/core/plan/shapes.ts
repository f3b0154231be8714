// Shapes in tests: unwrapped, and as a word with a letter for each layer.
import type { MemoryShape, NoShape } from '../../../src/core/plan/shape.ts';

export function known(shape: MemoryShape | NoShape): MemoryShape {
  if ('unavailable' in shape) throw new Error(shape.unavailable);
  return shape;
}

/** A letter a layer: C cache of all, w of a window, s state, b cache and state, - nothing. */
export const letters = (shape: MemoryShape | NoShape): string =>
  known(shape)
    .layers.map(({ cache, state }) =>
      cache === null
        ? state === null
          ? '-'
          : 's'
        : state !== null
          ? 'b'
          : cache.windowTokens === null
            ? 'C'
            : 'w',
    )
    .join('');
