// The one door: a file is opened as what its bytes are, and what cannot be opened is explained.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Failure, notReadable } from '../../../src/core/base/failure.ts';
import { openModel } from '../../../src/core/formats/openModel.ts';
import { memoryFolder, writeHeader, writeSafetensors } from '../../support/safetensorsWriter.ts';

const GGUF = readFileSync(new URL('../../samples/sotu-5m-Q4_K_M.gguf', import.meta.url));
const SAFETENSORS = writeSafetensors([{ name: 'a', dtype: 'F32', shape: [2] }]);
const INDEX = '{"weight_map":{"a":"m.safetensors"}}';

const open = (name: string, content: Uint8Array | string): ReturnType<typeof openModel> =>
  openModel(memoryFolder({ 'm.safetensors': SAFETENSORS, [name]: content }), name);
const bytes = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

describe('what the bytes are decides', () => {
  test.each([
    { name: 'm.gguf', content: GGUF, container: 'gguf', note: null },
    { name: 'm.safetensors', content: SAFETENSORS, container: 'safetensors', note: null },
    { name: 'x.safetensors.index.json', content: INDEX, container: 'safetensors', note: null },
    { name: 'm.bin', content: GGUF, container: 'gguf', note: null },
    { name: 'x.SAFETENSORS', content: SAFETENSORS, container: 'safetensors', note: null },
    {
      name: 'x.safetensors',
      content: GGUF,
      container: 'gguf',
      note: 'This is a GGUF model, though its name ends in .safetensors.',
    },
    {
      name: 'x.gguf',
      content: SAFETENSORS,
      container: 'safetensors',
      note: 'This is a safetensors model, though its name ends in .gguf.',
    },
  ])('$name opens as $container', ({ name, content, container, note }) => {
    const { model, problems } = open(name, content);
    expect(model?.container).toBe(container);
    expect(problems.map(({ severity, text }) => `${severity}: ${text}`)).toEqual(
      note === null ? [] : [`info: ${note}`],
    );
  });
});

test('a header whose length looks like the beginning of a text is a header', () => {
  for (const length of [0x7b20, 0x3c20, 0x5b08]) {
    const { model, problems } = open('m.safetensors', writeHeader(`{}${' '.repeat(length - 2)}`));
    expect(problems).toEqual([]);
    expect(model?.container).toBe('safetensors');
  }
});

describe('what is no model is explained', () => {
  test.each([
    { what: 'nothing', content: '', code: 'file-empty', text: 'is empty. Download it again.' },
    {
      what: 'a web page',
      content: '\n<!DOCTYPE html><html>',
      code: 'format-unknown',
      text: 'is a web page, not a model.',
    },
    {
      what: 'an S3 error',
      content: '<?xml version="1.0"?><Error>',
      code: 'format-unknown',
      text: 'is a web page, not a model.',
    },
    {
      what: 'a ZIP archive',
      content: bytes('PK\u0003\u0004rest'),
      code: 'format-unknown',
      text: 'is a ZIP archive, most likely a PyTorch checkpoint.',
    },
    {
      what: 'a pickle',
      content: bytes('\u0080\u0002}q\u0000.'),
      code: 'format-unknown',
      text: 'is a Python pickle',
    },
    {
      what: 'an old GGML file',
      content: bytes('tjgg\u0003\u0000\u0000\u0000'),
      code: 'format-unknown',
      text: 'is a GGML file, the predecessor of GGUF.',
    },
    {
      what: 'HDF5',
      content: bytes('\u0089HDF\r\n\u001a\n'),
      code: 'format-unknown',
      text: 'is an HDF5 file',
    },
    {
      what: 'gzip',
      content: bytes('\u001f\u008b\u0008\u0000'),
      code: 'format-unknown',
      text: 'is a compressed archive.',
    },
    {
      what: 'JSON',
      content: '{"model_type":"llama"}',
      code: 'format-unknown',
      text: 'is a JSON text, not a model.',
    },
    {
      what: 'zeros',
      content: new Uint8Array(4096),
      code: 'format-unknown',
      text: 'is nothing but zeros where it begins.',
    },
  ])('$what', ({ content, code, text }) => {
    for (const name of ['x.safetensors', 'x.gguf', 'x.bin']) {
      const { model, problems } = open(name, content);
      expect(model).toBeNull();
      expect(problems).toHaveLength(1);
      expect(problems[0]).toMatchObject({ code, severity: 'error', file: 0 });
      expect(problems[0]?.text).toContain(`${name} ${text}`);
    }
  });
  test('what is not known is told by the reader that its name asks for', () => {
    expect(open('x.gguf', 'hello world, this is text').model).toBeNull();
    expect(open('x.safetensors', 'hello world, this is text').problems[0]?.code).toBe(
      'safetensors-header-not-json',
    );
    expect(open('x.txt', 'hello world').problems[0]?.text).toBe(
      'x.txt is neither a GGUF nor a safetensors file.',
    );
  });
});

describe('a Git LFS pointer', () => {
  const oid = '4665a5ea423c2713d436b5ee50593a9640e0018c1550b5a0002f74190d6caea8';
  const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize 4920739232\n`;
  test.each(['x.gguf', 'x.safetensors', 'x.bin'])('under the name %s is recognised', (name) => {
    const opened = open(name, pointer);
    expect(opened.pointer).toEqual({ oid, size: 4_920_739_232 });
    expect(opened.model).toBeNull();
    expect(opened.problems.map(({ code, text }) => [code, text])).toEqual([
      [
        'file-is-lfs-pointer',
        `${name} is a Git LFS pointer to a file of 4.92 GB; fetch it with "git lfs pull".`,
      ],
    ]);
  });
  test.each([
    ['with Windows line ends', pointer.replaceAll('\n', '\r\n'), true],
    ['with an extension line', pointer.replace('oid', `ext-0-foo sha256:${oid}\noid`), true],
    ['without size', pointer.replace(/size.*/, ''), false],
    ['with a short oid', pointer.replace('4665', ''), false],
    ['of another version', pointer.replace('v1', 'v9'), false],
    ['of more than a kilobyte', pointer + ' '.repeat(1024), false],
  ])('%s', (_title, text, isPointer) => {
    expect(open('x.gguf', text).pointer !== undefined).toBe(isPointer);
  });
});

describe('a failure', () => {
  test('is thrown when the file does not exist', () => {
    expect(() => openModel(memoryFolder({}), 'x.gguf')).toThrow('x.gguf does not exist; check the path.');
  });
  test('is thrown when the file cannot be read', () => {
    const folder = {
      open: (name: string) => {
        throw notReadable(name, 'EACCES');
      },
    };
    expect(() => openModel(folder, 'x.gguf')).toThrow(Failure);
  });
});
