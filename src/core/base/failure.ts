// Failures a user can see: made by named factories, carried with a code, worded as one sentence that says what to do.

export type FailureCode = 'cancelled' | 'not-found' | 'not-readable' | 'wrong-usage' | 'gone' | 'internal';

export class Failure extends Error {
  readonly code: FailureCode;

  constructor(code: FailureCode, message: string) {
    super(message);
    this.name = 'Failure';
    this.code = code;
  }
}

export const cancelled = (): Failure => new Failure('cancelled', 'Cancelled.');
export const notFound = (path: string): Failure =>
  new Failure('not-found', `${path} does not exist; check the path.`);
export const notReadable = (path: string, why: string): Failure =>
  new Failure('not-readable', `${path} cannot be read (${why}).`);
export const undecodable = (why: string): Failure =>
  new Failure('not-readable', `Its weights cannot be decoded: ${why}.`);
export const wrongUsage = (text: string): Failure => new Failure('wrong-usage', text);
export const gone = (what: string): Failure =>
  new Failure('gone', `${what} is no longer open; open it again.`);
export const internal = (text: string): Failure => new Failure('internal', text);

/** The sentence of any thrown value. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
