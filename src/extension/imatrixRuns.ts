// An importance matrix in the making, seen from VS Code: a notification with a cancel button, and one at the end with what comes next.
import { basename } from 'node:path';
import * as vscode from 'vscode';
import type { ModelReader } from '../app/ports.ts';
import { EngineFailure } from '../app/quality/engine.ts';
import { followImatrix } from '../app/quantize/imatrixProgress.ts';
import { collectImatrix, type CollectedImatrix, type ImatrixOrder } from '../app/quantize/makeImatrix.ts';
import type { QuantizeEngine } from '../app/quantize/quantizeEngine.ts';
import { Failure, messageOf, wrongUsage } from '../core/base/failure.ts';
import { formatCount, formatDuration, plural } from '../core/base/units.ts';
import { diskPlaces } from '../node/outputPlaces.ts';
import { removePartial } from '../node/partialFiles.ts';
import type { ThreadImatrix } from '../node/threadImatrix.ts';
import type { ImatrixView } from '../protocol/imatrixView.ts';
import type { AbortSignal } from '../protocol/rpc.ts';
import { IMATRIX_COMMANDS, REQUANTIZE_COMMANDS, VIEW_TYPES } from './ids.ts';
import { createUnfinishedRuns } from './unfinished.ts';

export interface RunServices {
  readonly engine: Pick<QuantizeEngine, 'imatrix'>;
  readonly reader: ModelReader;
  readonly imatrixReader: ThreadImatrix;
  readonly log: vscode.LogOutputChannel;
  /** Of the workspace. */
  readonly memory: vscode.Memento;
}

export interface ImatrixRuns extends vscode.Disposable {
  /** @throws Failure while one is being made: it has the whole machine */
  checkFree(): void;
  /** Settles when the user has answered what comes next. Never rejects for what the run suffers: that is told. */
  run(order: ImatrixOrder): Promise<void>;
}

export function createImatrixRuns({ engine, reader, imatrixReader, log, memory }: RunServices): ImatrixRuns {
  const unfinished = createUnfinishedRuns(memory, {
    key: 'quantscope.imatrix.unfinished',
    advice: 'Made again with the same text, it goes on from what it had kept.',
    button: 'Make Importance Matrix…',
    follow: (model) =>
      void vscode.commands.executeCommand(IMATRIX_COMMANDS.makeImatrix, vscode.Uri.file(model)), // it tells what fails
  });
  let isDisposed = false;
  let running: { readonly model: string; readonly abort: AbortController } | null = null;
  const ports = {
    ...{ engine, places: diskPlaces, removePartial },
    async check(model: string, signal: AbortSignal) {
      const { checked, unfit } = await reader.measurable(model, signal);
      if (checked === null) throw new Failure('not-readable', unfit ?? '');
      return checked;
    },
    async read(path: string, signal: AbortSignal): Promise<ImatrixView> {
      const snapshot = await imatrixReader.open(path, signal);
      if (snapshot.kind === 'imatrix') return snapshot;
      throw new Failure(
        'not-readable',
        snapshot.problems[0]?.text ?? 'The importance matrix cannot be read.',
      );
    },
  };
  const collect = (order: ImatrixOrder, abort: AbortController) => {
    const follow = followImatrix(order.contextTokens, () => performance.now());
    const options = {
      location: vscode.ProgressLocation.Notification,
      title: `Importance matrix of ${basename(order.model)}`,
      cancellable: true,
    };
    return vscode.window.withProgress(options, (progress, token) => {
      token.onCancellationRequested(() => abort.abort());
      let percent = 0;
      progress.report({ message: 'checking the model' });
      return collectImatrix(
        ports,
        order,
        (news) => {
          const { text, share } = follow(news);
          progress.report({ increment: Math.max(0, share * 100 - percent), message: text });
          percent = Math.max(percent, share * 100);
        },
        abort.signal,
      );
    });
  };
  const checkFree = (): void => {
    if (running !== null)
      throw wrongUsage(
        `The importance matrix of ${basename(running.model)} is being made; wait for it, or cancel it.`,
      );
  };
  const run = async (order: ImatrixOrder): Promise<void> => {
    checkFree();
    const abort = new AbortController();
    running = { model: order.model, abort };
    unfinished.note([{ source: order.model, output: order.output }]);
    let next: () => Promise<void>;
    try {
      const made = await collect(order, abort);
      log.info(doneText(made));
      next = () => tellDone(order, made);
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== 'cancelled') {
        log.error(error instanceof Error ? error : String(error));
        if (error instanceof EngineFailure) for (const line of error.log) log.info(`  ${line}`);
      }
      next = () => tellEnded(order, error);
    } finally {
      running = null;
      if (!isDisposed) unfinished.note([]);
    }
    if (!isDisposed) await next();
  };
  const tellEnded = async (order: ImatrixOrder, error: unknown): Promise<void> => {
    const { partial } = order;
    const head =
      partial === null ? null : await imatrixReader.partial(partial.path, new AbortController().signal);
    const isKept = partial !== null && head?.identity === partial.identity && head.chunksDone > 0;
    const isCancelled = error instanceof Failure && error.code === 'cancelled';
    const kept = isKept
      ? ` ${formatCount(head.chunksDone)} of ${formatCount(head.chunks)} chunks are kept.`
      : '';
    const goOn = 'Go On';
    const buttons = isKept ? [goOn] : [];
    const answer = isCancelled
      ? await vscode.window.showInformationMessage(
          `The importance matrix of ${basename(order.model)} was cancelled.${kept}`,
          ...buttons,
        )
      : await vscode.window.showErrorMessage(`${messageOf(error)}${kept}`, ...buttons);
    if (answer === goOn && partial !== null) await run({ ...order, partial: { ...partial, resume: true } });
  };
  return {
    ...{ checkFree, run },
    dispose() {
      isDisposed = true; // what runs stays noted as unfinished
      running?.abort.abort();
    },
  };
}

function doneText({ output, read, result }: CollectedImatrix<ImatrixView>): string {
  const { tensorCount, expertCount, unseenCount, noteCount } = read;
  const experts =
    unseenCount === 0
      ? ''
      : ` ${formatCount(unseenCount)} of ${formatCount(expertCount)} experts never met a token.`;
  const warnings = unseenCount > 0 || noteCount === 0 ? '' : ` ${plural(noteCount, 'warning')}.`;
  const from =
    result.resumedFrom === 0 ? '' : `, the first ${formatCount(result.resumedFrom)} of an earlier run`;
  return `${basename(output)}: importance of ${plural(tensorCount, 'tensor')} from ${plural(result.chunks, 'chunk')}${from}, in ${formatDuration(result.seconds)}.${experts}${warnings}`;
}

async function tellDone(order: ImatrixOrder, made: CollectedImatrix<ImatrixView>): Promise<void> {
  const [open, requantize] = ['Open', 'Re-quantize…'];
  const text = doneText(made);
  const answer =
    made.read.noteCount > 0
      ? await vscode.window.showWarningMessage(text, open, requantize)
      : await vscode.window.showInformationMessage(text, open, requantize);
  if (answer === open)
    await vscode.commands.executeCommand('vscode.openWith', vscode.Uri.file(made.output), VIEW_TYPES.model);
  else if (answer === requantize)
    await vscode.commands.executeCommand(REQUANTIZE_COMMANDS.requantize, vscode.Uri.file(order.model));
}
