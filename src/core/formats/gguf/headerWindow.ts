// Reads a GGUF header from front to back through one moving window: little memory, and few bytes beyond the header.
import { NEVER_CANCELLED, type CancelSignal } from '../../base/cancel.ts';
import { cancelled } from '../../base/failure.ts';
import type { ProblemCode } from '../../base/problem.ts';
import { formatBytes, formatCount } from '../../base/units.ts';
import { decodeUtf8, isUtf8 } from '../../base/utf8.ts';
import type { ByteSource } from '../byteSource.ts';
import { MAX_ALL_TEXT_BYTES, MAX_HEADER_BYTES } from './limits.ts';

/** What a number of a GGUF header needs to be read. */
export interface Encoding {
  readonly endianness: 'little' | 'big';
  /** 1: counts, lengths and dimensions have 32 bits. From 2 on they have 64. */
  readonly version: number;
}

/** Where reading cannot go on. Thrown by the window, caught once by its owner; what was read before it stands. */
export class HeaderDamage extends Error {
  readonly code: ProblemCode;
  readonly byteOffset: number;

  constructor(code: ProblemCode, byteOffset: number, message: string) {
    super(message);
    this.code = code;
    this.byteOffset = byteOffset;
  }
}

/** The first read is small, for models without vocabulary; each further one doubles up to the last size. */
const FIRST_READ_BYTES = 64 * 1024;
const LARGEST_READ_BYTES = 1024 * 1024;

const WORD = 2 ** 32;
/** Upper halves of 64-bit numbers from this on are beyond 2^53. */
const EXACT_UPPER_HALF = 2 ** 21;

export class HeaderWindow {
  /** Position in the file of what is read next. */
  position = 0;
  /** Where reading must end: the end of the file, or of what is believed of a header. */
  readonly limit: number;
  /** Bytes of a count, a length or a dimension. */
  readonly sizeBytes: 4 | 8;
  readonly #source: ByteSource;
  readonly #signal: CancelSignal;
  readonly #little: boolean;
  #bytes = new Uint8Array(0);
  #view = new DataView(this.#bytes.buffer);
  /** The bytes of the file that the view holds. */
  #begin = 0;
  #end = 0;
  #readBytes = FIRST_READ_BYTES;
  #textBytes = 0;

  constructor(source: ByteSource, encoding: Encoding, signal: CancelSignal = NEVER_CANCELLED) {
    this.#source = source;
    this.#signal = signal;
    this.#little = encoding.endianness === 'little';
    this.sizeBytes = encoding.version === 1 ? 4 : 8;
    this.limit = Math.min(source.size, MAX_HEADER_BYTES);
  }

  uint32(): number {
    const at = this.#take(4);
    return this.#view.getUint32(at, this.#little);
  }

  /** Exact: a bigint only beyond 2^53. */
  uint64(): number | bigint {
    const at = this.#take(8);
    const upper = this.#view.getUint32(this.#little ? at + 4 : at, this.#little);
    if (upper >= EXACT_UPPER_HALF) return this.#view.getBigUint64(at, this.#little);
    return upper * WORD + this.#view.getUint32(this.#little ? at : at + 4, this.#little);
  }

  /** A count, a length or a dimension: 32 bits in version 1, 64 from version 2 on. */
  size(): number | bigint {
    return this.sizeBytes === 8 ? this.uint64() : this.uint32();
  }

