// Where things lie in the memory of the program for rows. The host gives the memory, of a size for its rows, and lays out what
// comes after RESULTS itself.

/** The last logits of a row, filled up to whole turns of the loops: 16 F32, and as many of a base row. */
export const TAIL: usize = 1024;
export const BASE_TAIL: usize = TAIL + 4 * 16;
/** Free for the host from here on. */
export const RESULTS: usize = 2048;
