// Bytes as text, and whether they were any.

const LENIENT = new TextDecoder('utf-8', { ignoreBOM: true });
const STRICT = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });

/** Invalid sequences become U+FFFD; `isUtf8` tells whether there were any. */
export function decodeUtf8(bytes: Uint8Array): string {
  return LENIENT.decode(bytes);
}

export const encodeUtf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

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