  /** A number of fixed size, read by a DataView: (view, at, little) => view.getFloat32(at, little). */
  number<T>(bytes: number, read: (view: DataView, at: number, little: boolean) => T): T {
    const at = this.#take(bytes);
    return read(this.#view, at, this.#little);
  }

  /** Text of the header itself. @param onInvalid called when it is not UTF-8; the invalid bytes have become U+FFFD */
  text(byteLength: number, onInvalid: () => void): string {
    this.#textBytes += byteLength;
    if (this.#textBytes > MAX_ALL_TEXT_BYTES) {
      const text = `The texts of the header have more than ${formatBytes(MAX_ALL_TEXT_BYTES)}; reading stops here.`;
      throw new HeaderDamage('header-too-large', this.position, text);
    }
    const at = this.#take(byteLength);
    const bytes = this.#bytes.subarray(at, at + byteLength);
    const text = decodeUtf8(bytes);
    if (!isUtf8(bytes, text)) onInvalid();
    return text;
  }

  /** Text of an item that is shown and forgotten: it does not count among the texts of the header. */
  itemText(byteLength: number): string {
    const at = this.#take(byteLength);
    return decodeUtf8(this.#bytes.subarray(at, at + byteLength));
  }

  /** Passes over bytes without reading them. */
  skip(bytes: number): void {
    this.require(bytes, 'what follows', 'header-truncated');
    this.position += bytes;
  }

  /** Passes over `count` strings by their lengths. @param what names their owner */
  skipStrings(count: number, what: string): void {
    const { sizeBytes } = this;
    const little = this.#little;
    for (let left = count; left > 0;) {
      this.require(sizeBytes, what, 'header-truncated');
      if (this.position < this.#begin || this.position + sizeBytes > this.#end) this.#fill(sizeBytes);
      const view = this.#view;
      const lastAt = this.#end - this.#begin - sizeBytes;
      let at = this.position - this.#begin;
      let stringAt = at;
      // The loop over what lies in the window. A length may lead beyond it: the window then moves there without reading
      // what is between.
      while (left > 0 && at <= lastAt) {
        stringAt = at;
        if (sizeBytes === 8) {
          const upper = view.getUint32(little ? at + 4 : at, little);
          at += view.getUint32(little ? at : at + 4, little) + upper * WORD + 8;
        } else at += view.getUint32(at, little) + 4;
        left -= 1;
      }
      this.position = this.#begin + at;
      if (this.position <= this.limit) continue;
      this.position = this.#begin + stringAt;
      const length = at - stringAt - sizeBytes;
      this.require(
        length + sizeBytes,
        `String ${formatCount(count - left)} of ${what}`,
        'gguf-array-invalid',
      );
    }
  }

  /**
   * Are there so many bytes left? What can never fit is damage of its own kind, what could is a file that ends too early.
   * @param what begins the sentence that says how much it would need
   * @throws HeaderDamage
   */
  require(bytes: number | bigint, what: string, impossible: ProblemCode): void {
    const left = this.limit - this.position;
    if (bytes <= left) return;
    const needs = `${what} needs ${formatCount(bytes)} bytes from byte ${formatCount(this.position)} on`;
    if (bytes > MAX_HEADER_BYTES)
      throw new HeaderDamage(impossible, this.position, `${needs}; there are only ${formatCount(left)}.`);
    throw this.limit < this.#source.size
      ? new HeaderDamage(
          'header-too-large',
          this.position,
          `The header goes on beyond ${formatBytes(MAX_HEADER_BYTES)}; reading stops here.`,
        )
      : new HeaderDamage(
          'header-truncated',
          this.position,
          `The file ends inside the header: ${needs}, and the file has ${formatCount(this.limit)}. Is the download complete?`,
        );
  }

  /** Makes `bytes` bytes readable, passes over them and returns where they begin in the view. */
  #take(bytes: number): number {
    const end = this.position + bytes;
    if (end > this.#end || this.position < this.#begin) {
      if (end > this.limit) this.require(bytes, 'The next value', 'header-truncated');
      this.#fill(bytes);
    }
    this.position = end;
    return end - bytes - this.#begin;
  }

  /** Moves the window to the position, so that it holds the next `bytes` bytes, which lie before the limit. */
  #fill(bytes: number): void {
    if (this.#signal.aborted) throw cancelled();
    const wanted = Math.min(Math.max(bytes, this.#readBytes), this.limit - this.position);
    this.#readBytes = Math.min(this.#readBytes * 2, LARGEST_READ_BYTES);
    if (this.#bytes.length < wanted) {
      this.#bytes = new Uint8Array(wanted);
      this.#view = new DataView(this.#bytes.buffer);
    }
    const read = this.#source.read(this.position, this.#bytes.subarray(0, wanted));
    this.#begin = this.position;
    this.#end = this.position + read;
    if (read < bytes)
      throw new HeaderDamage(
        'header-truncated',
        this.#end,
        `The file became shorter while it was read: it ends after ${formatCount(this.#end)} bytes.`,
      );
  }
}
