// quantscope perplexity: how well a model predicts a text, alone or against the model it was made of.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { DEFAULT_DEVICE, DEVICE_CHOICES, type DeviceChoice, EngineFailure } from '../app/quality/engine.ts';
import { DEFAULT_CONTEXT_TOKENS } from '../app/quality/measureChecked.ts';
import { measureQuality, type QualityOrder } from '../app/quality/measureQuality.ts';
import { qualityReport } from '../app/quality/qualityReport.ts';
import { messageOf, notReadable, wrongUsage } from '../core/base/failure.ts';
import { visibleText } from '../core/base/visibleText.ts';
import { createEngine, type EngineParts } from '../node/engineProcess.ts';
import { diskAccess } from '../node/fileSource.ts';
import { readArguments } from './arguments.ts';
import { openPath } from './openPath.ts';
import { wholeNumber } from './options.ts';
import { measurementText, progressLine } from './perplexityText.ts';
import { EXIT, type Terminal } from './terminal.ts';

const OPTIONS = ['--text', '--context', '--chunks', '--base', '--gpu', '--threads'] as const;

/**
 * @throws Failure
 */
export async function perplexity(
  args: readonly string[],
  terminal: Terminal,
  parts: EngineParts,
  signal: AbortSignal,
): Promise<number> {
  const { path, json, options } = readArguments('perplexity', args, OPTIONS);
  const text = options['--text'];
  if (text === undefined) throw wrongUsage('perplexity needs a text to read: --text FILE');
  const order: QualityOrder = {
    model: openPath(path).absolute,
    base: options['--base'] === undefined ? null : openPath(options['--base']).absolute,
    text: { name: basename(text), content: textOf(text) },
    contextTokens: wholeNumber('--context', options['--context']) ?? DEFAULT_CONTEXT_TOKENS,
    chunkLimit: wholeNumber('--chunks', options['--chunks']),
    device: {
      ...DEFAULT_DEVICE,
      choice: deviceChoice(options['--gpu']),
      threads: wholeNumber('--threads', options['--threads']),
    },
  };
  const sha256 = (content: string): string => createHash('sha256').update(content).digest('hex');
  const progress = progressLine();
  try {
    const measurement = await measureQuality(
      { files: diskAccess, engine: createEngine(parts), sha256 },
      order,
      (news) => terminal.progress?.(progress(news)),
      signal,
    );
    terminal.progress?.('');
    terminal.out(
      json ? `${JSON.stringify(qualityReport(measurement), null, 2)}\n` : measurementText(measurement),
    );
    return EXIT.ok;
  } catch (error) {
    terminal.progress?.('');
    if (!(error instanceof EngineFailure)) throw error;
    for (const line of error.log.slice(-LOG_LINES)) terminal.error(`  ${visibleText(line)}\n`);
    throw error;
  }
}

/** Lines of llama.cpp's log that stand before the reason of a failure. */
const LOG_LINES = 10;

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw notReadable(path, messageOf(error));
  }
}

/** @throws Failure wrong-usage */
export function deviceChoice(text: string | undefined): DeviceChoice {
  const choice = DEVICE_CHOICES.find((name) => name === (text ?? 'auto'));
  if (choice === undefined) throw wrongUsage(`--gpu takes ${DEVICE_CHOICES.join(', ')}, not "${text}"`);
  return choice;
}
