// Columns of text for a terminal.

/** Columns padded to their widest cell; `left` marks the columns that are not right-aligned. */
export function table(rows: readonly (readonly string[])[], left: readonly boolean[]): string[] {
  const widths = (rows[0] ?? []).map((_head, column) =>
    rows.reduce((width, row) => Math.max(width, row[column]?.length ?? 0), 0),
  );
  return rows.map((row) =>
    row
      .map((cell, column) =>
        left[column] === true ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
}
