// The parts of a plan as a table: what each takes of the GPU and of RAM, and behind its name the formula.
import { formatMemory } from '../../../src/core/base/units.ts';
import { COMPUTE_ERROR } from '../../../src/core/plan/compute.ts';
import { type MemoryPart, type MemoryPlan, PART_NAMES } from '../../../src/core/plan/memoryPlan.ts';
import { partColor } from '../../shared/colors.ts';
import { theme } from '../../shared/theme.ts';
import { Explained } from './explained.tsx';

interface Props {
  readonly plan: MemoryPlan;
  /** Bytes at the end of the row, of llama.cpp, when it was asked for this run. */
  readonly hasGpu: boolean;
}

export function PartsTable({ plan, hasGpu }: Props) {
  return (
    <table class="grid" aria-label="Parts">
      <thead>
        <tr>
          <th scope="col">Part</th>
          {hasGpu && (
            <th scope="col" class="number">
              GPU
            </th>
          )}
          <th scope="col" class="number">
            RAM
          </th>
          <th scope="col" class="number">
            Together
          </th>
          <th scope="col" class="wide-cell">
            How it is known
          </th>
        </tr>
      </thead>
      <tbody>
        {plan.parts.map((part) => (
          <PartRow key={part.id} part={part} hasGpu={hasGpu} />
        ))}
        <tr class="total">
          <th scope="row">Total</th>
          {hasGpu && <Cell bytes={plan.gpuBytes} isExact={false} />}
          <Cell bytes={plan.cpuBytes} isExact={false} />
          <Cell bytes={plan.gpuBytes + plan.cpuBytes} isExact={false} />
          <td class="wide-cell" />
        </tr>
      </tbody>
    </table>
  );
}

function PartRow({ part, hasGpu }: { readonly part: MemoryPart; readonly hasGpu: boolean }) {
  const { id, gpuBytes, cpuBytes, certainty, formula } = part;
  const isExact = certainty === 'exact';
  const name = capitalized(PART_NAMES[id]);
  return (
    <tr>
      <th scope="row">
        <span class="swatch" style={{ background: partColor(theme.value, id) }} />
        <Explained
          title={name}
          formula={formula}
          result={resultOf(part)}
          note={`${NOTES[certainty]}${id === 'compute' && gpuBytes > 0 ? SIDES : ''}`}
        >
          {name}
        </Explained>
      </th>
      {hasGpu && <Cell bytes={gpuBytes} isExact={isExact} />}
      <Cell bytes={cpuBytes} isExact={isExact} />
      <Cell bytes={gpuBytes + cpuBytes} isExact={isExact} />
      <td class="wide-cell muted">{CERTAINTIES[certainty]}</td>
    </tr>
  );
}

/** The formula of compute buffers is that of the GPU where there is one. */
function resultOf({ id, gpuBytes, cpuBytes }: MemoryPart): number {
  return id === 'compute' && gpuBytes > 0 ? gpuBytes : gpuBytes + cpuBytes;
}

const CERTAINTIES: Readonly<Record<MemoryPart['certainty'], string>> = {
  exact: 'to the byte',
  estimate: `≈ within ${COMPUTE_ERROR * 100} %`,
  assumed: 'set aside, not computed',
};
const NOTES: Readonly<Record<MemoryPart['certainty'], string>> = {
  exact: 'As llama.cpp v0.4.0 allocates it.',
  estimate: `An estimate of what llama.cpp v0.4.0 reserves for the widest moment of its graph: usually within 3 %, at worst ${COMPUTE_ERROR * 100} %.`,
  assumed: 'A round figure above what is usually seen; a screen takes more.',
};
const SIDES = ' In RAM stand what goes in, and the logits that are handed out.';

function Cell({ bytes, isExact }: { readonly bytes: number; readonly isExact: boolean }) {
  return <td class="number">{bytes === 0 ? '–' : `${isExact ? '' : '≈ '}${formatMemory(bytes)}`}</td>;
}

const capitalized = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);
