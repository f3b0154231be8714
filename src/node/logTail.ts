// The last lines that a program wrote, and the one among them that says why it failed.

export interface LogTail {
  /** Text as it arrives: lines may be cut anywhere. */
  add(text: string): void;
  lines(): readonly string[];
  /** The last line that sounds like a reason; null when none does. */
  cause(): string | null;
}

const MAX_LINES = 200;
/** A line without an end would grow for ever. */
const MAX_LINE = 4000;

const REASON =
  /GGML_ASSERT|\babort|\berror\b|\bfailed\b|\bfailure\b|exception|invalid|unknown|unsupported|not support|terminate|out of memory/i;
/** Lines that sound like a reason and are only what follows from one. */
const CONSEQUENCE =
  /^(common_|llama_)?(init_from_model|model_load(_from_file_impl)?|llama_model_load_from_file\w*): failed to load model/;

export function createLogTail(): LogTail {
  const lines: string[] = [];
  let rest = '';
  const kept = (): string[] => (rest === '' ? lines : [...lines, rest]);
  return {
    add(text) {
      const [first = '', ...more] = text.split(/\r?\n/);
      rest = `${rest}${first}`.slice(0, MAX_LINE);
      for (const line of more) {
        if (rest !== '') lines.push(rest);
        rest = line.slice(0, MAX_LINE);
      }
      lines.splice(0, lines.length - MAX_LINES);
    },
    lines: () => [...kept()],
    cause: () => kept().findLast((line) => REASON.test(line) && !CONSEQUENCE.test(line)) ?? null,
  };
}
