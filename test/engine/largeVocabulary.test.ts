// A vocabulary of 152,064 tokens: logits of one chunk would fill 311 MB, so they are computed and scored in parts.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_DEVICE } from '../../src/app/quality/engine.ts';
import { createEngine, type EngineParts } from '../../src/node/engineProcess.ts';
import { buildEngine, ENGINE_MISSING } from '../support/engine.ts';
import { textOfCharacters, writeLanguageModel } from '../support/languageModel.ts';
import { LARGE_VOCABULARY } from './reference.ts';

const VOCABULARY = 152_064;
/** Of the whole process: some 60 MB of Node, the model, 192 MiB of logits and as much to compute them, 32 MiB to score them. */
const MAX_RESIDENT_MB = 750;
let folder = '';
let parts: EngineParts;

beforeAll(async () => {
  if (ENGINE_MISSING !== null) return;
  folder = mkdtempSync(join(tmpdir(), 'quantscope-large-'));
  parts = await buildEngine(folder);
  writeLanguageModel(join(folder, 'large.gguf'), VOCABULARY, 5);
  // The engine, which also writes how much memory it took.
  const watch = `setInterval(() => require('node:fs').appendFileSync(${JSON.stringify(join(folder, 'memory'))}, process.resourceUsage().maxRSS + ' '), 50);`;
  writeFileSync(join(folder, 'watched.js'), `${watch} require('./engine.js');`);
}, 240_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.skipIf(ENGINE_MISSING !== null)('a large vocabulary', () => {
  it('is measured in parts, with the same result and bounded memory', async () => {
    const result = await createEngine({ ...parts, engineProgram: join(folder, 'watched.js') }).measure(
      {
        model: { path: join(folder, 'large.gguf'), tensorBytes: 2e7, layers: 2 },
        base: null,
        text: textOfCharacters(2100, VOCABULARY, 6),
        contextTokens: 1024,
        chunkLimit: null,
        device: { ...DEFAULT_DEVICE, choice: 'off', threads: 1, extraBuffers: false },
        passes: 'one',
        worstTokenLimit: 0,
      },
      () => undefined,
      new AbortController().signal,
    );
    const { perplexity, standardError } = LARGE_VOCABULARY;
    expect(result.score.tokensScored).toBe(2 * 511);
    expect(Math.abs(result.score.perplexity / perplexity - 1)).toBeLessThan(1e-4);
    expect(Math.abs((result.score.standardError ?? NaN) / standardError - 1)).toBeLessThan(1e-3);
    const residentMegabytes =
      Math.max(...readFileSync(join(folder, 'memory'), 'utf8').split(' ').map(Number)) / 1024;
    expect(residentMegabytes).toBeGreaterThan(100);
    expect(residentMegabytes).toBeLessThan(MAX_RESIDENT_MB);
  });
});
