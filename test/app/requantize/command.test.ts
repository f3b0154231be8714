// The llama-quantize command of a recipe: read back as the tool reads it, out of real shells, it says the same recipe. That the tool
// then makes the same bytes is what reference.ts holds, whose commands it was given.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commandText, quantizeCommand, type Shell } from '../../../src/app/requantize/command.ts';
import { EMPTY_RECIPE, type Recipe } from '../../../src/app/quantize/recipe.ts';
import type { MetadataOverride } from '../../../src/protocol/quantize.ts';
import { REFERENCE_RUNS } from '../../quantize/reference.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'quantscope-command-'));
  writeFileSync(join(folder, 'llama-quantize'), `#!/bin/sh\nprintf '%s\\0' "$@"\n`, { mode: 0o755 });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Order {
  readonly recipe: Recipe;
  readonly source: string;
  readonly output: string;
}

/** What llama-quantize (tools/quantize/quantize.cpp) understands; types in capitals, patterns in small letters, as it has them. */
function orderOf(words: readonly string[]): Order {
  const options: Record<string, unknown>[] = [];
  const rest = [...words];
  const value = (): string => rest.shift()!;
  const halves = (text: string): [string, string] => [
    text.slice(0, text.indexOf('=')),
    text.slice(text.indexOf('=') + 1),
  ];
  const read: Readonly<Record<string, () => Partial<Recipe>>> = {
    '--allow-requantize': () => ({ allowRequantize: true }),
    '--leave-output-tensor': () => ({ leaveOutput: true }),
    '--pure': () => ({ pure: true }),
    '--keep-split': () => ({ keepSplit: true }),
    '--imatrix': () => ({ imatrix: value() }),
    '--output-tensor-type': () => ({ outputType: value().toUpperCase() }),
    '--token-embedding-type': () => ({ embeddingType: value().toUpperCase() }),
    '--prune-layers': () => ({ pruneLayers: value().split(',').map(Number) }),
  };
  const tensorTypes: Recipe['tensorTypes'][number][] = [];
  const metadata: MetadataOverride[] = [];
  while (rest[0]?.startsWith('--') === true) {
    const option = value();
    if (option === '--tensor-type') {
      const [pattern, type] = halves(value());
      tensorTypes.push({ pattern: pattern.toLowerCase(), type: type.toUpperCase() });
    } else if (option === '--override-kv') metadata.push(override(...halves(value())));
    else options.push(read[option]!());
  }
  const [source = '', output = '', type = '', ...more] = rest;
  expect(more).toEqual([]);
  const recipe = Object.assign({ ...EMPTY_RECIPE, type }, ...options) as Recipe;
  return { recipe: { ...recipe, tensorTypes, metadata }, source, output };
}

function override(key: string, typed: string): MetadataOverride {
  const [, type, text = ''] = /^(\w+):(.*)$/s.exec(typed)!;
  if (type === 'bool') return { key, type, value: text === 'true' };
  if (type === 'str') return { key, type, value: text };
  return { key, type: type as 'int' | 'float', value: Number(text) };
}

/** As the tool compares it. */
const compared = (recipe: Recipe): Recipe => ({
  ...recipe,
  tensorTypes: recipe.tensorTypes.map(({ pattern, type }) => ({
    pattern: pattern.toLowerCase(),
    type: type.toUpperCase(),
  })),
});

