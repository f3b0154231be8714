// The sample models as a golden text, and every valid GGUF at hand as @huggingface/gguf reads it.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gguf } from '@huggingface/gguf';
import { describe, expect, it } from 'vitest';
import { memorySource } from '../../../src/core/formats/byteSource.ts';
import { readArrayItems } from '../../../src/core/formats/gguf/arrays.ts';
import { openGguf } from '../../../src/core/formats/gguf/openGguf.ts';
import { isArrayRef } from '../../../src/core/formats/model.ts';
import { dumpOpened } from '../../support/ggufDump.ts';
import { arrayOf, ggufBytes, text, uint32 } from '../../support/ggufWriter.ts';
import { withTensors } from '../../support/largeModels.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const samples = ['sotu-5m-Q4_K_M.gguf', 'sotu-5m-F16.gguf'];
const open = (bytes: Uint8Array, name: string) => openGguf(memorySource(bytes), name, { open: () => null });

it.each(samples)('the header of %s', async (name) => {
  const bytes = readFileSync(`${root}test/samples/${name}`);
  await expect(dumpOpened(open(bytes, name))).toMatchFileSnapshot(`../../golden/gguf-${name}.txt`);
});

/** Their reader asks for ranges of a URL; this answers from memory. */
function fetchFrom(bytes: Uint8Array): typeof fetch {
  return (_url, options) => {
    const range = new Headers(options?.headers).get('Range') ?? '';
    const [, first = '0', last = '0'] = /bytes=(\d+)-(\d+)/.exec(range) ?? [];
    const body = bytes.slice(Number(first), Math.min(Number(last) + 1, bytes.length));
    return Promise.resolve(new Response(body, { status: 206 }));
  };
}

/** Both readers' results in one form: numbers as text, since one gives bigint where the other gives number. */
async function expectAgreement(bytes: Uint8Array, name: string): Promise<void> {
  const { model, problems } = open(bytes, name);
  if (model === null) throw new Error(`${name}: ${problems[0]?.text}`);
  const theirs = await gguf('https://localhost/model.gguf', { fetch: fetchFrom(bytes), typedMetadata: true });
  const encoding = { endianness: model.endianness, version: model.version ?? 0 };

  expect(model.version).toBe(theirs.metadata.version);
  expect(model.endianness === 'little').toBe(theirs.littleEndian);
  expect(String(model.files[0]?.dataOffset)).toBe(String(theirs.tensorDataOffset));
  const ours = model.metadata.map(({ key, value }) => [
    key,
    isArrayRef(value)
      ? readArrayItems(memorySource(bytes), value, encoding, 0, value.count).map((item) => String(item.value))
      : String(value),
  ]);
  const counts = ['version', 'tensor_count', 'kv_count'];
  const typed = Object.entries(theirs.typedMetadata).filter(([key]) => !counts.includes(key));
  expect(ours).toEqual(
    typed.map(([key, { value }]) => [key, Array.isArray(value) ? value.map(String) : String(value)]),
  );
  expect(
    model.tensors.map(({ name: tensor, shape, scheme, byteOffset }) => [
      tensor,
      shape.map(String),
      scheme.ggmlId,
      String(byteOffset),
    ]),
  ).toEqual(
    theirs.tensorInfos.map(({ name: tensor, shape, dtype, offset }) => [
      tensor,
      shape.map(String),
      dtype,
      String(offset + theirs.tensorDataOffset),
    ]),
  );
}

describe('agrees with @huggingface/gguf on', () => {
  const metadata = [
    { key: 'general.architecture', value: text('llama') },
    { key: 'general.alignment', value: uint32(64) },
    { key: 'a.large', value: { type: 'uint64', value: 2n ** 60n } as const },
    { key: 'a.small', value: { type: 'int8', value: -5 } as const },
    { key: 'a.half', value: { type: 'float32', value: 0.5 } as const },
    { key: 'a.truth', value: { type: 'bool', value: false } as const },
    { key: 'tokenizer.ggml.tokens', value: arrayOf('string', ['<s>', 'ä', '']) },
    { key: 'tokenizer.ggml.scores', value: arrayOf('float32', [0, -1.5]) },
  ];
  const tensors = withTensors(20).tensors ?? [];
  for (const version of [1, 2, 3])
    for (const endianness of ['little', 'big'] as const)
      it(`a written file of version ${version}, ${endianness} endian`, async () => {
        await expectAgreement(
          ggufBytes({ version, endianness, metadata, tensors, alignment: 64 }),
          'written.gguf',
        );
      });

  it.each(samples)('%s', async (name) => {
    await expectAgreement(readFileSync(`${root}test/samples/${name}`), name);
  });
});
