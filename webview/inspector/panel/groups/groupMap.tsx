// A map of numbers by output channel and group: drawn cell by cell, read by pointer and keys.
import { useSignal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { formatCount } from '../../../../src/core/base/units.ts';
import type { GroupMap } from '../../../../src/protocol/tensorGroups.ts';
import type { ChartFrame } from '../../../shared/charts/chart.tsx';
import { ChartTable, csvOf } from '../../../shared/charts/chartTable.tsx';
import { screenRatio } from '../../../shared/charts/screenRatio.ts';
import { useWidth } from '../../../shared/charts/useWidth.ts';
import { Icon } from '../../../shared/icon.tsx';
import { MenuButton } from '../../../shared/menu.tsx';
import { themeChanges } from '../../../shared/theme.ts';
import { gridStep } from '../blockMarks.ts';
import { drawMap, mapPng, mapSize } from './drawMap.ts';
import { cellText, mapCsv, mapRows, type MapLook } from './mapCells.ts';

interface Props extends ChartFrame {
  readonly title: string;
  readonly finding: string;
  readonly map: GroupMap;
  readonly look: MapLook;
}

export function GroupMapChart({ title, finding, map, look, ...frame }: Props) {
  const { frame: area, width } = useWidth();
  const canvas = useRef<HTMLCanvasElement>(null);
  const pointed = useSignal<{ readonly cell: number; readonly byKey: boolean } | null>(null);
  const size = mapSize(map, width);
  const themeSerial = themeChanges.value;
  const ratio = screenRatio.value;
  const cell = pointed.value?.cell ?? null;
  useLayoutEffect(() => {
    if (canvas.current !== null && width > 0) drawMap(canvas.current, map, look, size, ratio, cell);
  }, [map, look, width, themeSerial, ratio, cell, frame.asTable]);

  const onPointerMove = ({ offsetX, offsetY }: PointerEvent): void => {
    const column = Math.floor((offsetX / size.width) * map.width);
    const row = Math.floor((offsetY / size.height) * map.height);
    const isInside = column >= 0 && column < map.width && row >= 0 && row < map.height;
    pointed.value = isInside ? { cell: row * map.width + column, byKey: false } : null;
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'Escape' && pointed.peek() !== null) pointed.value = null;
    else {
      const to = cell === null ? 0 : gridStep(event.key, cell, map.width, map.cells.length);
      const isStep = gridStep(event.key, 0, map.width, map.cells.length) !== null;
      if (to === null || !isStep) return;
      pointed.value = { cell: to, byKey: true };
    }
    event.preventDefault();
    event.stopPropagation(); // up and down would go to another tensor
  };
  const reading = cell === null ? null : cellText(map, look, cell);
  const savePng = (): void => {
    void mapPng(map, look, { title, subject: frame.subject, finding }).then((bytes) =>
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
          <MenuButton
            label={`Export ${title}`}
            items={[
              { label: 'Save as PNG…', run: savePng },
              { label: 'Copy Data as CSV', run: () => frame.copy(csvOf(mapCsv(map, look))) },
            ]}
          >
            <Icon name="ellipsis" />
          </MenuButton>
        </span>
      </div>
      <div ref={area} class="chart-area">
        {frame.asTable ? (
          <ChartTable title={title} data={mapRows(map, look)} />
        ) : (
          <div
            role="application"
            aria-roledescription="map"
            aria-label={`${title}. ${finding}. Arrow keys read it cell by cell.`}
            tabIndex={0}
            class="chart-canvas group-map"
            style={{ width: `${size.width}px` }}
            onKeyDown={onKeyDown}
            onBlur={() => (pointed.value = null)}
          >
            <canvas
              ref={canvas}
              aria-hidden="true"
              style={{ width: `${size.width}px`, height: `${size.height}px` }}
              onPointerMove={onPointerMove}
              onPointerLeave={() => {
                if (pointed.peek()?.byKey === false) pointed.value = null;
              }}
            />
            {reading !== null && cell !== null && (
              <Readout
                {...reading}
                at={((cell % map.width) + 0.5) / map.width}
                top={Math.min(
                  (Math.floor(cell / map.width) * size.height) / map.height,
                  size.height - READOUT_HEIGHT,
                )}
              />
            )}
            <div class="unseen" role="status">
              {pointed.value?.byKey === true && reading !== null && `${reading.head}: ${reading.text}`}
            </div>
          </div>
        )}
        {!frame.asTable && <Legend map={map} look={look} />}
      </div>
    </section>
  );
}

/** Px of what is said about a cell. */
const READOUT_HEIGHT = 42;

/** @param at middle of the cell, 0 … 1 of the width @param top px */
function Readout({
  head,
  text,
  at,
  top,
}: {
  readonly head: string;
  readonly text: string;
  readonly at: number;
  readonly top: number;
}) {
  const percent = (share: number): string => `calc(${100 * share}% + 10px)`;
  return (
    <div
      class="readout"
      aria-hidden="true"
      style={{
        top: `${Math.max(0, top)}px`,
        ...(at < 0.5 ? { left: percent(at) } : { right: percent(1 - at) }),
      }}
    >
      <span class="strong">{head}</span>
      <span>{text}</span>
    </div>
  );
}

/** What goes which way, and which color is how much. */
function Legend({ map, look }: { readonly map: GroupMap; readonly look: MapLook }) {
  const { rowsPerCell, groupsPerCell } = map;
  const cells =
    rowsPerCell * groupsPerCell === 1
      ? ''
      : `; each cell the ${look.extreme} of ${formatCount(rowsPerCell)} × ${formatCount(groupsPerCell)}`;
  const stops = [0, 0.25, 0.5, 0.75, 1].map((position) => look.color(position)).join(', ');
  return (
    <p class="group-legend muted">
      <span>
        → {formatCount(map.groups)} {look.across}, ↓ {formatCount(map.rows)} {look.down}
        {cells}
      </span>
      {look.low !== look.high && (
        <span class="map-ramp">
          {look.format(look.low)}
          <span class="colors" style={{ background: `linear-gradient(to right, ${stops})` }} />
          {look.format(look.high)}
        </span>
      )}
    </p>
  );
}
