// What the plan costs, beside what stands in the header: overrides, disk, time, memory.
import { formatBytes, formatMemory } from '../../../src/core/base/units.ts';
import { durationText } from '../estimate.ts';
import type { RequantizeState } from '../state.ts';

export function Costs({ state }: { readonly state: RequantizeState }) {
  const plan = state.plan.value?.view;
  if (plan === undefined) return null;
  const { after, overrideBytes, overrideCount, output } = plan;
  const estimate = state.errors.value?.estimate ?? plan.estimate;
  const free = output.freeBytes;
  return (
    <dl class={`costs${state.isPlanning.value ? ' old' : ''}`} aria-label="What it costs">
      <dt>Tensors</dt>
      <dd>{formatBytes(after.tensorBytes)}</dd>
      {overrideCount > 0 && (
        <>
          <dt>Overrides add</dt>
          <dd>{signedBytes(overrideBytes)}</dd>
        </>
      )}
      <dt>Free on disk</dt>
      <dd>{free === null ? 'not known' : formatBytes(free)}</dd>
      {free !== null && (
        <>
          <dt>Free afterwards</dt>
          <dd>{free < after.fileBytes ? 'too little' : formatBytes(free - after.fileBytes)}</dd>
        </>
      )}
      <dt title={estimate.timeText}>Time</dt>
      <dd title={estimate.timeText}>
        {estimate.seconds === null ? '…' : `≈ ${durationText(estimate.seconds)}`}
      </dd>
      <dt title={estimate.memoryText}>Memory</dt>
      <dd title={estimate.memoryText}>≈ {formatMemory(estimate.memoryBytes)}</dd>
    </dl>
  );
}

const signedBytes = (bytes: number): string =>
  bytes === 0 ? '0 bytes' : `${bytes > 0 ? '+' : '−'}${formatBytes(Math.abs(bytes))}`;
