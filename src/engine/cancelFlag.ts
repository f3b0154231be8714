// A cancel that native code hears while it computes, without asking this program: a byte it looks at.
//
// llama.cpp calls a function before every operation and stops when that answers true. A function of ours would have to hop
// to this thread hundreds of times a second; instead it is given strlen of the C library, and the byte as its text: of
// "\0" the length is 0, which is false, and of "\1\0" it is 1.
import type { Llama } from './llama.ts';
import type { Pointer } from './structs.ts';

export interface CancelFlag {
  readonly address: Pointer;
  set(): void;
  isSet(): boolean;
}

export function createCancelFlag(llama: Llama): CancelFlag {
  // More than a few bytes, so that V8 does not keep them in its heap, where they would move.
  const bytes = new Uint8Array(new ArrayBuffer(256));
  return {
    address: llama.addressOf(bytes),
    set: () => void (bytes[0] = 1),
    isSet: () => bytes[0] === 1,
  };
}
