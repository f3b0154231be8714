// quantscope imatrix: makes an importance matrix of a model on a text.
import { readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { DEFAULT_DEVICE } from '../app/quality/engine.ts';
import { DEFAULT_CONTEXT_TOKENS } from '../app/quality/measureChecked.ts';
import { makeImatrix, type MadeImatrix } from '../app/quantize/makeImatrix.ts';
import type { ImatrixNews } from '../app/quantize/quantizeEngine.ts';
import { wrongUsage } from '../core/base/failure.ts';
import { formatCount, formatDuration, formatFixed, plural } from '../core/base/units.ts';
import { visibleText } from '../core/base/visibleText.ts';
import type { EngineParts } from '../node/engineProcess.ts';
import { diskAccess } from '../node/fileSource.ts';
import { diskPlaces } from '../node/outputPlaces.ts';
import { createQuantizeEngine } from '../node/quantizeProcess.ts';
import { readOptions, wholeNumber } from './options.ts';
import { deviceChoice } from './perplexity.ts';
import { deviceText } from './perplexityText.ts';
import { existing, withLog } from './quantize.ts';
import { EXIT, type Terminal } from './terminal.ts';

const NAMES = {
  values: ['--text', '-o', '--chunks', '--context', '--gpu', '--threads'],
  lists: [],
  switches: ['--force', '--json'],
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
  const ports = { files: diskAccess, engine: createQuantizeEngine(parts), places: diskPlaces };
  const order = {
    model: existing(model),
    output: resolve(output),
    text: { name: basename(text), content: readFileSync(existing(text), 'utf8') },
    contextTokens: wholeNumber('--context', values['--context']) ?? DEFAULT_CONTEXT_TOKENS,
    chunkLimit: wholeNumber('--chunks', values['--chunks']),
    device: {
      ...DEFAULT_DEVICE,
      choice: deviceChoice(values['--gpu']),
      threads: wholeNumber('--threads', values['--threads']),
    },
    force: switches['--force'],
  };
  const progress = imatrixProgress();
  const made = await withLog(terminal, () =>
    makeImatrix(ports, order, (news) => terminal.progress?.(progress(news)), signal),
  );
  for (const note of made.result.device.notes) terminal.error(`quantscope: ${visibleText(note)}\n`);
  terminal.out(switches['--json'] ? `${JSON.stringify(report(made), null, 2)}\n` : textOf(made));
  return EXIT.ok;
}

function report({ output, imatrix: { entries }, result }: MadeImatrix): object {
  const { chunks, contextTokens, seconds } = result;
  return {
    output,
    chunks,
    contextTokens,
    seconds,
    tensors: entries.map(({ name, rowLength, counts }) => ({ name, rowLength, counts })),
  };
}

function textOf({ output, imatrix: { entries }, result }: MadeImatrix): string {
  const { chunks, contextTokens, seconds, device, engineVersion } = result;
  const unseen = entries.filter(({ counts }) => counts.includes(0));
  const lines = [
    `${visibleText(output)}: importance of ${plural(entries.length, 'tensor')}`,
    `${formatCount(chunks)} chunks of ${formatCount(contextTokens)} · ${formatDuration(seconds)} · ${deviceText(device)} · ${engineVersion}`,
    ...unseen.map(
      ({ name, counts }) =>
        `${visibleText(name)}: ${formatCount(counts.filter((count) => count === 0).length)} of ${formatCount(counts.length)} experts never seen; use more text`,
    ),
  ];
  return `${lines.join('\n')}\n`;
}

function imatrixProgress(): (news: ImatrixNews) => string {
  let start = 0;
  return (news) => {
    if (news.kind === 'loading') return `loading the model · ${formatFixed(news.share * 100, 0)} %`;
    if (news.kind === 'reading') {
      start = performance.now();
      return `${deviceText(news.device)} · ${formatCount(news.chunks)} chunks`;
    }
    const { done, chunks } = news;
    const left = ((performance.now() - start) / 1000 / done) * (chunks - done);
    return `${formatCount(done)} of ${formatCount(chunks)} chunks · ${formatDuration(left)} left`;
  };
}
