// What a command of the terminal program speaks to, and how it ends.

/** Exit codes: 64 is EX_USAGE of BSD's sysexits, 130 what a shell gives a program that Ctrl+C ended. */
export const EXIT = { ok: 0, failed: 2, usage: 64, cancelled: 130 } as const;

export interface Terminal {
  out(text: string): void;
  error(text: string): void;
  /** Replaces the line of progress; '' takes it away. Only where somebody looks at stderr. */
  progress?(line: string): void;
}
