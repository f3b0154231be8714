// The header: which model, and how much memory the run that is planned takes.
import { formatBits, formatFixed, formatMemory } from '../../src/core/base/units.ts';
import { totalWeights } from '../../src/core/plan/weights.ts';
import type { PlannerView } from '../../src/protocol/planner.ts';
import { LayersLink } from '../shared/layersLink.tsx';
import { basisOf, type PlannerState } from './state.ts';

const GIB = 2 ** 30;

export function Header({ state, view }: { readonly state: PlannerState; readonly view: PlannerView }) {
  const basis = basisOf(view);
  const facts = [
    view.fileName,
    ...(basis === null || basis.bitsPerWeight === null
      ? []
      : [`${formatBits(basis.bitsPerWeight)} bits per weight`]),
    ...(basis === null ? [] : [`weights ${formatMemory(totalWeights(basis.weights))}`]),
  ];
  return (
    <header class="header">
      <div class="about">
        <h1 class="cut" title={view.label}>
          {view.label}
        </h1>
        <p class="facts cut" title={view.path}>
          {facts.join(' · ')}
        </p>
        <LayersLink showLayers={state.link.ask.showLayers} />
      </div>
      <Hero state={state} />
    </header>
  );
}

function Hero({ state }: { readonly state: PlannerState }) {
  const answer = state.answer.value;
  const choice = state.chosen.value;
  if (answer === null || choice === null) return null;
  const { device } = choice;
  const isOne = device.isUnified || device.backend === 'cpu';
  const bytes = isOne ? answer.plan.gpuBytes + answer.plan.cpuBytes : answer.plan.gpuBytes;
  const [number, unit] = bytes >= GIB ? [formatFixed(bytes / GIB, 1), 'GiB'] : formatMemory(bytes).split(' ');
  const where = device.backend === 'cpu' ? 'of RAM' : `of ${device.memoryGiB} GB · ${device.name}`;
  return (
    <p class="hero">
      <span class="number">
        ≈ {number} {unit}
      </span>
      <span class="caption cut" title={where}>
        {where}
      </span>
    </p>
  );
}
