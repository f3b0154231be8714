import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createHeaderReader } from '../../src/app/headerReader.ts';
import { isPacked } from '../../src/app/plan/planModel.ts';
import type { Model } from '../../src/core/formats/model.ts';
import { totalWeights } from '../../src/core/plan/weights.ts';
import { diskAccess } from '../../src/node/fileSource.ts';
import { memoryVerdict } from '../../src/app/plan/memoryVerdict.ts';
import { deviceNamed, readDevices } from '../../src/app/plan/plannerSettings.ts';
import { DEVICES } from '../../src/core/plan/devices.ts';
import { publishedModel, type PublishedModel } from '../core/plan/publishedModels.ts';
import { aModel } from './aModel.ts';

const PACKED = join(import.meta.dirname, '../samples/packed');

function verdict(name: PublishedModel, device: string | null = null): string | undefined {
  const { model, readNumbers } = publishedModel(name);
  return memoryVerdict(model, readNumbers, deviceNamed(device, []))?.text;
}

describe('what the header says of memory', () => {
  it.each([
    ['Llama-3-8B', 'fits 6 GB with 8k context, f16 KV'],
    ['Gemma-3-27B', 'fits 20 GB with 61k context, f16 KV'],
    ['gpt-oss-20b', 'fits 12 GB with 53k context, q8_0 KV'],
    // Without a cache there is none to name.
    ['Falcon-Mamba-7B', 'fits 8 GB with 1M context'],
    ['DeepSeek-V3', 'needs 665.4 GiB with 32k context, q8_0 KV'],
  ] as const)('of %s without a device names the smallest memory that is enough: %s', (name, text) => {
    expect(verdict(name)).toBe(text);
  });

  it.each([
    ['Llama-3-8B', 'GeForce RTX 4090', 'fits 24 GB with 8k context, f16 KV'],
    ['Llama-3-8B', 'geforce gtx 1650 gddr5', 'does not fit 4 GB with 8k context, f16 KV: 1.7 GiB too much'],
    ['Qwen3-30B-A3B', 'Mac M4 Max 36GB', 'fits 36 GB with 40k context, f16 KV'],
    ['Llama-3-70B', 'DGX Spark', 'fits 128 GB with 8k context, f16 KV'],
  ] as const)('of %s on %s: %s', (name, device, text) => {
    expect(verdict(name, device)).toBe(text);
  });

  it('of a device that is only a processor speaks of RAM', () => {
    const [processor] = readDevices([{ name: 'Server', memoryGiB: 64, backend: 'cpu' }]);
    const of = (name: PublishedModel) => {
      const { model, readNumbers } = publishedModel(name);
      return memoryVerdict(model, readNumbers, processor!);
    };
    expect(of('Llama-3-8B')?.text).toBe('fits 64 GB of RAM with 8k context, f16 KV');
    expect(of('Llama-3-8B')?.detail).toMatch(/^On Server: ≈ 5.* GiB \(weights 4.* GiB, KV cache 1.0 GiB/);
    expect(of('DeepSeek-V3')).toMatchObject({
      fits: false,
      text: expect.stringMatching(
        /^does not fit 64 GB of RAM with 8k context, f16 KV: [\d.]+ GiB too much$/,
      ) as string,
    });
  });

  it('tells in a hover what it is made of', () => {
    const { model, readNumbers } = publishedModel('Llama-3-8B');
    const device = deviceNamed('GeForce RTX 4090', []);
    expect(memoryVerdict(model, readNumbers, device)?.detail).toBe(
      'On GeForce RTX 4090: ≈ 5.7 GiB (weights 4.1 GiB, KV cache 1.0 GiB, compute buffers 116.0 MiB, driver, libraries 512.0 MiB)',
    );
  });

  it('is nothing for what is no language model, or not all there', () => {
    const readNumbers = (): null => null;
    expect(memoryVerdict(aModel(['blk.0.attn_q.weight']), readNumbers, null)).toBe(null);
    const { model } = publishedModel('Llama-3-8B');
    const [file] = model.files;
    expect(memoryVerdict({ ...model, files: [{ ...file!, size: null }] }, readNumbers, null)).toBe(null);
  });
});

describe('other mixes of packed weights', () => {
  const folders = readdirSync(PACKED).filter((name) => name.startsWith('sotu-5m-'));

  it.each(folders)('of %s are those of the model it was made of', async (name) => {
    const folder = join(PACKED, name);
    const file = readdirSync(folder).find((entry) => entry.endsWith('.safetensors'))!;
    const reader = createHeaderReader(diskAccess);
    const basis = await reader.planBasis(join(folder, file), new AbortController().signal);
    if ('unavailable' in basis) throw new Error(basis.unavailable);
    const f16 = basis.mixes?.find(({ mix }) => mix.name === 'F16');
    // All are made of the same tensors of SOTU-5M: 294,912 weights of matrices at 16 bits, and a norm.
    expect(Math.round(totalWeights(f16!.weights) / 1000)).toBe(591);
    expect(totalWeights(basis.weights)).toBeLessThan(totalWeights(f16!.weights));
  });

  it('are not known where the packing is not understood', () => {
    const entry = { key: 'quantization_config.quant_method', value: 'new', type: 'string' } as const;
    const model = {
      ...aModel(['blk.0.attn_q.weight']),
      container: 'safetensors' as const,
      metadata: [{ ...entry, source: 'config.json', byteOffset: null }],
    };
    expect(isPacked(model as unknown as Model)).toBe(true);
    expect(isPacked({ ...model, metadata: [] } as unknown as Model)).toBe(false);
  });
});

describe('devices of the settings', () => {
  it('are read with care', () => {
    expect(
      readDevices([
        { name: ' Two cards ', memoryGiB: 48, bandwidthGBs: 936, backend: 'cuda' },
        { name: 'A \u202ebox', memoryGiB: 128, unified: true, backend: 'metal' },
        { name: 'Two cards', memoryGiB: 1 },
        { name: '', memoryGiB: 8 },
        { name: 'None', memoryGiB: -1 },
        { name: 'Word', memoryGiB: '24' },
        null,
        'text',
      ]),
    ).toEqual([
      {
        ...{ name: 'Two cards', memoryGiB: 48, bandwidth: 936, backend: 'cuda' },
        ...{ isUnified: false, gpuGiB: null, year: null },
      },
      {
        ...{ name: 'A ⟨U+202E⟩box', memoryGiB: 128, bandwidth: null, backend: 'metal' },
        ...{ isUnified: true, gpuGiB: null, year: null },
      },
    ]);
    expect(readDevices('none')).toEqual([]);
  });

  it('are found by name before those of the table, whatever the case', () => {
    const own = readDevices([{ name: 'geforce rtx 4090', memoryGiB: 23 }]);
    expect(deviceNamed('GeForce RTX 4090', own)?.memoryGiB).toBe(23);
    expect(deviceNamed('GeForce RTX 4090', [])).toBe(DEVICES.find(({ name }) => name.endsWith('4090')));
    expect(['', '  ', 'No such card', 7, null].map((name) => deviceNamed(name, own))).toEqual(
      Array(5).fill(null),
    );
  });
});
