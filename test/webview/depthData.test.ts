import { describe, expect, it, test } from 'vitest';
import { QUANTILE_LEVELS, STATS_KNOWN } from '../../src/protocol/analysis.ts';
import { channelLines, rangesOf } from '../../webview/inspector/depth/channelLines.ts';
import { depthOf, type RoleDepth } from '../../webview/inspector/depth/depthData.ts';
import { NORMAL_BEYOND_3, outlierPlot, spreadPlot } from '../../webview/inspector/depth/depthPlots.ts';
import { emptyStats, type Stats } from '../../webview/inspector/stats.ts';
import { aModel } from '../app/aModel.ts';
import { llama, loaded, type Loaded } from './tableModels.ts';

/** Fills in every row: σ is the row number, beyond3 a hundredth of it, the quantiles its number from −4 to 4 times. */
function analyzed(
  { rows }: Loaded,
  known: (row: number) => (typeof STATS_KNOWN)[number] = () => 'exact',
): Stats {
  const stats = emptyStats(rows.total);
  for (let row = 0; row < rows.count; row++) {
    stats.known[row] = STATS_KNOWN.indexOf(known(row));
    if (known(row) === 'none') continue;
    stats.std[row] = row;
    stats.beyond3[row] = row / 100;
    for (const level of QUANTILE_LEVELS.keys())
      stats.quantiles[row * QUANTILE_LEVELS.length + level] = row * (level - 4);
  }
  return stats;
}

const rowOf = ({ rows }: Loaded, name: string): number => rows.names.indexOf(name);
const roleOf = (depths: readonly RoleDepth[], label: string): RoleDepth => {
  const found = depths.find(({ role }) => role.label === label);
  if (found === undefined) throw new Error(`No charts of ${label}.`);
  return found;
};

describe('roles over depth', () => {
  it('are the matrices of the layers in the order of the map, without norms, biases and what stands beside the layers', () => {
    const model = llama();
    const depths = depthOf(model.model, model.rows, null);
    expect(depths.map(({ role }) => role.label)).toEqual(['attn_q', 'attn_v', 'ffn_down']);
  });

  it('have the numbers of their tensors, layer by layer', () => {
    const model = llama();
    const depths = depthOf(model.model, model.rows, analyzed(model));
    const { std, beyond3, quantiles, exactCount, layerCount } = roleOf(depths, 'attn_v');
    const own = [0, 1].map((layer) => rowOf(model, `blk.${layer}.attn_v.weight`));
    expect([...std]).toEqual(own);
    expect([...beyond3]).toEqual(own.map((row) => row / 100));
    expect(quantiles.map((level) => level[1])).toEqual(
      QUANTILE_LEVELS.map((_, level) => (own[1] ?? 0) * (level - 4)),
    );
    expect([exactCount, layerCount]).toEqual([2, 2]);
  });

  it('say what is not known yet, and what is not exact', () => {
    const model = llama();
    const [first, second] = [0, 1].map((layer) => rowOf(model, `blk.${layer}.attn_q.weight`));
    const stats = analyzed(model, (row) => (row === first ? 'estimate' : row === second ? 'none' : 'exact'));
    const { std, beyond3, exactCount, layerCount } = roleOf(
      depthOf(model.model, model.rows, stats),
      'attn_q',
    );
    expect([...std]).toEqual([first, NaN]);
    expect([...beyond3]).toEqual([(first ?? 0) / 100, NaN]);
    expect([exactCount, layerCount]).toEqual([0, 2]);
  });

  it('sum the outliers of experts that are stored one by one, and take the middle of their spreads', () => {
    const experts = [0, 1, 2].map((expert) => ({
      name: `model.layers.0.mlp.experts.${expert}.up_proj.weight`,
      type: 1,
      shape: [8, 4 * (expert + 1)],
    }));
    const model = loaded({ ...aModel(experts), container: 'safetensors' });
    const stats = emptyStats(model.rows.total);
    for (const [row, share] of [0.1, 0.2, 0.3].entries()) {
      stats.beyond3[row] = share;
      stats.std[row] = [5, 1, 3][row] ?? NaN;
    }
    const [depth] = depthOf(model.model, model.rows, stats);
    if (depth === undefined) return expect(depth).toBeDefined();
    const weights = [...model.rows.weights];
    const all = weights.reduce((sum, count) => sum + count, 0);
    const beyond = weights.reduce((sum, count, row) => sum + count * (stats.beyond3[row] ?? 0), 0);
    expect(depth.beyond3[0]).toBeCloseTo(beyond / all, 12);
    expect(depth.std[0]).toBe(3);
  });
});

describe('the plots', () => {
  const model = llama();
  const depth = roleOf(depthOf(model.model, model.rows, analyzed(model)), 'attn_v');

  it('of the spread has its widest layer as its range and a ribbon for each pair of quantiles', () => {
    const { y, x, series, parts } = spreadPlot(depth, 400);
    const widest = 4 * rowOf(model, 'blk.1.attn_v.weight');
    expect([y.low, y.high]).toEqual([-widest, widest]);
    expect([x.low, x.high]).toEqual([0, 2]);
    expect(series.map(({ kind }) => kind)).toEqual(['band', 'band', 'band', 'line']);
    expect(parts.read(1).head).toBe('Layer 1');
    expect(parts.read(1).text).toMatch(/^median 0 · σ \d+ · 99\.8 % in −\d+ … \d+/);
  });

  it('of the outliers reaches over the normal distribution and over the largest of all roles', () => {
    expect(outlierPlot(depth, 0, 400).y.high).toBeGreaterThan(NORMAL_BEYOND_3);
    expect(outlierPlot(depth, 0.5, 400).y.high).toBeGreaterThan(0.5);
    expect(outlierPlot(depth, 0.5, 400).marks).toEqual([{ kind: 'horizontal', at: NORMAL_BEYOND_3 }]);
  });

  it('say of a layer whether it has no such tensor or none that was analyzed', () => {
    const gap = {
      ...depth,
      rows: [[3], []],
      std: new Float64Array([NaN, NaN]),
      beyond3: new Float64Array([NaN, NaN]),
    };
    const { read } = outlierPlot(gap, 0, 400).parts;
    expect([read(0).text, read(1).text]).toEqual(['not analyzed', 'has no such tensor']);
  });
});

test.each([
  [[], ''],
  [[-1], ''],
  [[4], '4'],
  [[0, 1, 2, 5], '0–2, 5'],
  [[7, 3, 3, 4], '3–4, 7'],
])('the layers %j are told as "%s"', (layers, expected) => {
  expect(rangesOf(layers)).toBe(expected);
});

test('a channel is told with its roles and their layers', () => {
  const model = llama();
  const rows = ['blk.0.attn_q.weight', 'blk.1.attn_q.weight', 'blk.1.ffn_down.weight', 'output.weight'].map(
    (name) => rowOf(model, name),
  );
  const use = { tensorCount: 9, channels: [{ channel: 220, width: 256, rows, strongest: 5.5 }] };
  expect(channelLines(use, model.model, model.rows)).toEqual([
    {
      channel: 220,
      width: 256,
      count: 4,
      strongest: 5.5,
      where: 'attn_q 0–1 · ffn_down 1 · output',
      first: rows[0],
    },
  ]);
});
