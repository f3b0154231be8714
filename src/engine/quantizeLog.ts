// What llama_model_quantize says while it works. It has no other way to tell how far it is, or what it decides: its messages of
// v0.4.0 (src/llama-quant.cpp), which come in pieces of lines.

export interface QuantizeLog {
  add(text: string): void;
  readonly fallbacks: ReadonlyMap<string, string>;
  /** Tensors of a dry run, in their order. */
  readonly decided: readonly Decided[];
  /** Why it failed, in its words; null when it did not say. */
  readonly failure: string | null;
}

export interface Decided {
  readonly name: string;
  readonly from: string;
  readonly to: string;
}

export interface CurrentTensor {
  readonly index: number;
  readonly count: number;
  readonly name: string;
  readonly from: string;
  readonly to: string | null;
}

/** "[  12/  39] blk.0.attn_q.weight - [  256,   256,     1,     1], type =    f16, " */
const TENSOR = /^\[ *(\d+)\/ *(\d+)\] (.*?) *- \[[ \d,]+\], type = *(\S+), /;
/** "converting to q4_K .. " */
const CONVERTING = /converting to (\S+) \.\. /;
/** "size =     2.00 MiB ->     0.56 MiB (q4_K)": only a dry run names the type here. */
const PLANNED = /size = *[\d.]+ MiB -> *[\d.]+ MiB \((\S+)\)$/;
/** "size =    0.001 MiB" */
const KEPT = /size = *[\d.]+ MiB$/;
/** "warning: NAME - ncols 172 not divisible by 256 (required for type q4_K) -> falling back to q5_0" */
const FALLBACK = /^warning: (.*?) *- ncols *\d+ not divisible by *\d+ \(required for type *(\S+)\)/;
const FAILED = /failed to quantize: (.*)$/;

/** Pieces of a line without an end would grow for ever. */
const MAX_LINE = 4000;

export function createQuantizeLog(tell: (tensor: CurrentTensor) => void): QuantizeLog {
  const fallbacks = new Map<string, string>();
  const decided: Decided[] = [];
  let failure: string | null = null;
  let line = '';
  let current: CurrentTensor | null = null;

  const look = (): void => {
    const [, index, count, name = '', from = ''] = TENSOR.exec(line) ?? [];
    if (index !== undefined && Number(index) !== current?.index) {
      current = { index: Number(index), count: Number(count), name, from, to: null };
      tell(current);
    }
    const to = CONVERTING.exec(line)?.[1];
    if (to === undefined || current === null || current.to === to) return;
    current = { ...current, to };
    tell(current);
  };
  const finish = (): void => {
    look();
    const [, short = '', meant] = FALLBACK.exec(line) ?? [];
    if (meant !== undefined) fallbacks.set(short, meant);
    failure = FAILED.exec(line)?.[1] ?? failure;
    const to = PLANNED.exec(line)?.[1] ?? (KEPT.test(line) ? current?.from : undefined);
    if (current !== null && TENSOR.test(line) && to !== undefined)
      decided.push({ name: current.name, from: current.from, to });
  };
  return {
    fallbacks,
    decided,
    get failure() {
      return failure;
    },
    add(text) {
      const [first = '', ...more] = text.split('\n');
      line = `${line}${first}`.slice(0, MAX_LINE);
      for (const next of more) {
        finish();
        line = next.slice(0, MAX_LINE);
      }
      look();
    },
  };
}
