// What the user should know of a plan before it is carried out, worst first: what stops it, what it costs, what has no effect.
import { formatBits, formatBytes, plural } from '../../core/base/units.ts';
import { visibleText } from '../../core/base/visibleText.ts';
import type { WarningView } from '../../protocol/requantize.ts';
import type { DryRun } from '../quantize/dryRun.ts';
import type { OutputFacts } from '../quantize/outputPlace.ts';
import type { Recipe } from '../quantize/recipe.ts';
import type { SourceModel } from './sourceModels.ts';

export interface PlanToJudge {
  readonly source: Pick<SourceModel, 'reading' | 'totals'>;
  readonly recipe: Recipe;
  readonly run: Pick<DryRun, 'plan' | 'obstacles'>;
  readonly output: OutputFacts & { readonly fileName: string };
  /** Sentences about the options themselves. */
  readonly notes: readonly string[];
}

export function planWarnings(judged: PlanToJudge): WarningView[] {
  const { run, output, notes } = judged;
  const all = [
    ...run.obstacles
      .filter(({ kind }) => kind !== 'requantize')
      .map(({ kind, message }) =>
        stop(
          kind === 'imatrix' ? 'imatrix' : 'output',
          `${message}${kind === 'imatrix' ? GIVE_IMATRIX : ''}`,
        ),
      ),
    ...requantizing(judged),
    ...(output.why === null ? [] : [stop('output', visibleText(output.why))]),
    ...spaceFor(run.plan.fileBytes, output.freeBytes),
    ...(output.exists
      ? [
          note(
            'output',
            'warning',
            `${output.fileName} is there already: you are asked before it is replaced.`,
          ),
        ]
      : []),
    ...(/\.gguf$/i.test(output.fileName)
      ? []
      : [note('output', 'warning', 'The name does not end in .gguf, by which programs know such a file.')]),
    ...[...notes, ...run.plan.notes].map((text) => note('note', 'warning', text)),
  ];
  const rank = ({ severity, blocks }: WarningView): number => (blocks ? 0 : severity === 'warning' ? 1 : 2);
  return all.sort((a, b) => rank(a) - rank(b));
}

const GIVE_IMATRIX = ' Choose one of this model, or make one.';

const stop = (kind: WarningView['kind'], text: string): WarningView => ({
  ...{ kind, text, severity: 'error', blocks: true },
});
const note = (kind: WarningView['kind'], severity: 'warning' | 'info', text: string): WarningView => ({
  ...{ kind, text, severity, blocks: false },
});

/** Already quantized: what is lost stays lost, and the new type loses more. */
function requantizing({ source, recipe, run }: PlanToJudge): WarningView[] {
  const again = run.plan.tensors.filter(({ from, to }) => from !== to && from.kind !== 'float');
  if (again.length === 0) return [];
  const { typeName } = source.reading.source;
  const before = source.totals;
  const grows = run.plan.fileBytes >= before.fileBytes;
  const text =
    `The source is quantized already${typeName === '' ? '' : ` (${typeName})`}: quantizing ${plural(again.length, 'tensor')} again adds ` +
    'the error of the new types to the one that is in them, and what is predicted here is only the new one. ' +
    (grows
      ? `The file grows from ${formatBytes(before.fileBytes)} to ${formatBytes(run.plan.fileBytes)}, and nothing that was lost comes back. `
      : `From ${formatBits(before.bitsPerWeight)} to ${formatBits(run.plan.bitsPerWeight)} bits per weight it becomes worse than the same type made of the original. `) +
    'Take the original (F16, BF16 or F32) where you can.';
  return recipe.allowRequantize ? [note('requantize', 'warning', text)] : [stop('requantize', text)];
}

function spaceFor(neededBytes: number, freeBytes: number | null): WarningView[] {
  if (freeBytes === null || freeBytes >= neededBytes) return [];
  const text = `There is not enough space on the disk: ${formatBytes(neededBytes)} are to be written, and ${formatBytes(freeBytes)} are free.`;
  return [stop('disk', text)];
}
