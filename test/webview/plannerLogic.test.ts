import { describe, expect, it } from 'vitest';
import { planBasis } from '../../src/app/plan/planBasis.ts';
import { readDevices } from '../../src/app/plan/plannerSettings.ts';
import type { PlanBasis } from '../../src/protocol/planner.ts';
import type { GpuDescription } from '../../src/protocol/engine.ts';
import { answerOf, firstSettings, requestOf } from '../../webview/planner/answer.ts';
import { barsOf, barText, usedText } from '../../webview/planner/bars/barLayout.ts';
import { contextStops, labelledStops } from '../../webview/planner/contextStops.ts';
import { choiceOf, deviceChoices, type DeviceChoice } from '../../webview/planner/deviceChoices.ts';
import { comparisonOf, differenceText } from '../../webview/planner/results/comparison.ts';
import { parseSaved } from '../../webview/planner/saved.ts';
import { publishedModel, type PublishedModel } from '../core/plan/publishedModels.ts';

const GIB = 2 ** 30;
const RAM = 64 * GIB;

function basisOf(name: PublishedModel): PlanBasis {
  const { model, readNumbers } = publishedModel(name);
  const basis = planBasis(model, readNumbers);
  if ('unavailable' in basis) throw new Error(basis.unavailable);
  return basis;
}

const gpu = (change: Partial<GpuDescription> = {}): GpuDescription => ({
  ...{ backend: 'CUDA', name: 'NVIDIA GeForce RTX 4090' },
  ...{ freeBytes: 20 * GIB, totalBytes: 23.6 * GIB, isUnified: false },
  ...change,
});

const choices = (gpus: readonly GpuDescription[] = []): DeviceChoice[] =>
  deviceChoices({ ownDevices: [], ramBytes: RAM }, gpus);
const choice = (id: string, gpus: readonly GpuDescription[] = []): DeviceChoice =>
  choiceOf(choices(gpus), id)!;

describe('the context slider', () => {
  it.each([
    [8192, 8192, 32_768],
    [131_072, 8192, 262_144],
    [256, 256, 32_768],
    [null, 8192, 262_144],
    [8192, 500_000, 500_000],
  ])('of a model trained for %s tokens, now at %s, ends at %s', (trained, now, end) => {
    const stops = contextStops(trained, now);
    expect([stops[0], stops.at(-1)]).toEqual([256, end]);
    expect(stops).toContain(now);
    if (trained !== null) expect(stops).toContain(trained);
    expect([...stops].sort((one, other) => one - other)).toEqual(stops);
  });

  it('has steps of a half and numbers at powers of four', () => {
    const stops = contextStops(8192, 8192);
    expect(stops.slice(2, 8)).toEqual([1024, 1536, 2048, 3072, 4096, 6144]);
    expect(labelledStops(stops)).toEqual([256, 1024, 4096, 16_384]);
  });
});

describe('devices', () => {
  it('of this machine come first; an own one takes the place of one of the table', () => {
    const own = { ...choice('GeForce RTX 4090').device, memoryGiB: 23 };
    const all = deviceChoices({ ownDevices: [own], ramBytes: RAM }, [gpu()]);
    expect(all.slice(0, 3).map(({ id, group }) => [id, group])).toEqual([
      ['cpu', 'This machine'],
      ['gpu 0', 'This machine'],
      ['GeForce RTX 4090', 'Your devices'],
    ]);
    expect(all.filter(({ id }) => id === 'GeForce RTX 4090').length).toBe(1);
  });

  it('that are detected have the bandwidth of their like in the table, and the RAM beside them', () => {
    const found = choice('gpu 0', [gpu()]);
    expect(found.device).toMatchObject({ bandwidth: 1008, memoryGiB: 23.6, backend: 'cuda' });
    expect(found.budget).toEqual({ gpuBytes: 23.6 * GIB, cpuBytes: RAM, sharedBytes: null });
    // A laptop's card of the same name has another memory.
    expect(choice('gpu 0', [gpu({ totalBytes: 16 * GIB })]).device.bandwidth).toBe(null);
    expect(choice('gpu 0', [gpu({ name: 'Some GPU' })]).device.bandwidth).toBe(null);
  });

  it('that share the memory of this machine are limited by both', () => {
    const found = choice('gpu 0', [
      gpu({ backend: 'Metal', name: 'Apple M1 Max', totalBytes: 48 * GIB, isUnified: true }),
    ]);
    expect(found.budget).toEqual({ gpuBytes: 48 * GIB, cpuBytes: null, sharedBytes: RAM });
    expect(found.device.memoryGiB).toBe(64);
  });
});

