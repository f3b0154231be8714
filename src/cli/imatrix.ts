// quantscope imatrix: makes an importance matrix of a model on a text.
import { createHash } from 'node:crypto';
import { basename, resolve } from 'node:path';
import { DEFAULT_DEVICE } from '../app/quality/engine.ts';
import { DEFAULT_CONTEXT_TOKENS } from '../app/quality/measureChecked.ts';
import { filesOfModel, identityText, KEEP_EVERY_CHUNKS } from '../app/quantize/imatrixPartial.ts';
import { followImatrix } from '../app/quantize/imatrixProgress.ts';
import { type ImatrixOrder, makeImatrix, type MadeImatrix } from '../app/quantize/makeImatrix.ts';
import { wrongUsage } from '../core/base/failure.ts';
import { formatCount, formatDuration, plural } from '../core/base/units.ts';
import { visibleText } from '../core/base/visibleText.ts';
import type { EngineParts } from '../node/engineProcess.ts';
import { diskAccess } from '../node/fileSource.ts';
import { diskPlaces } from '../node/outputPlaces.ts';
import { PARTIAL_ENDING, partialHead, removePartial } from '../node/partialFiles.ts';
import { createQuantizeEngine } from '../node/quantizeProcess.ts';
import { readOptions, wholeNumber } from './options.ts';
import { deviceChoice } from './perplexity.ts';
import { deviceText } from './perplexityText.ts';
import { existing, textOf, withLog } from './quantize.ts';
import { EXIT, type Terminal } from './terminal.ts';

const NAMES = {
  values: ['--text', '-o', '--chunks', '--context', '--gpu', '--threads'],
  lists: [],
  switches: ['--resume', '--force', '--json'],
} as const;

/** @throws Failure */
export async function imatrix(
  args: readonly string[],
  terminal: Terminal,
  parts: EngineParts,
  signal: AbortSignal,
): Promise<number> {
  const { paths, values, switches } = readOptions('imatrix', args, ['MODEL'], NAMES);
  const [model = ''] = paths;
  const [text, output] = [values['--text'], values['-o']];
  if (text === undefined) throw wrongUsage('imatrix needs a text to read: --text FILE');
  if (output === undefined) throw wrongUsage('imatrix needs a file to write: -o OUT');
  const ports = {
    ...{ files: diskAccess, engine: createQuantizeEngine(parts), places: diskPlaces },
    removePartial,
  };
  const settings = {
    model: existing(model),
    output: resolve(output),
    text: { name: basename(text), content: textOf(existing(text)) },
    contextTokens: wholeNumber('--context', values['--context']) ?? DEFAULT_CONTEXT_TOKENS,
    chunkLimit: wholeNumber('--chunks', values['--chunks']),
    device: {
      ...DEFAULT_DEVICE,
      choice: deviceChoice(values['--gpu']),
      threads: wholeNumber('--threads', values['--threads']),
    },
    force: switches['--force'],
  };
  const order = { ...settings, partial: partialOf(settings, switches['--resume'], terminal) };
  const progress = followImatrix(settings.contextTokens, () => performance.now());
  const made = await withLog(terminal, () =>
    makeImatrix(ports, order, (news) => terminal.progress?.(progress(news).text), signal),
  ).catch((error: unknown) => {
    tellKept(order.partial, terminal);
    throw error;
  });
  for (const note of made.result.device.notes) terminal.error(`quantscope: ${visibleText(note)}\n`);
  terminal.out(switches['--json'] ? `${JSON.stringify(report(made), null, 2)}\n` : madeText(made));
  return EXIT.ok;
}

/** Beside the output, under a name that says what it is. */
function partialOf(
  { model, output, text, contextTokens, chunkLimit, device }: Omit<ImatrixOrder, 'partial'>,
  resume: boolean,
  terminal: Terminal,
): NonNullable<ImatrixOrder['partial']> {
  const path = `${output}${PARTIAL_ENDING}`;
  const identity = identityText({
    ...{ model, contextTokens, chunkLimit, device },
    stamp: diskAccess.stamp(model, filesOfModel(basename(model))),
    textSha256: createHash('sha256').update(text.content).digest('hex'),
  });
  const head = partialHead(path);
  if (resume && head !== null && head.identity !== identity)
    throw wrongUsage(
      `${path} was kept of a run with another model, text or settings; give the same, or leave out --resume to begin anew.`,
    );
  if (!resume && head !== null)
    terminal.error(
      `quantscope: begins anew; with --resume it would go on after chunk ${formatCount(head.chunksDone)} of ${formatCount(head.chunks)}\n`,
    );
  return { path, identity, everyChunks: KEEP_EVERY_CHUNKS, resume };
}

function tellKept({ path, identity }: NonNullable<ImatrixOrder['partial']>, terminal: Terminal): void {
  const head = partialHead(path);
  if (head?.identity !== identity) return;
  terminal.error(
    `quantscope: ${formatCount(head.chunksDone)} of ${formatCount(head.chunks)} chunks are kept in ${visibleText(path)}; --resume goes on after them\n`,
  );
}

function report({ output, imatrix: { entries }, result }: MadeImatrix): object {
  const { chunks, resumedFrom, contextTokens, seconds } = result;
  return {
    output,
    chunks,
    resumedFrom,
    contextTokens,
    seconds,
    tensors: entries.map(({ name, rowLength, counts }) => ({ name, rowLength, counts })),
  };
}

function madeText({ output, imatrix: { entries }, result }: MadeImatrix): string {
  const { chunks, contextTokens, seconds, device, engineVersion } = result;
  const unseen = entries.filter(({ counts }) => counts.includes(0));
  const lines = [
    `${visibleText(output)}: importance of ${plural(entries.length, 'tensor')}`,
    `${plural(chunks, 'chunk')} of ${formatCount(contextTokens)} · ${formatDuration(seconds)} · ${deviceText(device)} · ${engineVersion}`,
    ...unseen.map(
      ({ name, counts }) =>
        `${visibleText(name)}: ${formatCount(counts.filter((count) => count === 0).length)} of ${formatCount(counts.length)} experts never seen; use more text`,
    ),
  ];
  return `${lines.join('\n')}\n`;
}
