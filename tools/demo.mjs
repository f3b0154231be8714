// Makes a folder of models to try: the samples, one of them cut short, and one in two shards with an index.
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './setup.mjs';

const samples = join(root, 'test/samples');

/** File → what a person sees in it, in the order to try them. */
export const DEMO_FILES = /** @type {const} */ ({
  'sotu-5m-Q4_K_M.gguf': 'a mix of Q4_K and Q6_K, as most downloads are',
  'sotu-5m-F16.gguf': 'the same weights before they were quantized',
  'sotu-5m-fp8/model.safetensors': 'the same in FP8, as safetensors',
  'sotu-5m-gptq/model.safetensors': 'layers of it in GPTQ, 4 bits: each is four tensors in the file',
  'sotu-5m-nf4/model.safetensors': 'and in the NF4 of bitsandbytes',
  'sotu-5m-sharded/model.safetensors.index.json': 'a model in two files: right-click, Open as Model',
  'download-interrupted.gguf': 'half a file: what is there, and what is missing',
});

/** Folders of quantized safetensors, and where they come from. */
const PACKED = { 'sotu-5m-gptq': 'sotu-5m-gptq-4bit-g32-actorder', 'sotu-5m-nf4': 'sotu-5m-bnb-nf4-dq' };

/** Makes what is missing. @param {string} folder */
export function makeDemo(folder) {
  mkdirSync(join(folder, 'sotu-5m-fp8'), { recursive: true });
  mkdirSync(join(folder, 'sotu-5m-sharded'), { recursive: true });
  const copies = [
    ...['sotu-5m-Q4_K_M.gguf', 'sotu-5m-F16.gguf'],
    ...['config.json', 'generation_config.json', 'model.safetensors'].map((name) => `sotu-5m-fp8/${name}`),
  ];
  for (const name of copies)
    if (!existsSync(join(folder, name))) copyFileSync(join(samples, name), join(folder, name));
  for (const [name, source] of Object.entries(PACKED))
    cpSync(join(samples, 'packed', source), join(folder, name), { recursive: true, force: false });
  const whole = readFileSync(join(samples, 'sotu-5m-Q4_K_M.gguf'));
  writeFileSync(join(folder, 'download-interrupted.gguf'), whole.subarray(0, Math.floor(whole.length / 2)));
  copyFileSync(join(samples, 'sotu-5m-fp8/config.json'), join(folder, 'sotu-5m-sharded/config.json'));
  splitSafetensors(join(samples, 'sotu-5m-fp8/model.safetensors'), join(folder, 'sotu-5m-sharded'));
}

/** @typedef {{ dtype: string, shape: number[], data_offsets: [begin: number, end: number] }} Entry */

/** Writes a safetensors file as two shards and their index. @param {string} file @param {string} folder */
function splitSafetensors(file, folder) {
  const bytes = readFileSync(file);
  const headerLength = Number(bytes.readBigUInt64LE(0));
  const data = bytes.subarray(8 + headerLength);
  const { __metadata__, ...tensors } = JSON.parse(bytes.toString('utf8', 8, 8 + headerLength));
  const entries = Object.entries(/** @type {Record<string, Entry>} */ (tensors)).sort(
    ([, a], [, b]) => a.data_offsets[0] - b.data_offsets[0],
  );
  const half = Math.ceil(entries.length / 2);
  /** @type {Record<string, string>} */
  const weightMap = {};
  for (const [index, part] of [entries.slice(0, half), entries.slice(half)].entries()) {
    const name = `model-0000${index + 1}-of-00002.safetensors`;
    const begin = part[0]?.[1].data_offsets[0] ?? 0;
    const end = part.at(-1)?.[1].data_offsets[1] ?? begin;
    const moved = part.map(([tensor, entry]) => {
      weightMap[tensor] = name;
      const [from, to] = entry.data_offsets;
      return [tensor, { ...entry, data_offsets: [from - begin, to - begin] }];
    });
    const json = JSON.stringify({ __metadata__, ...Object.fromEntries(moved) });
    const header = Buffer.from(json.padEnd(Math.ceil(json.length / 8) * 8)); // tensors begin at a multiple of 8
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(header.length));
    writeFileSync(join(folder, name), Buffer.concat([length, header, data.subarray(begin, end)]));
  }
  const index = { metadata: { total_size: data.length }, weight_map: weightMap };
  writeFileSync(join(folder, 'model.safetensors.index.json'), `${JSON.stringify(index, null, 2)}\n`);
}
