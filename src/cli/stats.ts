// quantscope stats: the numbers in every tensor, one after the other, in this process.
import { attemptAnalysis } from '../app/analysis/attempt.ts';
import { tensorStatsView, unavailableStats } from '../app/present/tensorStatsView.ts';
import { statsCells } from '../app/present/statsCells.ts';
import { statsReport } from '../app/present/statsReport.ts';
import { tableOrder } from '../app/present/tableOrder.ts';
import { Failure } from '../core/base/failure.ts';
import { formatBytes, formatCount } from '../core/base/units.ts';
import { visibleText } from '../core/base/visibleText.ts';
import type { Model, Tensor } from '../core/formats/model.ts';
import { loadKernel } from '../node/diskAnalyzer.ts';
import { diskAccess } from '../node/fileSource.ts';
import { readArguments } from './arguments.ts';
import { openPath, whyUnreadable } from './openPath.ts';
import { table } from './table.ts';
import { EXIT, type Terminal } from './terminal.ts';

export function stats(args: readonly string[], terminal: Terminal, kernelFile: string): number {
  const { path, json, options } = readArguments('stats', args, ['--tensor']);
  const { absolute, opened } = openPath(path);
  const { model } = opened;
  if (model === null) throw new Failure('not-readable', `${path}: ${whyUnreadable(opened)}`);
  const tensors = chosen(model, options['--tensor']);
  if (tensors.length === 0 && options['--tensor'] !== undefined)
    throw new Failure('not-found', `${path} has no tensor "${options['--tensor']}"; inspect lists them.`);

  const kernel = loadKernel(kernelFile);
  const tell = progressOf(terminal, tensors);
  const views = tensors.map((tensor) => {
    const start = Date.now();
    const steps = attemptAnalysis(diskAccess, absolute, model, tensor, () => kernel);
    for (;;) {
      const step = steps.next();
      if (step.done !== true) tell(tensor, step.value);
      else if (typeof step.value === 'string') return unavailableStats(tensor, step.value);
      else return tensorStatsView(step.value, Date.now() - start);
    }
  });
  terminal.progress?.('');
  terminal.out(json ? statsReport(views) : lines(table(statsCells(views), [true, true])));
  const unavailable = views.filter((view) => view.unavailable !== null);
  if (!json && unavailable.length > 0)
    terminal.out(lines(['', ...unavailable.map((view) => `${view.name}: ${view.unavailable}`)]));
  return EXIT.ok;
}

const lines = (texts: readonly string[]): string => `${texts.join('\n')}\n`;

/** In the order of the table; all of them when no name is given. */
function chosen(model: Model, name: string | undefined): Tensor[] {
  const tensors = tableOrder(model).rows.map(({ tensor }) => tensor);
  if (name === undefined) return tensors;
  return tensors.filter((tensor) => tensor.name === name || visibleText(tensor.name) === name);
}

const TELL_MILLISECONDS = 100;

/** Tells the bytes done of all, now and then. */
function progressOf(terminal: Terminal, tensors: readonly Tensor[]) {
  const start = Date.now();
  const total = tensors.reduce((sum, { byteLength }) => sum + (byteLength ?? 0), 0);
  let told = 0;
  let before = 0; // bytes of the tensors before this one
  let current: Tensor | undefined;
  return (tensor: Tensor, bytesOfTensor: number): void => {
    if (current !== undefined && current !== tensor) before += current.byteLength ?? 0;
    current = tensor;
    const now = Date.now();
    if (terminal.progress === undefined || now - told < TELL_MILLISECONDS) return;
    told = now;
    const done = before + bytesOfTensor;
    const perSecond = formatBytes(Math.round((done / Math.max(1, now - start)) * 1000));
    const percent = formatCount(Math.floor((100 * done) / total));
    terminal.progress(`${percent} % of ${formatBytes(total)} · ${perSecond}/s · ${visibleText(tensor.name)}`);
  };
}