/** What a shell makes of a command: the words that the program is given. */
const WORDS: Readonly<Record<Shell, (command: string) => string[]>> = {
  posix: (command) =>
    execFileSync('sh', ['-c', command], { env: { PATH: `${folder}:${process.env['PATH']}` } })
      .toString()
      .split('\0')
      .slice(0, -1),
  /** About_Quoting_Rules: any of five signs quotes, doubled it stands for itself; the backtick at its end goes on with a line. */
  powershell(command) {
    const words = command
      .replaceAll('`\n', '')
      .match(/(?:['‘’‚‛](?:[^'‘’‚‛]|['‘’‚‛]{2})*['‘’‚‛]|[^\s'‘’‚‛])+/gu)!;
    expect(words.filter((word) => /^[^'‘’‚‛].*[`$@,;(){}|&<>"#]/.test(word))).toEqual([]); // they mean something unquoted
    return words
      .slice(1)
      .map((word) => word.replace(/^['‘’‚‛]|['‘’‚‛]$/g, '').replace(/(['‘’‚‛])['‘’‚‛]/g, '$1'));
  },
};

const EVERYTHING: Recipe = {
  ...{ type: 'IQ4_XS', imatrix: '/m/a b.imatrix.gguf', outputType: 'Q8_0', embeddingType: 'Q6_K' },
  tensorTypes: [
    { pattern: String.raw`^blk\.(0|1)\.ffn_down\.weight$`, type: 'Q8_0' },
    { pattern: String.raw`attn_[qk]\.(w|b)`, type: 'MXFP4' },
  ],
  ...{ pure: true, keepSplit: true, allowRequantize: true, leaveOutput: true, pruneLayers: [1, 2, 10] },
  metadata: [
    { key: 'general.name', type: 'str', value: `It's "a" = $HOME \`b\` \\n ‘c’, !d #e\n%F% ~` },
    { key: 'a.float', type: 'float', value: 1e-7 },
    { key: 'a.whole', type: 'float', value: 20000 },
    { key: 'a.int', type: 'int', value: 42 },
    { key: 'a.bool', type: 'bool', value: false },
  ],
};

const wordsOf = (shell: Shell, { recipe, source, output }: Order): string[] =>
  WORDS[shell](commandText(quantizeCommand(recipe, { source, output }, shell), shell));

describe('the llama-quantize command', () => {
  it.each(REFERENCE_RUNS)('of what "$command" makes is the same', ({ command, recipe }) => {
    const theirs = command.split(' ');
    const words = [...theirs.slice(0, -1), 'in.gguf', 'out.gguf', theirs.at(-1)!];
    const order = { recipe, source: 'in.gguf', output: 'out.gguf' };
    expect(orderOf(words)).toEqual({ ...order, recipe: compared(recipe) });
    expect(orderOf(wordsOf('posix', order))).toEqual(orderOf(words));
  });

  it.each([
    ['posix', '/models/a b/it\'s "F16" $x;é.gguf', '/-q/`out` *&|<>(1).gguf'],
    ['posix', '/models/new\nline.gguf', '/models/!#~%\\.gguf'],
    [
      'powershell',
      String.raw`C:\Models\a b\it's (1) $x;é.gguf`,
      String.raw`\\server\share\‘out’ & @{},%PATH%.gguf`,
    ],
    ['powershell', String.raw`D:\plain.gguf`, String.raw`D:\1,2.gguf`],
  ] as const)('says everything in %s: %j to %j', (shell, source, output) =>
    expect(orderOf(wordsOf(shell, { recipe: EVERYTHING, source, output }))).toEqual({
      ...{ source, output },
      recipe: compared(EVERYTHING),
    }),
  );

  it.each([
    ['attn_\\S+', 'attn_[^\\s]+'],
    ['\\d\\D\\W\\\\S', '\\d[^\\d][^\\w]\\\\s'],
    ['\\[\\S[\\]\\S]', '\\[[^\\s][\\]\\s]'], // inside of brackets there is no other way
    ['a=b[=]\\=', 'a\\x3db[\\x3d]\\x3d'],
  ])('says the pattern %s as the tool reads it', (pattern, read) => {
    const recipe = { ...EMPTY_RECIPE, type: 'Q4_0', tensorTypes: [{ pattern, type: 'Q8_0' }] };
    const words = wordsOf('posix', { recipe, source: '/in.gguf', output: '/out.gguf' });
    expect(orderOf(words).recipe.tensorTypes).toEqual([{ pattern: read, type: 'Q8_0' }]);
  });
});
