// How a quantization ends that does not end well. After each of them the source is as it was, and nothing else is there.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { diskPlaces } from '../../src/node/outputPlaces.ts';
import { ENGINE_MISSING } from '../support/engine.ts';
import {
  atHalf,
  createSetting,
  expectAllAsBefore,
  failure,
  isAlive,
  listing,
  removeSetting,
  never,
  pidOf,
  type Setting,
} from './setting.ts';

let setting: Setting;
const F16 = 'sotu-5m-F16.gguf';

beforeAll(async () => {
  if (ENGINE_MISSING === null) setting = await createSetting();
}, 240_000);
expectAllAsBefore(() => setting);
afterAll(() => removeSetting(setting));

const pid = (): number => pidOf(setting);

/** A copy of the sample with something done to its bytes; it lies elsewhere, so that the folder stays as it is. */
function altered(name: string, change: (bytes: Buffer) => Buffer): string {
  const path = join(setting.pidFile, '..', name);
  writeFileSync(path, change(Buffer.from(readFileSync(setting.path(F16)))));
  return path;
}

describe.skipIf(ENGINE_MISSING !== null)('a run that', () => {
  it('is cancelled in the middle ends at once', async () => {
    const controller = new AbortController();
    const failed = await failure(
      setting.order({ type: 'Q5_K_M' }),
      setting.ports,
      controller.signal,
      atHalf(() => {
        expect(listing(setting.folder)).toContain('out.gguf.part');
        controller.abort();
      }),
    );
    expect(failed.code).toBe('cancelled');
    expect(isAlive(pid())).toBe(false);
  });

  it('is cancelled before it begins starts nothing', async () => {
    rmSync(setting.pidFile, { force: true });
    expect((await failure(setting.order({}), setting.ports, AbortSignal.abort())).code).toBe('cancelled');
    expect(existsSync(setting.pidFile)).toBe(false);
  });

  it('loses its engine says so', async () => {
    const failed = await failure(
      setting.order({ type: 'Q5_K_M' }),
      setting.ports,
      never,
      atHalf(() => process.kill(pid(), 'SIGKILL')),
    );
    expect(failed.message).toMatch(/^The engine stopped \(SIGKILL\)/);
  });

  const die = `process.kill(process.pid, 'SIGKILL')`;
  it.each([
    ['loses the program that wants it', die],
    ['is cancelled by a program that ends before it is gone', `child.send({ kind: 'cancel' }, () => ${die})`],
  ])('%s clears up behind itself', async (_case, act) => {
    const place = diskPlaces.reserve({
      output: setting.path('out.gguf'),
      files: [setting.path('out.gguf')],
      sources: [],
      force: false,
    });
    const job = {
      source: setting.path(F16),
      output: { folder: place.folder, fileName: 'model.gguf' },
      ...{ fileType: 15, outputType: null, embeddingType: null, pure: false, keepSplit: false, threads: 1 },
      ...{ allowRequantize: false, leaveOutput: false, tensorTypes: [], metadata: [], pruneLayers: [] },
      importance: null,
      engineFolders: setting.parts.engineFolders,
    };
    const parent = join(setting.pidFile, '../parent.js');
    writeFileSync(
      parent,
      `const child = require('node:child_process').fork(${JSON.stringify(setting.parts.engineProgram)}, { serialization: 'advanced', stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
       child.on('message', ({ kind, index }) => { if (kind === 'tensor' && index > 19) ${act}; });
       child.send({ kind: 'quantize', job: JSON.parse(process.argv[2]) });`,
    );
    const started = spawn(process.execPath, [parent, JSON.stringify(job)], { stdio: 'ignore' });
    await new Promise((resolve) => started.on('exit', resolve));
    await expect.poll(() => isAlive(pid()) || existsSync(place.folder), { timeout: 5000 }).toBe(false);
  });
});

