// Every way to cut a header and every byte of it flipped: no throw, no hang, little memory.
import { describe, expect, it } from 'vitest';
import { memorySource, type ByteSource } from '../../../src/core/formats/byteSource.ts';
import { arrayOf, sparseSource, text, uint32, writeGguf, type GgufSpec } from '../../support/ggufWriter.ts';
import { openComplaints } from '../../support/openComplaints.ts';

const SPECS: readonly [name: string, GgufSpec][] = [
  [
    'a model of version 3',
    {
      metadata: [
        { key: 'general.architecture', value: text('llama') },
        { key: 'general.alignment', value: uint32(32) },
        { key: 'tokenizer.ggml.tokens', value: arrayOf('string', ['<s>', 'a', 'the']) },
        { key: 'tokenizer.ggml.scores', value: arrayOf('float32', [0, -1, -2]) },
        { key: 'nested', value: arrayOf('array', [arrayOf('uint8', [1, 2])]) },
      ],
      tensors: [
        { name: 'token_embd.weight', dims: [256, 3], type: 12 },
        { name: 'blk.0.attn_norm.weight', dims: [256], type: 0 },
        { name: 'unknown', dims: [64], type: 139, byteLength: 64 },
      ],
    },
  ],
  [
    'a big-endian model of version 1',
    {
      version: 1,
      endianness: 'big',
      metadata: [
        { key: 'general.name', value: text('Möbius') },
        { key: 'a', value: { type: 'float64', value: 0.5 } },
        { key: 'b', value: { type: 'bool', value: true } },
        { key: 'tokens', value: arrayOf('string', ['x', 'yy']) },
      ],
      tensors: [
        { name: 'output.weight', dims: [32, 2, 2], type: 2 },
        { name: 'output.bias', dims: [2], type: 1 },
      ],
    },
  ],
];

const complaints = (file: ByteSource): string[] => openComplaints(new Map([['model.gguf', file]]));

describe.each(SPECS)('%s', (_name, spec) => {
  const { header, fileSize } = writeGguf(spec);

  it('cut after every byte of its header is read as far as it goes', () => {
    for (let length = 0; length <= header.length; length += 1)
      expect(complaints(memorySource(header.subarray(0, length))), `cut after ${length}`).toEqual([]);
  });

  it('with any byte of its header changed is read or refused', () => {
    const bytes = Uint8Array.from(header);
    for (let at = 0; at < header.length; at += 1)
      for (const pattern of [0xff, 0x80, 0x01, 0x40]) {
        bytes[at] = (header[at] ?? 0) ^ pattern;
        expect(complaints(sparseSource(bytes, fileSize)), `byte ${at} xor ${pattern}`).toEqual([]);
        bytes[at] = header[at] ?? 0;
      }
  });

  it('with any byte changed inside a file so long that lies fit into it costs little', () => {
    const bytes = Uint8Array.from(header);
    for (let at = 8; at < header.length; at += 1) {
      bytes[at] = (header[at] ?? 0) ^ 0x20;
      expect(complaints(sparseSource(bytes, 2 ** 20)), `byte ${at} of a long file`).toEqual([]);
      bytes[at] = header[at] ?? 0;
    }
  });
});
