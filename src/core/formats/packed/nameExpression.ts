// Regular expressions of configurations, matched by walking all ways at once: what a backtracking matcher does with the pattern of a
// stranger can take ages. Steps are counted, so that many patterns and many names have an end, too.

/** Steps that may still be taken; shared by all patterns of a configuration. */
export interface Budget {
  steps: number;
}

interface Instruction {
  /** Takes such a character, and goes on behind itself. */
  readonly takes: Takes | null;
  /** Goes on only there. */
  readonly isAt: 'begin' | 'end' | null;
  /** Where it goes on without taking anything, counted from itself; 0: nowhere. */
  readonly first: number;
  readonly second: number;
}
/** Behind its last instruction the expression has matched. */
type Program = readonly Instruction[];
type Takes = (code: number) => boolean;

const takes = (test: Takes): Instruction => ({ takes: test, isAt: null, first: 0, second: 0 });
const goes = (first: number, second = 0): Instruction => ({ takes: null, isAt: null, first, second });
const isAt = (place: 'begin' | 'end'): Instruction => ({ takes: null, isAt: place, first: 1, second: 0 });

/** Instructions; counted repetitions are written out. */
const MAX_INSTRUCTIONS = 1000;
/** Places that are set to nothing in the time of a step. */
const PLACES_PER_STEP = 64;

/**
 * A test of the beginning of a text, as Python's re.match does it; null for a pattern that is not understood (look-around, back
 * references, flags), or that repeats more than can be written out. Without steps left the test answers false.
 */
export function nameExpression(pattern: string, budget: Budget): ((text: string) => boolean) | null {
  const program = parse(pattern);
  return program === null ? null : (text) => matches(program, text, budget);
}

function matches(program: Program, text: string, budget: Budget): boolean {
  if ((budget.steps -= Math.ceil(program.length / PLACES_PER_STEP)) < 0) return false;
  const reached = new Int32Array(program.length + 1).fill(-1);
  let [places, next] = [new Int32Array(program.length + 1), new Int32Array(program.length + 1)];
  let count = 1; // the first instruction
  for (let at = 0; count > 0; at++) {
    // All places that are reached without taking a character: the list grows while it is walked.
    let taken = 0;
    const code = text.charCodeAt(at); // NaN at the end
    for (let index = 0; index < count; index++) {
      const place = places[index] ?? 0;
      const instruction = program[place];
      if (instruction === undefined) return true;
      if (budget.steps-- <= 0) return false;
      if (instruction.takes !== null) {
        if (instruction.takes(code) && at < text.length) next[taken++] = place + 1;
        continue;
      }
      if (instruction.isAt !== null && at !== (instruction.isAt === 'begin' ? 0 : text.length)) continue;
      const [first, second] = [place + instruction.first, place + instruction.second];
      if (reached[first] !== at) {
        reached[first] = at;
        places[count++] = first;
      }
      if (instruction.second !== 0 && reached[second] !== at) {
        reached[second] = at;
        places[count++] = second;
      }
    }
    [places, next] = [next, places];
    count = taken;
    for (let index = 0; index < count; index++) reached[places[index] ?? 0] = at + 1;
  }
  return false;
}

/** What a reader of a pattern stops with. */
class NotUnderstood extends Error {}

function parse(pattern: string): Program | null {
  const reader = { pattern, at: 0 };
  try {
    const program = alternatives(reader);
    return reader.at === pattern.length ? program : null;
  } catch (error) {
    if (error instanceof NotUnderstood) return null;
    throw error;
  }
}

interface Reader {
  readonly pattern: string;
  at: number;
}

/** Goes past a piece of text if it comes next. */
function skip(reader: Reader, text: string): boolean {
  const isNext = reader.pattern.startsWith(text, reader.at);
  if (isNext) reader.at += text.length;
  return isNext;
}

function alternatives(reader: Reader): Program {
  let program = sequence(reader);
  while (skip(reader, '|')) {
    const other = sequence(reader);
    program = [goes(1, program.length + 2), ...program, goes(other.length + 1), ...other];
  }
  return bounded(program);
}