describe('a plan on the page', () => {
  it('begins with what suits the device', () => {
    const basis = basisOf('Qwen3-30B-A3B');
    expect(firstSettings(basis, choice('GeForce RTX 4090'))).toMatchObject({
      ...{ contextTokens: 40_960, keyType: 'f16', gpuLayers: null, expertsOnCpu: 0 },
    });
    expect(firstSettings(basis, choice('cpu')).contextTokens).toBe(40_960);
  });

  it('on the processor alone is about RAM', () => {
    const basis = basisOf('Llama-3-8B');
    const answer = answerOf(basis, firstSettings(basis, choice('cpu')), choice('cpu'));
    expect(answer.request.gpuLayers).toBe(0);
    expect(answer.plan.gpuBytes).toBe(0);
    expect(answer.verdict.text).toBe('fits 64 GB of RAM with 8k context, f16 KV');
    expect(barsOf(answer.plan, choice('cpu')).map(({ label }) => label)).toEqual(['RAM']);
  });

  it('on a processor of the settings is about the memory that stands there', () => {
    const basis = basisOf('Llama-3-70B');
    const server = readDevices([{ name: 'Server', memoryGiB: 48, bandwidthGBs: 200, backend: 'cpu' }]);
    const device = deviceChoices({ ownDevices: server, ramBytes: RAM }, []).find(
      ({ id }) => id === 'Server',
    )!;
    const answer = answerOf(basis, firstSettings(basis, device), device);
    expect(answer.verdict.text).toBe('fits 48 GB of RAM with 8k context, f16 KV');
    expect(answer.mixes?.find(({ fits }) => fits)?.mix.name).toBe('Q4_K_M');
    // 37.2 GiB without the embedding, and 2.5 GiB of cache, at 200 GB/s.
    expect(answer.speed?.tokensPerSecond).toBeCloseTo(200 / 42, 0);
    expect(answer.speed?.assumedRamBandwidth).toBe(null);
    expect(barsOf(answer.plan, device)[0]).toMatchObject({ limitBytes: 48 * GIB, limitText: '48 GB' });
  });

  it('has no speed for what does not fit', () => {
    const basis = basisOf('Llama-3-70B');
    const device = choice('GeForce RTX 4090');
    const answer = answerOf(basis, firstSettings(basis, device), device);
    expect(answer.speed).toBe(null);
    expect(answer.mixes!.map(({ fits, speed }) => fits === (speed !== null))).not.toContain(false);
  });

  it('says of every mix whether it fits, each with weights of its own', () => {
    const basis = basisOf('Llama-3-70B');
    const device = choice('RTX A6000');
    const { mixes } = answerOf(basis, firstSettings(basis, device), device);
    expect(mixes?.map(({ mix, fits }) => `${mix.name} ${fits}`).slice(0, 6)).toEqual([
      ...['F16 false', 'Q8_0 false', 'Q6_K false', 'Q5_K_M false', 'Q4_K_M true', 'Q4_K_S true'],
    ]);
    const bytes = mixes!.map(({ weightBytes }) => weightBytes);
    expect([...bytes].sort((one, other) => other - one)).toEqual(bytes);
    expect(new Set(bytes).size).toBe(bytes.length);
  });

  it('tells which experts to move where a MoE does not fit', () => {
    const basis = basisOf('gpt-oss-20b');
    const device = choice('GeForce RTX 3070');
    const settings = { ...firstSettings(basis, device), contextTokens: 16_384 };
    const answer = answerOf(basis, settings, device);
    expect(answer.excess?.where).toBe('gpu');
    expect(answer.expertsOnCpu).toBeGreaterThan(0);
    const moved = answerOf(basis, { ...settings, expertsOnCpu: answer.expertsOnCpu! }, device);
    expect(moved.verdict.fits).toBe(true);
    const fewer = answerOf(basis, { ...settings, expertsOnCpu: answer.expertsOnCpu! - 1 }, device);
    expect(fewer.verdict.fits).toBe(false);
  });

  it('survives messages: what arrives is a copy', () => {
    const basis = structuredClone(basisOf('gpt-oss-20b'));
    const device = choice('GeForce RTX 4090');
    const { mixes } = answerOf(basis, firstSettings(basis, device), device);
    expect(new Set(mixes!.map(({ weightBytes }) => weightBytes)).size).toBe(mixes!.length);
  });
});

