import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createHeaderReader } from '../../src/app/headerReader.ts';
import { present } from '../../src/app/present/modelView.ts';
import { layerRanges, reportOf } from '../../src/app/present/report.ts';
import { diskAccess } from '../../src/node/fileSource.ts';
import { configured, open, parts } from '../core/formats/packed/checkpoints.ts';
import { aModel } from './aModel.ts';

const SAMPLE = join(import.meta.dirname, '../samples/sotu-5m-Q4_K_M.gguf');
const GOLDEN = join(import.meta.dirname, '../golden');
const never = new AbortController().signal;

describe('reports', () => {
  it('as Markdown are what one attaches to an issue', async () => {
    const report = await createHeaderReader(diskAccess).report(SAMPLE, 'markdown', never);
    await expect(report).toMatchFileSnapshot(join(GOLDEN, 'report-q4_k_m.md'));
  });

  it('as CSV have a line for every tensor', async () => {
    const report = await createHeaderReader(diskAccess).report(SAMPLE, 'csv', never);
    await expect(report).toMatchFileSnapshot(join(GOLDEN, 'report-q4_k_m.csv'));
  });

  describe('of packed matrices', () => {
    const opened = open(
      ['model.layers.0.mlp.up_proj', 'model.layers.0.mlp.gate_proj']
        .flatMap((module) =>
          parts(module, 'qweight I32 32 64', 'qzeros I32 2 8', 'scales F16 2 64', 'g_idx I32 256'),
        )
        .concat(parts('lm_head', 'weight F16 64 256')),
      configured({ quant_method: 'gptq', bits: 8, group_size: 128, sym: true, desc_act: false }),
    );
    const presented = present('/models/gptq/model.safetensors', 59_704, opened);

    it.each(['markdown', 'csv', 'json'] as const)(
      'as %s name the layers and what they are made of',
      async (format) => {
        const ending = { markdown: 'md', csv: 'csv', json: 'json.txt' }[format];
        await expect(reportOf(opened, presented, format)).toMatchFileSnapshot(
          join(GOLDEN, `report-gptq.${ending}`),
        );
      },
    );
  });

  it('count no tensor that contradicts itself: no share is above the whole, and its bits are not known', () => {
    const model = aModel([{ name: 'a.weight' }, { name: 'b.weight', state: 'invalid', shape: [256, 4000] }]);
    const opened = { model, problems: [] };
    const json = reportOf(opened, present('/models/m.gguf', 4096, opened), 'json');
    expect(JSON.parse(json)).toMatchObject({
      typeShares: [{ type: 'F32', tensorCount: 2, byteShare: 1, elementShare: 1 }],
      tensors: [{ bitsPerWeight: 32 }, { bitsPerWeight: null, state: 'invalid' }],
    });
  });

  it.each([
    [[], ''],
    [[-1], ''],
    [[3], '(3)'],
    [[2, 0, 1, 1], '(0-2)'],
    [[0, 1, 2, 5, 7, 8], '(0-2, 5, 7-8)'],
  ])('name layers %j as "%s"', (layers, expected) => {
    expect(layerRanges(layers)).toBe(expected);
  });

  const hostile = '=1+1|`<b>"\n,\u202e';
  const reported = (format: 'markdown' | 'csv' | 'json'): string => {
    const opened = {
      model: aModel([`${hostile}.weight`], { 'general.name': hostile, [hostile]: hostile }),
      problems: [],
    };
    return reportOf(opened, present('/models/evil.gguf', 4096, opened), format);
  };

  it('let no name become markup, a table cell or a line of its own', () => {
    const report = reported('markdown');
    expect(report).not.toMatch(/(?<!\\)<b>(?!.*`)/);
    expect(report).not.toContain('\u202e');
    expect(report.split('\n')[0]).toBe('# =1+1\\|\\`\\<b\\>"⟨U+000A⟩,⟨U+202E⟩');
  });

  it('let no name become a formula or a column of a spreadsheet', () => {
    const [, line] = reported('csv').split('\n');
    expect(line).toMatch(/^"'=1\+1\|`<b>""⟨U\+000A⟩,⟨U\+202E⟩\.weight",/);
  });

  it('keep names exact in JSON', () => {
    const { tensors, metadata } = JSON.parse(reported('json')) as {
      tensors: { name: string }[];
      metadata: Record<string, string>;
    };
    expect(tensors[0]?.name).toBe(`${hostile}.weight`);
    expect(metadata[hostile]).toBe(hostile);
  });
});