function sequence(reader: Reader): Program {
  const program: Instruction[] = [];
  while (reader.at < reader.pattern.length && !'|)'.includes(reader.pattern[reader.at] ?? ''))
    program.push(...repeated(atom(reader), reader));
  return bounded(program);
}

function atom(reader: Reader): Program {
  if (skip(reader, '^') || skip(reader, '\\A')) return [isAt('begin')];
  if (skip(reader, '$') || skip(reader, '\\Z')) return [isAt('end')];
  if (skip(reader, '.')) return [takes((code) => code !== NEW_LINE)];
  if (skip(reader, '[')) return [takes(characterClass(reader))];
  if (skip(reader, '(')) {
    if (!skip(reader, '?:') && reader.pattern[reader.at] === '?') throw new NotUnderstood();
    const inside = alternatives(reader);
    if (!skip(reader, ')')) throw new NotUnderstood();
    return inside;
  }
  if ('*+?{'.includes(reader.pattern[reader.at] ?? '')) throw new NotUnderstood();
  return [takes(character(reader))];
}

/** Behind an atom: "*", "+", "?", "{2}", "{2,}", "{2,5}", and a "?" that only says which match is wanted. */
function repeated(program: Program, reader: Reader): Program {
  const [text, , least, comma, most] =
    /^(?:([*+?])|\{(\d{1,4})(?:(,)(\d{1,4})?)?\})/.exec(reader.pattern.slice(reader.at)) ?? [];
  if (text === undefined) return program;
  reader.at += text.length;
  skip(reader, '?');
  if ('*+?{'.includes(reader.pattern[reader.at] ?? ' ')) throw new NotUnderstood();
  const from = least === undefined ? (text === '+' ? 1 : 0) : Number(least);
  const isOpen = text === '*' || text === '+' || (comma !== undefined && most === undefined);
  const to = isOpen ? from : text === '?' ? 1 : Number(most ?? least);
  if (to < from || program.length * to > MAX_INSTRUCTIONS) throw new NotUnderstood();
  const often = Array.from({ length: from }, () => program).flat();
  const { length } = program;
  if (isOpen) return [...often, goes(1, length + 2), ...program, goes(-length - 1)];
  const perhaps: Program = [goes(1, length + 1), ...program];
  return [...often, ...Array.from({ length: to - from }, () => perhaps).flat()];
}

/** A character, or one of a kind. */
function character(reader: Reader): Takes {
  if (!skip(reader, '\\')) {
    const own = reader.pattern.charCodeAt(reader.at++);
    return (code) => code === own;
  }
  const escaped = reader.pattern[reader.at++] ?? '';
  const kind = KINDS[escaped.toLowerCase()];
  if (kind !== undefined) return escaped === escaped.toLowerCase() ? kind : (code) => !kind(code);
  if (escaped === '' || /[0-9A-Za-z]/.test(escaped)) throw new NotUnderstood();
  return (code) => code === escaped.charCodeAt(0);
}

/** Behind its "[". */
function characterClass(reader: Reader): Takes {
  const isOther = skip(reader, '^');
  const kinds: Takes[] = [];
  do {
    if (reader.at >= reader.pattern.length) throw new NotUnderstood();
    const [text, first, last] = /^([^\\])-([^\]\\])/.exec(reader.pattern.slice(reader.at)) ?? [];
    if (text === undefined || first === undefined || last === undefined) kinds.push(character(reader));
    else {
      reader.at += text.length;
      kinds.push((code) => code >= first.charCodeAt(0) && code <= last.charCodeAt(0));
    }
  } while (!skip(reader, ']'));
  return (code) => kinds.some((takes) => takes(code)) !== isOther;
}

const NEW_LINE = 10;
const isDigit: Takes = (code) => code >= 48 && code <= 57;
const KINDS: Readonly<Partial<Record<string, Takes>>> = {
  d: isDigit,
  w: (code) => isDigit(code) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 95,
  s: (code) => code === 32 || (code >= 9 && code <= 13),
};

function bounded(program: Program): Program {
  if (program.length > MAX_INSTRUCTIONS) throw new NotUnderstood();
  return program;
}
