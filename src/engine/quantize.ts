// Quantizes a model, or only decides how: one call of llama.cpp's, which hears of nothing while it works. It is cancelled by
// ending the process.
import { readdirSync, statSync, writeSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../core/base/failure.ts';
import { shorten, visibleText } from '../core/base/visibleText.ts';
import type { QuantizeJob, QuantizeNews, QuantizeResult, TensorDecision } from '../protocol/quantize.ts';
import { readImportance } from './importance.ts';
import { loadLibraries } from './libraries.ts';
import { bindLlama, LlamaFailure } from './llama.ts';
import { createQuantizeLog, type QuantizeLog } from './quantizeLog.ts';
import { bindQuantize, layOutParameters, lowerCase } from './quantizeStructs.ts';

export interface RunningQuantize {
  readonly result: Promise<QuantizeResult>;
  cancel(): void;
}

const TELL_MILLISECONDS = 100;

/** @param end ends this process at once, with what it wrote @throws Failure when llama.cpp cannot be loaded */
export function startQuantize(
  job: QuantizeJob,
  tell: (news: QuantizeNews) => void,
  end: () => void,
): RunningQuantize {
  return { result: run(job, tell), cancel: end };
}

async function run(job: QuantizeJob, tell: (news: QuantizeNews) => void): Promise<QuantizeResult> {
  const libraries = loadLibraries(job.engineFolders);
  const llama = bindLlama(libraries);
  const { defaults, run: quantize, onLog } = bindQuantize(libraries.koffi, libraries.llama);
  const log = createQuantizeLog((tensor) => tell({ kind: 'tensor', ...tensor }));
  onLog((text) => {
    log.add(text);
    repeat(text);
  });
  const importance = job.importance === null ? [] : readImportance(job.importance);
  const threads = job.threads ?? availableParallelism();
  const parameters = layOutParameters(llama, defaults(), job, threads, importance);
  // Windows opens what is written by a name in its code page: a short ASCII one, where we stand.
  const { output } = job;
  if (output !== null) process.chdir(output.folder);
  const watch = setInterval(() => {
    if (output !== null) tell({ kind: 'written', bytes: bytesIn(output.folder) });
  }, TELL_MILLISECONDS);
  const start = performance.now();
  try {
    const code = await quantize(job.source, output?.fileName ?? '', parameters);
    if (code !== 0) throw whyNot(log);
    const seconds = (performance.now() - start) / 1000;
    const decisions = output === null ? decisionsOf(job, log) : [];
    return { decisions, seconds, engineVersion: `llama.cpp ${llama.version}` };
  } finally {
    clearInterval(watch);
  }
}

/** To whoever started this process, at once: the next call may end it. */
function repeat(text: string): void {
  try {
    writeSync(2, text);
  } catch {
    // Nobody reads it as fast as it comes; what matters is in the log that is kept here.
  }
}

const whyNot = ({ failure }: QuantizeLog): Failure =>
  failure === null
    ? new LlamaFailure('not-readable', 'llama.cpp did not quantize the model')
    : new Failure(
        'not-readable',
        `llama.cpp did not quantize the model: ${shorten(visibleText(failure.trim()), MAX_CAUSE)}`,
      );

/** It quotes names from the model: a stranger's text. */
const MAX_CAUSE = 300;

function bytesIn(folder: string): number {
  const written = readdirSync(folder).filter((name) => name.endsWith('.gguf'));
  return written.reduce(
    (sum, name) => sum + (statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
}

function decisionsOf({ tensorTypes }: QuantizeJob, { decided, fallbacks }: QuantizeLog): TensorDecision[] {
  const patterns = tensorTypes.map(({ pattern }) => expressionOf(lowerCase(pattern)));
  return decided.map(({ name, from, to }) => {
    const rule = patterns.findIndex((pattern) => pattern?.test(name) ?? false);
    return { name, from, to, rule: rule < 0 ? null : rule, fellBackFrom: fallbacks.get(name) ?? null };
  });
}

/** std::regex knows forms that JavaScript does not: which rule it was is then not told. */
function expressionOf(pattern: string): RegExp | null {
  try {
    return new RegExp(pattern);
  } catch {
    return null;
  }
}
