// What opening a GGUF costs, in one run beside @huggingface/gguf.
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeGguf, type GgufSpec, type TensorSpec } from '../test/support/ggufWriter.ts';
import { gemmaLikeVocabulary, withTensors } from '../test/support/largeModels.ts';
import type { Measured, Reader } from './headerReaders.ts';
import { inProcess } from './inProcess.ts';
import { atLeast, below, line, type Line, ms } from './lines.ts';

export function headers(folder: string): Line[] {
  /** The header, and as much behind it as the header promises, without a block of the disk. */
  const make = (name: string, spec: GgufSpec): { path: string; bytes: number } => {
    const path = join(folder, name);
    const { header, fileSize } = writeGguf(spec);
    writeFileSync(path, header);
    truncateSync(path, fileSize);
    return { path, bytes: header.length };
  };
  const lines: Line[] = [];

  const vocabulary = make('vocabulary.gguf', { metadata: gemmaLikeVocabulary() });
  const ours = best('quantscope', vocabulary.path, 5);
  const theirs = best('huggingface', vocabulary.path, 2);
  const size = `${(vocabulary.bytes / 1e6).toFixed(1)} MB of header, 262,144 tokens`;
  lines.push(line(`${size}: first call`, `${ms(ours.first)} against ${ms(theirs.first)}`));
  lines.push(line(`${size}: best of ${ours.calls} calls`, `${ms(ours.best)} against ${ms(theirs.best)}`));
  lines.push(atLeast(40, theirs.first / ours.first, 'times faster than @huggingface/gguf, first call'));
  lines.push(below(60, ours.peakBytes / 1e6, 'MB more memory at the peak'));
  lines.push(line('the same, @huggingface/gguf', `${(theirs.peakBytes / 1e6).toFixed(1)} MB`));

  for (const [count, most] of [
    [2000, 10],
    [60_000, null],
  ] as const) {
    const tensors = make(`tensors-${count}.gguf`, withTensors(count));
    const own = best('quantscope', tensors.path, 7);
    const other = best('huggingface', tensors.path, 2);
    const what = `${count.toLocaleString('en-US')} tensors`;
    const ratio = `@huggingface/gguf, which places nothing and checks no layout: ${ms(other.first)}`;
    lines.push(line(`${what}: first call`, `${ms(own.first)}; ${ratio}`));
    if (most === null) lines.push(line(`${what}: best of ${own.calls} calls`, ms(own.best)));
    else lines.push(below(most, own.best, `ms for ${what}, best of ${own.calls} calls`));
  }

  const small = best('quantscope', make('small.gguf', { tensors: layers(32, 32) }).path, 7);
  const large = best('quantscope', make('large.gguf', { tensors: layers(32, 2 ** 19) }).path, 7);
  lines.push(line('a small file and one of 100 GB', `${ms(small.first)} and ${ms(large.first)}`));
  lines.push(below(1.5, large.first / small.first, 'times the time of a small file for one of 100 GB'));
  return lines;
}

/** Six matrices of F16 per layer with rows of 512 weights: 32 layers of 2^19 rows have 103 GB. */
function layers(count: number, rows: number): TensorSpec[] {
  return Array.from({ length: count }, (_item, layer) =>
    ['attn_q', 'attn_k', 'attn_v', 'attn_output', 'ffn_up', 'ffn_down'].map((role) => ({
      name: `blk.${layer}.${role}.weight`,
      dims: [512, rows],
      type: 1,
    })),
  ).flat();
}

/** The least of several fresh processes: the machine can make a run slower, never faster. */
function best(who: Reader, path: string, processes: number): Measured {
  const runs = Array.from({ length: processes }, () => {
    return inProcess<Measured>('header', who, path);
  });
  const least = (of: (measured: Measured) => number): number => Math.min(...runs.map(of));
  return {
    first: least(({ first }) => first),
    best: least(({ best: time }) => time),
    peakBytes: least(({ peakBytes }) => peakBytes),
    calls: runs[0]?.calls ?? 0,
  };
}
