// llama.cpp's own answer: what it would allocate for this run on this machine, to the byte, beside what was planned.
import { formatCount, formatMemory } from '../../../src/core/base/units.ts';
import { memoryPlan } from '../../../src/core/plan/memoryPlan.ts';
import { settingsWords } from '../../../src/core/plan/verdict.ts';
import type { PlanBasis, PlannerView } from '../../../src/protocol/planner.ts';
import { Button } from '../../shared/controls.tsx';
import { Icon } from '../../shared/icon.tsx';
import { measure } from '../load.ts';
import type { Measured, PlannerState } from '../state.ts';
import { type Compared, type ComparedPart, comparisonOf, differenceText } from './comparison.ts';

interface Props {
  readonly state: PlannerState;
  readonly view: PlannerView;
  readonly basis: PlanBasis;
}

export function AskLlama({ state, view, basis }: Props) {
  const measured = state.measured.value;
  const measuring = state.measuring.value;
  const why = reasonNotTo(view);
  return (
    <section aria-label="llama.cpp’s own answer">
      <h2 class="title">
        llama.cpp’s own answer{' '}
        <span class="finding">{why === null ? 'it lays the run out and allocates nothing' : ''}</span>
      </h2>
      {why !== null && <p class="muted">{why}</p>}
      {why === null && (
        <p>
          <Button appearance="secondary" onClick={() => void measure(state)}>
            {measuring.state === 'running' ? 'Asking…' : 'Ask llama.cpp'}
          </Button>
        </p>
      )}
      <div role="status">
        {measuring.state === 'failed' && (
          <p class="failed">
            <Icon name="warning" /> {measuring.why}
          </p>
        )}
        {measured !== null && measuring.state !== 'failed' && (
          <p class="small asked">{askedText(basis, measured)}</p>
        )}
      </div>
      {measured !== null && <Comparison basis={basis} measured={measured} />}
    </section>
  );
}

function reasonNotTo({ isTrusted, unfit }: PlannerView): string | null {
  if (!isTrusted) return 'This workspace is not trusted: llama.cpp, native code, is not started in it.';
  return unfit;
}

function askedText({ shape, weights }: PlanBasis, { request, result }: Measured): string {
  const { gpus, gpuLayers, engineVersion, notes } = result;
  const place =
    gpus.length === 0 ? 'on the processor' : `${formatCount(gpuLayers)} layers on ${gpus.join(', ')}`;
  return [
    `${engineVersion}, ${settingsWords(request, memoryPlan(shape, weights, request))}, ${place}.`,
    ...notes,
  ].join(' ');
}

function Comparison({ basis, measured }: { readonly basis: PlanBasis; readonly measured: Measured }) {
  const parts = comparisonOf(basis, measured.request, measured.result);
  const hasGpu = measured.result.gpus.length > 0;
  const sides = hasGpu ? (['gpu', 'ram'] as const) : (['ram'] as const);
  return (
    <table class="grid" aria-label="llama.cpp’s own answer">
      <thead>
        <tr>
          <th scope="col">Part</th>
          {sides.map((side) => (
            <Heads key={side} side={side === 'gpu' ? 'GPU' : 'RAM'} />
          ))}
        </tr>
      </thead>
      <tbody>
        {parts.map((part) => (
          <tr key={part.name} class={part.name === 'Together' ? 'total' : undefined}>
            <th scope="row">{part.name}</th>
            {sides.map((side) => (
              <Cells key={side} compared={sideOf(part, side)} />
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const sideOf = (part: ComparedPart, side: 'gpu' | 'ram'): Compared => part[side];

const Heads = ({ side }: { readonly side: string }) => (
  <>
    <th scope="col" class="number">
      {side}, llama.cpp
    </th>
    <th scope="col" class="number">
      planned
    </th>
    <th scope="col" class="number">
      difference
    </th>
  </>
);

const Cells = ({ compared }: { readonly compared: Compared }) => (
  <>
    <td class="number" title={`${formatCount(compared.measured)} bytes`}>
      {formatMemory(compared.measured)}
    </td>
    <td class="number" title={`${formatCount(Math.round(compared.planned))} bytes`}>
      {formatMemory(compared.planned)}
    </td>
    <td class="number">{differenceText(compared)}</td>
  </>
);
