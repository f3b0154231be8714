// The bars: what a run takes of the GPU and of RAM, part by part, against what there is.
import { formatMemory } from '../../../src/core/base/units.ts';
import type { MemoryPlan } from '../../../src/core/plan/memoryPlan.ts';
import { inkOn, partColor } from '../../shared/colors.ts';
import { theme } from '../../shared/theme.ts';
import type { DeviceChoice } from '../deviceChoices.ts';
import { type Bar, barsOf, barText, type Segment, usedText } from './barLayout.ts';
import './bars.css';

export function MemoryBars({ plan, choice }: { readonly plan: MemoryPlan; readonly choice: DeviceChoice }) {
  return (
    <section class="bars" aria-label="Memory">
      {barsOf(plan, choice).map((bar) => (
        <MemoryBar key={bar.label} bar={bar} />
      ))}
    </section>
  );
}

function MemoryBar({ bar }: { readonly bar: Bar }) {
  const { label, segments, limitBytes, limitText, mark, scaleBytes, usedBytes } = bar;
  const percent = (bytes: number): string => `${(100 * bytes) / scaleBytes}%`;
  const isOver = limitBytes !== null && usedBytes > limitBytes;
  return (
    <div class="memory-bar">
      <span class="bar-label">{label}</span>
      <span class={isOver ? 'bar-used over' : 'bar-used'}>{usedText(bar)}</span>
      <div class="bar" role="img" aria-label={barText(bar)}>
        {limitBytes !== null && <div class="bar-room" style={{ width: percent(limitBytes) }} />}
        <div class="bar-parts">
          {segments.map((segment) => (
            <SegmentBox
              key={segment.part}
              segment={segment}
              width={percent(segment.bytes)}
              isWide={segment.bytes / scaleBytes > LABEL_SHARE}
            />
          ))}
        </div>
        {isOver && (
          <div
            class="bar-over"
            style={{ left: percent(limitBytes), width: percent(usedBytes - limitBytes) }}
          />
        )}
        {limitBytes !== null && (
          <div class="bar-end" style={{ left: percent(limitBytes) }}>
            {limitBytes / scaleBytes > END_SHARE && <span>{limitText}</span>}
          </div>
        )}
        {mark !== null && mark.bytes < scaleBytes && (
          <div class="bar-mark" style={{ left: percent(mark.bytes) }} title={mark.text} />
        )}
      </div>
      {mark !== null && <span class="bar-note small">{mark.text}</span>}
    </div>
  );
}

/** Left of this the end of the memory would have its words among those before the bar. */
const END_SHARE = 0.6;

/** A segment of this share of the bar has room for its name. */
const LABEL_SHARE = 0.14;

function SegmentBox({
  segment: { part, name, bytes },
  width,
  isWide,
}: {
  readonly segment: Segment;
  readonly width: string;
  readonly isWide: boolean;
}) {
  const color = partColor(theme.value, part);
  return (
    <div
      class="segment"
      title={`${name} ${formatMemory(bytes)}`}
      style={{ width, background: color, color: inkOn(color) }}
    >
      {isWide && (
        <span class="cut">
          {name} {formatMemory(bytes)}
        </span>
      )}
    </div>
  );
}
