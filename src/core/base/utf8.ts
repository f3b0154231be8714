// Bytes as text. Short ASCII, which nearly every name and token is, does not pay for a decoder.

const LENIENT = new TextDecoder('utf-8', { ignoreBOM: true });
const STRICT = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });

/** Up to here building a string from its bytes is faster than a call of the decoder (measured in Node 20: about 3 times at 32 bytes). */
const SHORT = 64;

/** Invalid sequences become U+FFFD; `isUtf8` tells whether there were any. */
export function decodeUtf8(bytes: Uint8Array): string {
  if (bytes.length <= SHORT && isAscii(bytes))
    return String.fromCharCode.apply(null, bytes as unknown as number[]);
  return LENIENT.decode(bytes);
}

/** Are these bytes valid UTF-8? @param text what decodeUtf8 made of them */
export function isUtf8(bytes: Uint8Array, text: string): boolean {
  if (!text.includes('\ufffd')) return true;
  try {
    STRICT.decode(bytes);
    return true; // the character U+FFFD itself stands in the text
  } catch {
    return false; // this is how a strict decoder answers
  }
}

function isAscii(bytes: Uint8Array): boolean {
  let bits = 0;
  for (const byte of bytes) bits |= byte;
  return bits < 0x80;
}
