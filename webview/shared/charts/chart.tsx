// What every chart has around its picture: a title that carries its finding, its data as a table, and a menu that exports both.
import './charts.css';
import type { ComponentChildren } from 'preact';
import { useMemo } from 'preact/hooks';
import { Icon } from '../icon.tsx';
import { MenuButton } from '../menu.tsx';
import { ChartCanvas } from './chartCanvas.tsx';
import { chartPng } from './chartPng.ts';
import { ChartTable, csvOf, type ChartData } from './chartTable.tsx';
import { readInks } from './inks.ts';
import type { Plot } from './plot.ts';
import { useWidth } from './useWidth.ts';
import type { Zoom } from './zoom.ts';

/** What all charts of a view share. */
export interface ChartFrame {
  /** What they are of: "blk.1.ffn_down.weight, Q4_K". */
  readonly subject: string;
  /** Begins the names of files. */
  readonly fileStem: string;
  readonly asTable: boolean;
  /** Of a sample: drawn paler. */
  readonly isEstimate: boolean;
  readonly copy: (csv: string) => void;
  /** Rejects never: the host says what went wrong. */
  readonly save: (name: string, bytes: Uint8Array) => void;
}

interface Props extends ChartFrame {
  readonly title: string;
  /** What the picture says, in words: "1,046 beyond 3σ". */
  readonly finding: string;
  /** Called only when it is asked for: it may be long. */
  readonly data: () => ChartData;
  readonly plot: (width: number) => Plot;
  /** What the plot depends on besides the width: it is made anew when one of them changes. */
  readonly causes: readonly unknown[];
  readonly zoom?: Zoom | null;
  /** A click on a part, or Enter: shows what it stands for. */
  readonly pick?: (part: number) => void;
  /** Switches at the right of the title. */
  readonly children?: ComponentChildren;
}

export function Chart({ title, finding, data, plot, causes, zoom = null, pick, children, ...frame }: Props) {
  const { frame: area, width } = useWidth();
  const made = useMemo(
    () => (width > 0 && !frame.asTable ? plot(width) : null),
    [width, frame.asTable, ...causes],
  );
  const savePng = (): void => {
    const picture = { plot: made ?? plot(width), width, title, subject: frame.subject, finding };
    void chartPng(picture, readInks()).then((bytes) =>
      frame.save(`${frame.fileStem}.${title.toLowerCase().replaceAll(' ', '-')}.png`, bytes),
    );
  };
  return (
    <section class="chart" aria-label={title}>
      <div class="chart-title">
        <h3>{title}</h3>
        <span class="finding" title={finding}>
          {finding}
        </span>
        <span class="switches">
          {children}
          <MenuButton
            label={`Export ${title}`}
            items={[
              { label: 'Save as PNG…', run: savePng },
              { label: 'Copy Data as CSV', run: () => frame.copy(csvOf(data())) },
            ]}
          >
            <Icon name="ellipsis" />
          </MenuButton>
        </span>
      </div>
      <div ref={area} class={frame.isEstimate ? 'chart-area estimate' : 'chart-area'}>
        {frame.asTable ? (
          <ChartTable title={title} data={data()} />
        ) : (
          made !== null && (
            <ChartCanvas
              label={`${title}. ${finding}. Arrow keys read it part by part${zoom === null ? '' : ', + and − zoom'}.`}
              plot={made}
              width={width}
              zoom={zoom}
              pick={pick}
            />
          )
        )}
      </div>
    </section>
  );
}
