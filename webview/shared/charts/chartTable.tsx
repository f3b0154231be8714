// The data of a chart as a table, and as CSV.

/** Numbers and words, as a person would write them down. */
export interface ChartData {
  readonly heads: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

export function ChartTable({
  title,
  data: { heads, rows },
}: {
  readonly title: string;
  readonly data: ChartData;
}) {
  return (
    <div class="chart-data" role="region" tabIndex={0} aria-label={`${title} as a table`}>
      <table>
        <thead>
          <tr>
            {heads.map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((cells, row) => (
            <tr key={row}>
              {cells.map((cell, at) => (
                <td key={at}>{typeof cell === 'number' ? String(cell).replaceAll('-', '−') : cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Comma-separated values after RFC 4180, a point for decimals. */
export function csvOf({ heads, rows }: ChartData): string {
  const quoted = (cell: string | number): string => {
    const text = String(cell);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return [heads, ...rows].map((cells) => `${cells.map(quoted).join(',')}\r\n`).join('');
}
