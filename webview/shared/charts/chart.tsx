// What every chart has around its picture: a title that carries its finding, and its data as a table and as CSV.
import './charts.css';
import type { ComponentChildren } from 'preact';
import { useWidth } from './useWidth.ts';

/** The data of a chart: numbers and words, as a person would write them down. */
export interface ChartData {
  readonly heads: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

interface Props {
  readonly title: string;
  /** What the picture says, in words: "1,046 beyond 3σ". */
  readonly finding: string;
  /** Called only when it is asked for: it may be long. */
  readonly data: () => ChartData;
  readonly asTable: boolean;
  readonly copy: (csv: string) => void;
  /** Switches at the right of the title. */
  readonly children?: ComponentChildren;
  readonly draw: (width: number) => ComponentChildren;
}

export function Chart({ title, finding, data, asTable, copy, children, draw }: Props) {
  const { frame, width } = useWidth();
  return (
    <section class="chart" aria-label={title}>
      <div class="chart-title">
        <h3>{title}</h3>
        <span class="finding">{finding}</span>
        <span class="switches">
          {children}
          {asTable && (
            <button
              type="button"
              class="chart-switch"
              aria-label={`Copy the data of ${title} as CSV`}
              title="Copy the data as CSV"
              onClick={() => copy(csvOf(data()))}
            >
              CSV
            </button>
          )}
        </span>
      </div>
      <div ref={frame} class="chart-area">
        {asTable ? <DataTable title={title} data={data()} /> : width > 0 && draw(width)}
      </div>
    </section>
  );
}

function DataTable({ title, data: { heads, rows } }: { readonly title: string; readonly data: ChartData }) {
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
                <td key={at}>{typeof cell === 'number' ? String(cell).replace('-', '−') : cell}</td>
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
