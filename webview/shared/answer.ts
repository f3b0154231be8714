// One answer of the host that follows what is selected: the newest ask counts, the one before is called off.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { messageOf } from '../../src/core/base/failure.ts';

export type Answer<T> =
  | { readonly kind: 'waiting'; /** Long enough to say so. */ readonly isSlow: boolean }
  | { readonly kind: 'here'; readonly value: T }
  | { readonly kind: 'failed'; readonly text: string };

/** Before that, what was shown stays: numbers that come at once must not flicker. */
const SLOW_AFTER_MS = 150;

/** @param causes what the answer depends on; it is asked for anew when one of them changes. */
export function useAnswer<T>(
  ask: (signal: AbortSignal) => Promise<T>,
  causes: readonly unknown[],
): { readonly answer: Answer<T>; readonly isCurrent: boolean } {
  const answer = useSignal<Answer<T>>({ kind: 'waiting', isSlow: false });
  const isCurrent = useSignal(false);
  useEffect(() => {
    const running = new AbortController();
    isCurrent.value = false;
    const timer = setTimeout(() => (answer.value = { kind: 'waiting', isSlow: true }), SLOW_AFTER_MS);
    const settle = (settled: Answer<T>): void => {
      if (running.signal.aborted) return;
      clearTimeout(timer);
      answer.value = settled;
      isCurrent.value = true;
    };
    ask(running.signal).then(
      (value) => settle({ kind: 'here', value }),
      (error: unknown) => settle({ kind: 'failed', text: messageOf(error) }),
    );
    return () => {
      clearTimeout(timer);
      running.abort();
    };
  }, causes);
  return { answer: answer.value, isCurrent: isCurrent.value };
}
