// What the services of all pages answer in the same way.
import type { AbortSignal } from '../protocol/rpc.ts';

/** The answer of an ask that is done when the work is. */
export async function nothing(work: Promise<unknown> | void): Promise<null> {
  await work;
  return null;
}

type Copy = (argument: { readonly text: string; readonly more: boolean }) => Promise<null>;

/** Puts a text on the clipboard, which may come in parts: it can be too long for one message. */
export function copyInParts(copy: (text: string) => Promise<void>): Copy {
  const parts: string[] = [];
  return async ({ text, more }) => {
    parts.push(text);
    if (!more) await copy(parts.splice(0).join(''));
    return null;
  };
}

/** Of work that goes on when the ask that began it is over. */
export const NEVER_ABORTED: AbortSignal = {
  aborted: false,
  addEventListener: () => undefined,
  removeEventListener: () => undefined,
};
