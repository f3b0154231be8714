// Bytes as text.
import { expect, it } from 'vitest';
import { decodeUtf8, isUtf8 } from '../../../src/core/base/utf8.ts';

it.each<[string, number[], string, boolean]>([
  ['nothing', [], '', true],
  ['ASCII', [0x61, 0x62], 'ab', true],
  ['more than ASCII', [0xe2, 0x96, 0x81], '▁', true],
  ['a byte order mark, which stays', [0xef, 0xbb, 0xbf, 0x61], '\ufeffa', true],
  ['the replacement character itself', [0xef, 0xbf, 0xbd], '\ufffd', true],
  ['a byte that begins nothing', [0x61, 0xff], 'a\ufffd', false],
  ['a sequence that is cut', [0xe2, 0x96], '\ufffd', false],
  ['a surrogate', [0xed, 0xa0, 0x80], '\ufffd\ufffd\ufffd', false],
])('%s', (_what, bytes, text, valid) => {
  const array = Uint8Array.from(bytes);
  expect(decodeUtf8(array)).toBe(text);
  expect(isUtf8(array, text)).toBe(valid);
});
