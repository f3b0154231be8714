// Published quantized models, from headers rebuilt without data: right matrices, exact parameter counts. And the samples.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { totalsOf } from '../../../../src/app/present/totals.ts';
import { memorySource } from '../../../../src/core/formats/byteSource.ts';
import { openModel } from '../../../../src/core/formats/openModel.ts';
import { writeHeader } from '../../../support/safetensorsWriter.ts';
import { bytesOf, folderOf, packedOf, type Stored } from './checkpoints.ts';
import { REAL_MODELS, type RealModel } from './realHeaders.ts';

const SAMPLES = new URL('../../../samples/packed', import.meta.url).pathname;

/** A file that ends where its data would begin. */
function headerOf(tensors: readonly Stored[]): Uint8Array {
  let end = 0;
  const members = tensors.map((tensor) => {
    const begin = end;
    end += bytesOf(tensor);
    const { name, dtype, shape } = tensor;
    return `${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: [begin, end] })}`;
  });
  return writeHeader(`{${members.join(',')}}`);
}

const opened = ({ tensors, config }: RealModel) =>
  openModel(folderOf({ 'model.safetensors': headerOf(tensors), 'config.json': config }), 'model.safetensors');

describe.each(REAL_MODELS)('$title', (real) => {
  const { tensors, totalSize, parameterCount, types } = real;

  test('has all its weights, no more and no less', () => {
    const { model } = opened(real);
    if (model === null) throw new Error('nothing was read');
    expect(totalsOf(model).parameterCount).toBe(parameterCount);
    const counts = packedOf({ model, problems: [] }).map(({ scheme }) => scheme.name);
    expect(
      Object.fromEntries(
        [...new Set(counts)].map((type) => [type, counts.filter((other) => other === type).length]),
      ),
    ).toEqual(types);
    const left = model.tensors.filter(({ name }) =>
      /qweight|qzeros|g_idx|absmax|quant_state|scales|biases/.test(name),
    );
    expect(left).toEqual([]);
  });

  if (totalSize !== null)
    test('has the bytes that its index says', () => {
      expect(tensors.reduce((sum, tensor) => sum + bytesOf(tensor), 0)).toBe(totalSize);
    });
});

test('shapes that only the data tells follow from the configuration, and a note says so', () => {
  const molmo = REAL_MODELS.find(({ title }) => title.startsWith('Molmo')) as RealModel;
  const { model, problems } = opened(molmo);
  const shapes = Object.fromEntries(
    packedOf({ model, problems })
      .slice(0, 112)
      .map(({ name, shape }) => [name.replace(/\.\d+\./, '.#.'), shape]),
  );
  expect(shapes).toEqual({
    'model.transformer.blocks.#.att_proj.weight': [4608, 3584],
    'model.transformer.blocks.#.attn_out.weight': [3584, 3584],
    'model.transformer.blocks.#.ff_proj.weight': [37888, 3584],
    'model.transformer.blocks.#.ff_out.weight': [3584, 18944],
  });
  const assumed = problems.filter(({ code }) => code === 'packing-assumed').map(({ text }) => text);
  expect(assumed[0]).toBe(
    '"model.transformer.blocks.0.att_proj" says its shape in a quant_state that was not read; 4608 × 3584 is what the other shapes of the model ask for. The same holds for 27 more modules.',
  );
});

const expected = JSON.parse(readFileSync(join(SAMPLES, 'expected.json'), 'utf8')) as Readonly<
  Record<string, object>
>;

test.each(Object.keys(expected))('%s has exactly its matrices', (name) => {
  const folder = join(SAMPLES, name);
  const { model, problems } = openModel(
    {
      open: (file) =>
        existsSync(join(folder, file)) ? memorySource(readFileSync(join(folder, file))) : null,
    },
    'model.safetensors',
  );
  expect(problems).toEqual([]);
  expect(model?.tensors.map((tensor) => tensor.name).sort()).toEqual(
    Object.keys(expected[name] ?? {}).sort(),
  );
});
