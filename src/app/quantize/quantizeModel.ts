// Quantizes a model: checks the source, plans, writes beside the output, reads that with our own reader, and only then gives it
// its name. Whatever happens, the source stays as it is and nothing unfinished is left.
import { NEVER_CANCELLED } from '../../core/base/cancel.ts';
import { cancelled, Failure, internal } from '../../core/base/failure.ts';
import { formatBytes } from '../../core/base/units.ts';
import { visibleText } from '../../core/base/visibleText.ts';
import { openModel } from '../../core/formats/openModel.ts';
import type { AbortSignal } from '../../protocol/rpc.ts';
import { totalsOf } from '../present/totals.ts';
import { dryRun, type DryRun, filesOf, type PlanPorts, type QuantizeOrder, shardName } from './dryRun.ts';
import type { OutputPlace, OutputPlaces } from './outputPlace.ts';
import type { QuantizePlan } from './plan.ts';
import type { QuantizeNews } from './quantizeEngine.ts';

export type { QuantizeOrder } from './dryRun.ts';

export interface QuantizePorts extends PlanPorts {
  readonly places: OutputPlaces;
}

export interface Quantized {
  /** Of the first file. */
  readonly output: string;
  /** As it was planned; after a run, as the output has it. */
  readonly plan: QuantizePlan;
  readonly seconds: number;
  readonly engineVersion: string;
}

/** What every tensor would become; nothing is written. @throws Failure; EngineFailure when llama.cpp refuses or dies */
export async function planQuantization(
  ports: PlanPorts,
  order: QuantizeOrder,
  signal: AbortSignal,
): Promise<Quantized> {
  const { plan, engineVersion, seconds, finals } = await prepare(ports, order, signal);
  return { output: finals[0] ?? order.output, plan, seconds, engineVersion };
}

/** @throws Failure; EngineFailure when llama.cpp refuses or dies */
export async function quantizeModel(
  ports: QuantizePorts,
  order: QuantizeOrder,
  tell: (news: QuantizeNews, plan: QuantizePlan) => void,
  signal: AbortSignal,
): Promise<Quantized> {
  const prepared = await prepare(ports, order, signal);
  const { plan, request, finals, model } = prepared;
  const { recipe } = order;
  const place = ports.places.reserve({
    output: order.output,
    files: finals,
    sources: [...filesOf(order.source, model), ...(recipe.imatrix === null ? [] : [recipe.imatrix])],
    force: order.force,
  });
  try {
    checkSpace(place, plan, 0);
    const { folder } = place;
    const output = { folder, fileName: recipe.keepSplit ? PART_STEM : `${PART_STEM}.gguf` };
    let written = 0;
    const { seconds, engineVersion } = await ports.engine
      .quantize(
        { ...request, output },
        (news) => {
          if (news.kind === 'written') written = news.bytes;
          tell(news, plan);
        },
        signal,
      )
      .catch((error: unknown) => {
        // llama.cpp only says that a write failed.
        if (!signal.aborted) checkSpace(place, plan, written);
        throw error;
      });
    const parts = finals.map((_path, index) =>
      recipe.keepSplit ? shardName(PART_STEM, index, finals.length) : `${PART_STEM}.gguf`,
    );
    const checked = checkOutput(place, parts[0] ?? '', plan);
    if (signal.aborted) throw cancelled();
    place.commit(finals.map((path, index) => [parts[index] ?? '', path]));
    return { output: finals[0] ?? order.output, plan: { ...plan, ...checked }, seconds, engineVersion };
  } finally {
    place.discard();
  }
}

/** ASCII, whatever the output is called: llama.cpp writes it. */
const PART_STEM = 'model';

/** @throws what stands in the way, too */
async function prepare(ports: PlanPorts, order: QuantizeOrder, signal: AbortSignal): Promise<DryRun> {
  const prepared = await dryRun(ports, order, signal);
  const [first] = prepared.obstacles;
  if (first !== undefined) throw first;
  return prepared;
}

/** @throws Failure when what is still to be written does not fit */
function checkSpace(place: OutputPlace, { fileBytes }: QuantizePlan, writtenBytes: number): void {
  const free = place.freeBytes();
  const needed = fileBytes - writtenBytes;
  if (free === null || free >= needed) return;
  const all = writtenBytes === 0 ? '' : ` of ${formatBytes(fileBytes)}`;
  throw new Failure(
    'not-readable',
    `There is not enough space on the disk: ${formatBytes(needed)}${all} are still to be written, and ${formatBytes(free)} are free.`,
  );
}

/** Our own reader's opinion of what llama.cpp wrote. @throws Failure internal when it is not what was planned */
function checkOutput(
  place: OutputPlace,
  name: string,
  plan: QuantizePlan,
): Pick<QuantizePlan, 'fileBytes' | 'tensorBytes' | 'bitsPerWeight'> {
  const { model, problems } = place.files.withFolder(`${place.folder}/${name}`, (folder, fileName) =>
    openModel(folder, fileName, NEVER_CANCELLED),
  );
  const worst = problems.find(({ severity }) => severity === 'error');
  if (model === null || worst !== undefined)
    throw internal(
      `What llama.cpp wrote is damaged, and was thrown away: ${worst?.text ?? 'nothing can be read.'}`,
    );
  const found = new Map(model.tensors.map((tensor) => [tensor.name, tensor]));
  const wrong = plan.tensors.find((planned) => {
    const tensor = found.get(planned.name);
    return (
      tensor?.state !== 'whole' || tensor.scheme !== planned.to || tensor.byteLength !== planned.bytesAfter
    );
  });
  if (wrong !== undefined || found.size !== plan.tensors.length)
    throw internal(
      `What llama.cpp wrote is not what it planned${wrong === undefined ? '' : ` (${visibleText(wrong.name)})`}, and was thrown away.`,
    );
  const { fileBytes, tensorBytes, bitsPerWeight } = totalsOf(model);
  return { fileBytes, tensorBytes, bitsPerWeight: bitsPerWeight ?? plan.bitsPerWeight };
}
