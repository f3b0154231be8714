// What stands where an answer of the host will be: nothing at first, then that it takes its time, then the answer or why there is none.
import type { ComponentChildren } from 'preact';
import type { Answer } from '../../shared/answer.ts';
import { Notice } from './notices.tsx';

interface Props<T> {
  readonly answer: Answer<T>;
  readonly waiting: string;
  readonly children: (value: T) => ComponentChildren;
}

export function Answered<T>({ answer, waiting, children }: Props<T>) {
  if (answer.kind === 'here') return <>{children(answer.value)}</>;
  if (answer.kind === 'waiting') return answer.isSlow ? <p class="muted">{waiting}</p> : null;
  return <Notice icon="error" text={answer.text} />;
}