describe('bars', () => {
  const basis = basisOf('Llama-3-8B');
  const barsFor = (device: DeviceChoice) => {
    const { plan } = answerOf(basis, firstSettings(basis, device), device);
    return { plan, bars: barsOf(plan, device) };
  };

  it('have every byte of a plan once', () => {
    for (const id of ['GeForce RTX 4090', 'Mac M4 Max 36GB', 'cpu']) {
      const { plan, bars } = barsFor(choice(id));
      const drawn = bars.flatMap(({ segments }) => segments).reduce((sum, { bytes }) => sum + bytes, 0);
      expect(drawn).toBe(plan.gpuBytes + plan.cpuBytes);
    }
  });

  it('are one where the memory is shared, with a mark at what the GPU may use', () => {
    const { bars } = barsFor(choice('Mac M4 Max 36GB'));
    expect(bars.length).toBe(1);
    expect(bars[0]).toMatchObject({ label: 'Shared memory', limitBytes: 36 * GIB });
    expect(bars[0]!.mark).toEqual({ bytes: 24 * GIB, text: 'at most 24.0 GiB for the GPU' });
  });

  it('mark what is free of a GPU of this machine', () => {
    const { bars } = barsFor(choice('gpu 0', [gpu()]));
    expect(bars[0]!.mark).toEqual({ bytes: 20 * GIB, text: '20.0 GiB free now' });
    expect(bars[1]).toMatchObject({ limitBytes: RAM, limitText: '64.0 GiB' });
  });

  it('say in words what they show', () => {
    const { bars } = barsFor(choice('GeForce RTX 4090'));
    expect(usedText(bars[0]!)).toBe('≈ 5.7 GiB of 24 GB');
    expect(barText(bars[0]!)).toBe(
      'GPU: ≈ 5.7 GiB of 24 GB; weights 4.1 GiB, KV cache 1.0 GiB, compute buffers 116.0 MiB, driver, libraries 512.0 MiB',
    );
  });
});

describe('llama.cpp’s answer', () => {
  it('is compared side by side, without what it does not count', () => {
    const basis = basisOf('Llama-3-8B');
    const device = choice('GeForce RTX 4090');
    const request = requestOf(basis, firstSettings(basis, device), device);
    const onGpu = { name: 'CUDA0', isHost: false, weights: 10, context: GIB, compute: 20 };
    const onHost = { name: 'CPU', isHost: true, weights: 30, context: 0, compute: 40 };
    const [weights, context, compute, together] = comparisonOf(basis, request, {
      ...{ buffers: [onGpu, onHost], gpuLayers: 33, gpus: ['card'], engineVersion: '', notes: [] },
    });
    expect(weights!.gpu.measured).toBe(10);
    expect(context!.gpu).toEqual({ planned: GIB, measured: GIB });
    expect(compute!.ram.measured).toBe(40);
    expect(together!.gpu.measured).toBe(30 + GIB);
    // The logits that are handed out are no part of llama.cpp's sum: batch × embedding × 4 twice and a mask are left.
    expect(compute!.ram.planned).toBe(2 * 512 * 4096 * 4 + 8192 * 512 * 2);
  });

  it.each([
    [100, 100, 'same'],
    [101.2, 100, '+1.2 %'],
    [99, 100, '−1.0 %'],
    [100_050, 100_000, '+0.050 %'],
    [5, 0, '–'],
  ])('%s planned against %s is "%s"', (planned, measured, text) => {
    expect(differenceText({ planned, measured })).toBe(text);
  });
});

describe('a saved page', () => {
  const settings = {
    ...{ contextTokens: 4096, sequences: 2, unified: true, keyType: 'q8_0', valueType: 'f16' },
    ...{ gpuLayers: 3, expertsOnCpu: 1, batchTokens: 256, flashAttention: false },
  };

  it('comes back as it was', () => {
    const saved = { device: 'L4', settings, isAdvancedOpen: true, scrollTop: 40 };
    expect(parseSaved(JSON.parse(JSON.stringify(saved)))).toEqual(saved);
  });

  it.each([
    ['nothing', null],
    ['a text', 'x'],
    ['another page’s', { sort: {} }],
    ['an unknown type', { device: 'L4', settings: { ...settings, keyType: 'q3' } }],
    ['a negative context', { device: 'L4', settings: { ...settings, contextTokens: -1 } }],
  ])('of %s is none', (_what, raw) => {
    expect(parseSaved(raw)).toBe(null);
  });
});
