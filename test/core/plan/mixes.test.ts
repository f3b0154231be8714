import { describe, expect, it } from 'vitest';
import { MIX_ERROR, MIXES } from '../../../src/core/plan/mixes.ts';
import { mixesOf, type MixWeights } from '../../../src/core/plan/modelWeights.ts';
import { memoryShape } from '../../../src/core/plan/shape.ts';
import { totalWeights } from '../../../src/core/plan/weights.ts';
import { modelOf, specOf } from './headers.ts';
import { OTHER_MODELS, type OtherModel } from './otherModels.ts';
import { publishedSpec, type PublishedModel } from './publishedModels.ts';
import { known } from './shapes.ts';

const COMPARED = ['Q6_K', 'Q4_K_M', 'IQ4_XS', 'Q3_K_M', 'Q2_K'] as const;

/** Bits per weight that llama.cpp v0.4.0 decides on for the same header in F16: quantscope quantize --dry-run. */
const DECIDED: Readonly<Partial<Record<PublishedModel | OtherModel, readonly number[]>>> = {
  'Llama-3-8B': [6.5633, 4.8944, 4.4597, 3.996, 3.1593],
  'Gemma-3-27B': [6.5638, 4.8991, 4.4095, 3.9782, 3.1092],
  'Qwen3-30B-A3B': [6.5732, 4.8606, 4.3367, 3.8532, 2.9484],
  // No row of 2880 numbers comes out in blocks of 256.
  'gpt-oss-20b': [8.4841, 6.0406, 4.6791, 4.9355, 4.6101],
  'Jamba-v0.1': [6.5658, 4.834, 4.314, 3.8077, 2.9022],
  // A quarter of its weights are the embedding, which the output is made of.
  'Gemma-2-9B': [6.5642, 4.9818, 4.5161, 4.1168, 3.2889],
  'LFM2-1.2B': [6.5653, 4.9798, 4.5541, 4.0874, 3.288],
  'Granite-4.0-H-Tiny': [6.58, 4.8737, 4.3672, 3.8616, 2.9772],
};

function mixes(name: PublishedModel | OtherModel): readonly MixWeights[] {
  const spec = name in OTHER_MODELS ? specOf(OTHER_MODELS[name as OtherModel]) : null;
  const { model, readNumbers } = modelOf(spec ?? publishedSpec(name as PublishedModel));
  return mixesOf(model, known(memoryShape(model, readNumbers)));
}

describe('the weights of a model in another mix', () => {
  it.each(Object.entries(DECIDED) as [PublishedModel | OtherModel, number[]][])(
    'of %s are within the stated error of what llama.cpp decides on',
    (name, decided) => {
      const bits = new Map(mixes(name).map(({ mix }) => [mix.name, mix.bitsPerWeight]));
      COMPARED.forEach((mix, index) => {
        const error = bits.get(mix)! / decided[index]! - 1;
        expect(Math.abs(error), `${mix} ${error}`).toBeLessThan(MIX_ERROR);
      });
    },
  );

  it('are those of Llama-3.1-8B to the last digit, by which the mixes are described', () => {
    const own = mixes('Llama-3-8B');
    expect(own.map(({ mix }) => mix.name)).toEqual(MIXES.map(({ name }) => name));
    const q4 = own.find(({ mix }) => mix.name === 'Q4_K_M')!;
    expect(q4.mix.bitsPerWeight).toBeCloseTo(4.8944, 4);
    // The file of Q4_K_M has 4.58 GiB.
    expect(totalWeights(q4.weights) / 2 ** 30).toBeCloseTo(4.58, 2);
  });

  it('are fewer with every mix', () => {
    for (const name of ['Llama-3-8B', 'Gemma-3-27B'] as const) {
      const sizes = mixes(name).map(({ weights }) => totalWeights(weights));
      expect(sizes).toEqual(sizes.toSorted((one, other) => other - one));
    }
  });
});
