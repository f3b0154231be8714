// What else a plan depends on: the device, the types of the cache, sequences at once, layers on the GPU, and the rest folded away.
import { formatCount, formatMemory } from '../../src/core/base/units.ts';
import { CACHE_TYPES, type CacheType } from '../../src/core/plan/cacheTypes.ts';
import type { PlanBasis, PlannerView } from '../../src/protocol/planner.ts';
import { Button } from '../shared/controls.tsx';
import { layerCount } from './answer.ts';
import type { DeviceChoice } from './deviceChoices.ts';
import { LinkButton, NumberField, Select, Slider, Tick } from './field.tsx';
import { detect, resetSettings } from './load.ts';
import { change, type PlannerState, type RunSettings } from './state.ts';

interface Props {
  readonly state: PlannerState;
  readonly view: PlannerView;
  readonly basis: PlanBasis;
  readonly settings: RunSettings;
}

export function Options({ state, view, basis, settings }: Props) {
  const chosen = state.chosen.value;
  return (
    <section class="options" aria-label="Options">
      <div class="option-group">
        <h2>Device</h2>
        <DeviceField state={state} view={view} />
      </div>
      <div class="option-group">
        <h2>Run</h2>
        <CacheFields state={state} settings={settings} />
        <NumberField
          label="Parallel sequences"
          title="Requests that are answered at once, each with a context of its own. llama.cpp: -np"
          value={settings.sequences}
          least={1}
          most={256}
          onValue={(sequences) => change(state, { sequences })}
        />
        {chosen?.device.backend !== 'cpu' && <LayerFields state={state} basis={basis} settings={settings} />}
        <Advanced state={state} settings={settings} />
        <LinkButton onClick={() => resetSettings(state)}>Reset to what suits the device</LinkButton>
      </div>
    </section>
  );
}

function DeviceField({ state, view }: { readonly state: PlannerState; readonly view: PlannerView }) {
  const chosen = state.chosen.value;
  const { ask } = state.link;
  const isDefault = chosen?.id.toLowerCase() === view.defaultDevice.toLowerCase();
  const isListed = chosen !== null && chosen.group !== 'This machine';
  return (
    <>
      <div class="device-field">
        <Select
          label="Device"
          title="Whose memory the plan is for"
          value={state.device.value}
          options={state.choices.value.map(({ id, group, device }) => ({
            value: id,
            group,
            text: `${device.name} · ${formatCount(device.memoryGiB)} GB`,
          }))}
          onValue={(id) => (state.device.value = id)}
        />
      </div>
      <p class="device-facts small">{chosen === null ? '' : deviceFacts(chosen)}</p>
      <Detecting state={state} view={view} />
      <p class="small device-links">
        {isListed && !isDefault && (
          <LinkButton onClick={() => void ask.makeDefault({ name: chosen.id }).catch(() => undefined)}>
            Use in the headers of models
          </LinkButton>
        )}
        {isListed && isDefault && (
          <>
            <span class="muted">In the headers of models · </span>
            <LinkButton onClick={() => void ask.makeDefault({ name: null }).catch(() => undefined)}>
              Undo
            </LinkButton>
          </>
        )}
        {isListed && <span class="muted"> · </span>}
        <LinkButton onClick={() => void ask.editDevices(null).catch(() => undefined)}>
          Add devices…
        </LinkButton>
      </p>
    </>
  );
}

function deviceFacts({ device, budget, freeBytes }: DeviceChoice): string {
  const facts = [
    ...(device.bandwidth === null ? [] : [`${formatCount(device.bandwidth)} GB/s`]),
    ...(device.isUnified
      ? [`shared with the processor, at most ${formatMemory(budget.gpuBytes)} for the GPU`]
      : []),
    ...(freeBytes === null ? [] : [`${formatMemory(freeBytes)} free now`]),
  ];
  return facts.join(' · ');
}

