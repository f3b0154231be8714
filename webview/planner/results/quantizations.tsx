// The same model in other quantizations: what each would take, and whether it fits.
import { formatBits, formatMemory } from '../../../src/core/base/units.ts';
import { MIX_ERROR } from '../../../src/core/plan/mixes.ts';
import { excessWords } from '../../../src/core/plan/verdict.ts';
import { totalWeights } from '../../../src/core/plan/weights.ts';
import type { PlanBasis } from '../../../src/protocol/planner.ts';
import { bitsColor } from '../../shared/colors.ts';
import { Icon } from '../../shared/icon.tsx';
import { theme } from '../../shared/theme.ts';
import type { Answer, MixAnswer } from '../answer.ts';
import type { DeviceChoice } from '../deviceChoices.ts';
import { tokensText } from './fits.tsx';

interface Props {
  readonly basis: PlanBasis;
  readonly answer: Answer;
  readonly choice: DeviceChoice;
}

export function Quantizations({ basis, answer, choice }: Props) {
  const { mixes } = answer;
  if (mixes === null)
    return (
      <section aria-label="Quantizations">
        <h2 class="title">Quantizations</h2>
        <p class="muted">The weights are packed: how many there are is not told by their tensors.</p>
      </section>
    );
  const best = mixes.find((mix) => mix.fits);
  const hasGpu = choice.device.backend !== 'cpu';
  const hasSpeed = choice.device.bandwidth !== null || !hasGpu;
  const assumed = [answer, ...mixes].find(({ speed }) => (speed?.assumedRamBandwidth ?? null) !== null);
  return (
    <section aria-label="Quantizations">
      <h2 class="title">
        Quantizations{' '}
        <span class="finding">
          ≈, weights within {MIX_ERROR * 100} %, with the settings above
          {assumed !== undefined && `, RAM read at ${assumed.speed?.assumedRamBandwidth} GB/s`}
        </span>
      </h2>
      <table class="grid" aria-label="Quantizations">
        <thead>
          <tr>
            <th scope="col">Mix</th>
            <th scope="col" class="number">
              Bits/weight
            </th>
            <th scope="col" class="number roomy">
              Weights
            </th>
            <th scope="col" class="number">
              {hasGpu ? 'On the GPU' : 'RAM'}
            </th>
            {hasSpeed && (
              <th scope="col" class="number">
                Tokens/s at most
              </th>
            )}
            <th scope="col" class="fit">
              Fits
            </th>
          </tr>
        </thead>
        <tbody>
          <tr class="own">
            <th scope="row">
              {swatch(basis.bitsPerWeight)}
              {basis.typeName === '' ? 'this file' : `${basis.typeName}, this file`}
            </th>
            <td class="number">{formatBits(basis.bitsPerWeight)}</td>
            <td class="number roomy">{formatMemory(totalWeights(basis.weights))}</td>
            <td class="number">≈ {formatMemory(hasGpu ? answer.plan.gpuBytes : answer.plan.cpuBytes)}</td>
            {hasSpeed && <SpeedCell speed={answer.speed} />}
            <FitCell excess={answer.excess} isBest={false} />
          </tr>
          {mixes.map((mix) => (
            <MixRow key={mix.mix.name} mix={mix} isBest={mix === best} hasGpu={hasGpu} hasSpeed={hasSpeed} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

interface RowProps {
  readonly mix: MixAnswer;
  readonly isBest: boolean;
  readonly hasGpu: boolean;
  readonly hasSpeed: boolean;
}

function MixRow({ mix, isBest, hasGpu, hasSpeed }: RowProps) {
  const { plan, weightBytes, speed, excess } = mix;
  return (
    <tr>
      <th scope="row">
        {swatch(mix.mix.bitsPerWeight)}
        {mix.mix.name}
      </th>
      <td class="number">{formatBits(mix.mix.bitsPerWeight)}</td>
      <td class="number roomy">≈ {formatMemory(weightBytes)}</td>
      <td class="number">≈ {formatMemory(hasGpu ? plan.gpuBytes : plan.cpuBytes)}</td>
      {hasSpeed && <SpeedCell speed={speed} />}
      <FitCell excess={excess} isBest={isBest} />
    </tr>
  );
}

const SpeedCell = ({ speed }: { readonly speed: Answer['speed'] }) => (
  <td class="number">{speed === null ? '–' : tokensText(speed.tokensPerSecond)}</td>
);

function FitCell({ excess, isBest }: { readonly excess: Answer['excess']; readonly isBest: boolean }) {
  return (
    <td class={excess === null ? 'fit' : 'fit muted'}>
      <Icon name={excess === null ? 'pass' : 'close'} />
      {excess === null ? (isBest ? 'fits, the best' : 'fits') : excessWords(excess)}
    </td>
  );
}

const swatch = (bits: number | null) =>
  bits === null ? null : <span class="swatch" style={{ background: bitsColor(theme.value, bits) }} />;