describe.skipIf(ENGINE_MISSING !== null)('a source', () => {
  const NAN = 0x7e00;
  it('with a weight that is no number is refused by llama.cpp, with the name of the tensor', async () => {
    const source = altered('nan.gguf', (bytes) => {
      bytes.writeUInt16LE(NAN, bytes.length - 200_000);
      return bytes;
    });
    expect((await failure(setting.order({}, { source }), setting.ports)).message).toMatch(
      /^llama\.cpp did not quantize the model: tensor 'blk\.\d\.[\w.]+' has invalid data/,
    );
  });

  it('that ends one byte too early is refused by our own reader', async () => {
    rmSync(setting.pidFile, { force: true });
    const source = altered('cut.gguf', (bytes) => bytes.subarray(0, -1));
    expect((await failure(setting.order({}, { source }), setting.ports)).message).toMatch(
      /cut\.gguf cannot be quantized: .*\d/,
    );
    expect(existsSync(setting.pidFile)).toBe(false);
  });

  it('that is an importance matrix is refused by our own reader', async () => {
    rmSync(setting.pidFile, { force: true });
    const source = setting.path('sotu-5m.imatrix.gguf');
    expect((await failure(setting.order({}, { source }), setting.ports)).message).toMatch(
      /it is an importance matrix, and no model\.$/,
    );
    expect(existsSync(setting.pidFile)).toBe(false);
  });

  const headers: readonly (readonly [string, number, RegExp])[] = [
    ['llama.attention.head_count', 0, /no attention heads/],
    ['llama.block_count', 100_000, /^The engine stopped \(SIGABRT\): .*GGML_ASSERT/],
  ];
  it.skipIf(process.platform === 'win32').each(headers)(
    'whose %s is %i is refused',
    async (key, value, sentence) => {
      const source = altered('header.gguf', (bytes) => {
        bytes.writeUInt32LE(value, bytes.indexOf(key) + key.length + 4);
        return bytes;
      });
      expect((await failure(setting.order({}, { source }), setting.ports)).message).toMatch(sentence);
    },
  );

  it('that is quantized already needs permission', async () => {
    const order = setting.order({ type: 'Q8_0' }, { source: setting.path('sotu-5m-Q4_K_M.gguf') });
    expect((await failure(order, setting.ports)).message).toMatch(
      /Q4_K_M\.gguf is quantized already \(Q4_K_M\): .* Take the original /,
    );
  });

  it('of safetensors is converted first', async () => {
    const source = join(import.meta.dirname, '../samples/sotu-5m-fp8/model.safetensors');
    expect((await failure(setting.order({}, { source }), setting.ports)).message).toMatch(
      /must be converted first: .*convert_hf_to_gguf/,
    );
  });
});

describe.skipIf(ENGINE_MISSING !== null)('an importance matrix', () => {
  it('is asked for where a type is useless without', async () => {
    expect((await failure(setting.order({ type: 'iq2_xs' }), setting.ports)).message).toMatch(
      /^IQ2_XS needs an importance matrix: blk\.0\.\w+\.weight becomes IQ2_XS, which is useless without/,
    );
  });

  it('of another model is refused', async () => {
    const imatrix = join(setting.pidFile, '../other.dat');
    const int32 = (value: number): Buffer => Buffer.from(Int32Array.of(value).buffer);
    const name = Buffer.from('blk.0.attn_q.weight');
    const entry = [int32(name.length), name, int32(4), int32(100), Buffer.alloc(400, 1)];
    writeFileSync(imatrix, Buffer.concat([int32(1), ...entry]));
    expect((await failure(setting.order({ imatrix }), setting.ports)).message).toMatch(
      /made of another model: it has 100 values for blk\.0\.attn_q\.weight, which has 256 columns/,
    );
    expect((await failure(setting.order({ imatrix, type: 'IQ3_XXS' }), setting.ports)).message).toMatch(
      /knows nothing of blk\.0\./,
    );
  });

  it('that is none is refused', async () => {
    const imatrix = setting.path(F16);
    expect((await failure(setting.order({ imatrix }), setting.ports)).message).toMatch(
      /cannot be used as an importance matrix/,
    );
  });

  it('with a value that is no number is refused by llama.cpp', async () => {
    const imatrix = join(setting.pidFile, '../nan.gguf');
    const bytes = Buffer.from(readFileSync(setting.path('sotu-5m.imatrix.gguf')));
    bytes.writeFloatLE(NaN, bytes.length - 64);
    writeFileSync(imatrix, bytes);
    expect((await failure(setting.order({ imatrix }), setting.ports)).message).toMatch(/non-finite value/);
  });
});

describe('a recipe', () => {
  const wrong: readonly (readonly [string, Parameters<Setting['order']>[0], RegExp])[] = [
    ['an unknown mix', { type: 'Q4_X' }, /no quantization type "Q4_X"/],
    ['an unknown type', { outputType: 'Q9_9' }, /no type "Q9_9" for a tensor/],
    ['a type that is only computed with', { embeddingType: 'Q8_K' }, /no type "Q8_K"/],
    ['a removed type', { tensorTypes: [{ pattern: 'ffn', type: 'Q4_2' }] }, /no type "Q4_2"/],
    [
      'half an expression',
      { tensorTypes: [{ pattern: 'a(b', type: 'Q8_0' }] },
      /"a\(b" is no regular expression/,
    ],
    [
      'an expression that only JavaScript knows',
      { tensorTypes: [{ pattern: '(?<=k)q', type: 'Q8_0' }] },
      /^llama\.cpp did not quantize the model: .*special open parenthesis/i,
    ],
    [
      'types of tensors where they have no effect',
      { type: 'F16', tensorTypes: [{ pattern: 'ffn', type: 'Q8_0' }] },
      /no effect with F16/,
    ],
    ['all layers left out', { pruneLayers: [3, 1] }, /rising/],
    [
      'a text that llama.cpp would cut',
      { metadata: [{ key: 'k', type: 'str', value: 'ä'.repeat(64) }] },
      /127 bytes/,
    ],
  ];
  it.skipIf(ENGINE_MISSING !== null).each(wrong)('with %s is refused', async (_what, recipe, sentence) => {
    expect((await failure(setting.order(recipe), setting.ports)).message).toMatch(sentence);
  });
});
