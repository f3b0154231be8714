// What would fit: the largest context, the most layers, the experts to move, the best quantization, and the speed there can be.
import type { ComponentChildren } from 'preact';
import { formatCount, formatMemory, plural } from '../../../src/core/base/units.ts';
import { cacheWords, hasCache } from '../../../src/core/plan/verdict.ts';
import type { PlanBasis } from '../../../src/protocol/planner.ts';
import { type Answer, layerCount } from '../answer.ts';
import type { DeviceChoice } from '../deviceChoices.ts';
import { LinkButton } from '../field.tsx';
import { Explained } from '../parts/explained.tsx';
import { change, type PlannerState } from '../state.ts';

interface Props {
  readonly state: PlannerState;
  readonly basis: PlanBasis;
  readonly answer: Answer;
  readonly choice: DeviceChoice;
}

export function Fits({ state, basis, answer, choice }: Props) {
  const { request, expertsOnCpu, mostGpuLayers, excess } = answer;
  const all = layerCount(basis);
  const hasGpu = choice.device.backend !== 'cpu';
  const best = answer.mixes?.find((mix) => mix.fits);
  return (
    <section aria-label="What fits">
      <h2 class="title">What fits {choice.device.name}</h2>
      <dl class="facts-list">
        <Fact name="Largest context">
          <LargestContext state={state} basis={basis} answer={answer} />
        </Fact>
        {hasGpu && (
          <Fact name="Layers on the GPU">
            {mostGpuLayers === null
              ? 'Even none of them is too much for this memory'
              : `${formatCount(mostGpuLayers)} of ${formatCount(all)} with this context`}
            {mostGpuLayers !== null && mostGpuLayers !== request.gpuLayers && (
              <Use
                label={`Use ${formatCount(mostGpuLayers)} layers on the GPU`}
                onClick={() => change(state, { gpuLayers: mostGpuLayers === all ? null : mostGpuLayers })}
              />
            )}
          </Fact>
        )}
        {expertsOnCpu !== null &&
          expertsOnCpu > 0 &&
          (excess !== null || expertsOnCpu !== request.expertsOnCpu) && (
            <Fact name="Or experts in RAM">
              of {plural(expertsOnCpu, 'layer')}, all else on the GPU
              <Use
                label={`Move the experts of ${plural(expertsOnCpu, 'layer')} to RAM`}
                onClick={() => change(state, { expertsOnCpu, gpuLayers: null })}
              />
            </Fact>
          )}
        {answer.mixes !== null && (
          <Fact name="Best quantization">
            {best === undefined
              ? 'None of those below with this context'
              : `${best.mix.name}, weights ≈ ${formatMemory(best.weightBytes)}`}
          </Fact>
        )}
        <Fact name="Generation">
          <Speed answer={answer} />
        </Fact>
      </dl>
    </section>
  );
}

function LargestContext({ state, basis, answer }: Omit<Props, 'choice'>) {
  const { largestContext, request, plan } = answer;
  if (largestContext === null) return <>None fits with these settings</>;
  const isAll = largestContext >= (basis.shape.contextTrained ?? Infinity);
  return (
    <>
      {plural(largestContext, 'token')}
      {request.sequences > 1 && ` × ${formatCount(request.sequences)}`}
      {hasCache(plan) && ` with ${cacheWords(request)} KV`}
      {isAll && ', all it was trained for'}
      {largestContext !== request.contextTokens && (
        <Use
          label={`Use ${plural(largestContext, 'token')} of context`}
          onClick={() => change(state, { contextTokens: largestContext })}
        />
      )}
    </>
  );
}

function Speed({ answer: { speed, excess } }: Pick<Props, 'answer'>) {
  if (excess !== null) return <>None: it does not fit, and so would not run</>;
  if (speed === null) return <>No bound is known: the bandwidth of this memory is not.</>;
  const { assumedRamBandwidth, tokensPerSecond, formula } = speed;
  const assumption = assumedRamBandwidth === null ? '' : `, if RAM is read at ${assumedRamBandwidth} GB/s`;
  return (
    <>
      <Explained
        title="Upper bound of tokens a second"
        formula={formula}
        result={`${tokensText(tokensPerSecond)} tokens a second`}
        note={`For one sequence with its context full: each token reads these bytes once. Computing, and waiting between steps, make it slower.${assumption === '' ? '' : ASSUMED}`}
      >
        at most {tokensText(tokensPerSecond)} tokens/s
      </Explained>
      {assumption}
    </>
  );
}

const ASSUMED = ' How fast the RAM is read is not known: two channels of DDR5-5600 are assumed.';

export const tokensText = (perSecond: number): string =>
  perSecond < 10 ? perSecond.toFixed(1) : formatCount(Math.round(perSecond));

function Fact({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Use({ label, onClick }: { readonly label: string; readonly onClick: () => void }) {
  return (
    <>
      {' '}
      <LinkButton label={label} onClick={onClick}>
        Use
      </LinkButton>
    </>
  );
}