/** The GPUs of this machine are looked for by the engine, which starts only for a click. */
function Detecting({ state, view }: { readonly state: PlannerState; readonly view: PlannerView }) {
  const detecting = state.detecting.value;
  const detected = state.detected.value;
  if (!view.isTrusted)
    return (
      <p class="small">
        llama.cpp would look for GPUs, and is not started in a workspace that is not trusted.{' '}
        <LinkButton onClick={() => void state.link.ask.manageTrust(null).catch(() => undefined)}>
          Manage trust…
        </LinkButton>
      </p>
    );
  return (
    <div class="detecting">
      <Button appearance="secondary" icon="search" onClick={() => void detect(state)}>
        {detecting.state === 'running' ? 'Detecting…' : 'Detect'}
      </Button>
      <p class="small" role="status">
        {detecting.state === 'failed' && detecting.why}
        {detecting.state === 'idle' &&
          detected === null &&
          'The GPUs of this machine, as llama.cpp sees them'}
        {detecting.state === 'idle' &&
          detected?.gpus.length === 0 &&
          'No GPU that llama.cpp can use was found.'}
        {detecting.state === 'idle' &&
          detected !== null &&
          detected.gpus.length > 0 &&
          `${detected.gpus.map(({ name, backend }) => `${name} (${backend})`).join(', ')}`}
      </p>
    </div>
  );
}

function CacheFields({ state, settings }: { readonly state: PlannerState; readonly settings: RunSettings }) {
  const options = CACHE_TYPES.map((type) => ({ value: type, text: type }));
  const set = (field: 'keyType' | 'valueType') => (value: string) =>
    change(state, { [field]: value as CacheType });
  return (
    <>
      <Select
        label="Keys in"
        title="Type of the keys in the KV cache. llama.cpp: -ctk"
        value={settings.keyType}
        options={options}
        onValue={set('keyType')}
      />
      <Select
        label="Values in"
        title="Type of the values in the KV cache. llama.cpp: -ctv"
        value={settings.valueType}
        options={options}
        onValue={set('valueType')}
      />
    </>
  );
}

function LayerFields({ state, basis, settings }: Omit<Props, 'view'>) {
  const all = layerCount(basis);
  const layers = Math.min(settings.gpuLayers ?? all, all);
  const experts = Math.min(settings.expertsOnCpu, all - 1);
  const hasExperts = basis.weights.layers.some((layer) => layer.experts > 0);
  return (
    <>
      <Slider
        label="Layers on the GPU"
        title="The last layers come first; the output counts as one. llama.cpp: -ngl"
        value={layers}
        least={0}
        most={all}
        text={layers === all ? `all ${formatCount(all)}` : `${formatCount(layers)} of ${formatCount(all)}`}
        onValue={(count) => change(state, { gpuLayers: count === all ? null : count })}
      />
      {hasExperts && (
        <Slider
          label="Experts in RAM"
          title="The experts of the first so many layers stay in RAM, all else of them is on the GPU. llama.cpp: --n-cpu-moe"
          value={experts}
          least={0}
          most={all - 1}
          text={experts === 0 ? 'none' : `of ${formatCount(experts)} of ${formatCount(all - 1)} layers`}
          onValue={(expertsOnCpu) => change(state, { expertsOnCpu })}
        />
      )}
    </>
  );
}

const BATCHES = [64, 128, 256, 512, 1024, 2048, 4096];

function Advanced({ state, settings }: { readonly state: PlannerState; readonly settings: RunSettings }) {
  const batches = [...new Set([...BATCHES, settings.batchTokens])].sort((one, other) => one - other);
  return (
    <details
      class="advanced"
      open={state.isAdvancedOpen.value}
      onToggle={({ currentTarget }) => (state.isAdvancedOpen.value = currentTarget.open)}
    >
      <summary>Advanced</summary>
      <Select
        label="Batch"
        title="Tokens that are computed at once while a prompt is read. llama.cpp: -ub"
        value={String(settings.batchTokens)}
        options={batches.map((tokens) => ({ value: String(tokens), text: formatCount(tokens) }))}
        onValue={(value) => change(state, { batchTokens: Number(value) })}
      />
      <Tick
        label="Flash attention"
        title="Without it every head has a number for every token of the context. llama.cpp: -fa"
        value={settings.flashAttention}
        onValue={(flashAttention) => change(state, { flashAttention })}
      />
      <Tick
        label="Sequences share one cache"
        title="Where few of them are long. llama.cpp: -kvu"
        value={settings.unified}
        onValue={(unified) => change(state, { unified })}
      />
    </details>
  );
}
