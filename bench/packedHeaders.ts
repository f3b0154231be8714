// What it costs to open a packed safetensors model: putting parts together, and reading the small parts that say a shape.
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bytesOf, parts, utf8, type Stored } from '../test/core/formats/packed/checkpoints.ts';
import type { Measured } from './headerReaders.ts';
import { inProcess } from './inProcess.ts';
import { below, line, ms, type Line } from './lines.ts';

export function packedHeaders(folder: string): Line[] {
  const best = (name: string, tensors: readonly Stored[]): Measured => {
    const path = join(folder, name);
    write(path, tensors);
    const runs = Array.from({ length: 5 }, () => inProcess<Measured>('header', 'quantscope', path));
    return {
      ...(runs[0] as Measured),
      first: Math.min(...runs.map(({ first }) => first)),
      best: Math.min(...runs.map(({ best: time }) => time)),
    };
  };
  const gptq = best('gptq.safetensors', modules(15_000, gptqModule));
  const plain = best('plain.safetensors', modules(60_000, plainModule));
  const nf4 = best('nf4.safetensors', modules(224, nf4Module));
  const nf4Floats = best('nf4-floats.safetensors', modules(224 * 4, plainModule));
  return [
    line('60,000 stored tensors of GPTQ, 15,000 matrices: best of 5 calls', ms(gptq.best)),
    below(2, gptq.best / plain.best, 'times the time of 60,000 tensors that are stored as they are'),
    line('a 7B model of NF4: 224 matrices, each with a quant_state to read: best of 5 calls', ms(nf4.best)),
    below(5, nf4.best / nf4Floats.best, 'times the time of as many tensors with nothing to read'),
  ];
}

const modules = (count: number, make: (module: string) => Stored[]): Stored[] =>
  Array.from({ length: count }, (_none, at) =>
    make(`model.layers.${at % 32}.mlp.experts.${Math.floor(at / 32)}.up_proj`),
  ).flat();

const gptqModule = (module: string): Stored[] =>
  parts(module, 'qweight I32 32 64', 'qzeros I32 2 8', 'scales F16 2 64', 'g_idx I32 256');
const plainModule = (module: string): Stored[] => parts(module, 'weight F16 64 256');
const STATE = utf8('{"quant_type": "nf4", "blocksize": 64, "dtype": "float16", "shape": [4096, 4096]}');
const nf4Module = (module: string): Stored[] =>
  parts(
    module,
    'weight U8 8388608 1',
    'weight.absmax F32 262144',
    'weight.quant_map F32 16',
    `weight.quant_state.bitsandbytes__nf4 U8 ${STATE.length}`,
  );

/** The header, and the quant_states first behind it, so that no block of the disk is needed for the rest. */
function write(path: string, tensors: readonly Stored[]): void {
  const isState = ({ name }: Stored): boolean => name.includes('quant_state');
  const ordered = [...tensors.filter(isState), ...tensors.filter((stored) => !isState(stored))];
  let end = 0;
  const members = ordered.map((stored) => {
    const begin = end;
    end += bytesOf(stored);
    const { name, dtype, shape } = stored;
    return `${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: [begin, end] })}`;
  });
  const header = utf8(`{${members.join(',')}}`);
  const states = tensors.filter(isState).length;
  const file = new Uint8Array(8 + header.length + states * STATE.length);
  new DataView(file.buffer).setBigUint64(0, BigInt(header.length), true);
  file.set(header, 8);
  for (let state = 0; state < states; state++) file.set(STATE, 8 + header.length + state * STATE.length);
  writeFileSync(path, file);
  truncateSync(path, 8 + header.length + end);
}
