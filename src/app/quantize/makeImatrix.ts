// Makes an importance matrix of a model on a text: written beside the output, read by our own reader, then given its name.
import { NEVER_CANCELLED } from '../../core/base/cancel.ts';
import { cancelled, internal } from '../../core/base/failure.ts';
import type { Imatrix } from '../../core/formats/imatrix/imatrix.ts';
import { openModel } from '../../core/formats/openModel.ts';
import type { PartialOrder } from '../../protocol/quantize.ts';
import type { AbortSignal } from '../../protocol/rpc.ts';
import { checkedModel } from '../quality/checkedModel.ts';
import type { CheckedModel, DeviceSettings } from '../quality/engine.ts';
import { openImportance } from './importance.ts';
import type { OutputPlaces } from './outputPlace.ts';
import type { ImatrixNews, ImatrixResult, QuantizeEngine } from './quantizeEngine.ts';
import type { QuantizePorts } from './quantizeModel.ts';

export interface ImatrixOrder {
  /** Absolute paths. */
  readonly model: string;
  readonly output: string;
  readonly text: { readonly name: string; readonly content: string };
  readonly contextTokens: number;
  readonly chunkLimit: number | null;
  readonly device: DeviceSettings;
  readonly force: boolean;
  /** Where it is kept how far the run is, so that another can go on; null: nowhere. */
  readonly partial: PartialOrder | null;
}

export interface ImatrixPorts<Read extends { readonly tensorCount: number }> {
  readonly engine: Pick<QuantizeEngine, 'imatrix'>;
  readonly places: OutputPlaces;
  /** @throws Failure when llama.cpp must not open the model */
  readonly check: (model: string, signal: AbortSignal) => Promise<CheckedModel>;
  /** Reads what was made, as a file of anybody. @throws Failure when it is no importance matrix */
  readonly read: (path: string, signal: AbortSignal) => Promise<Read>;
  /** Removes what was kept of the run. Never throws. */
  readonly removePartial: (path: string) => void;
}

export interface CollectedImatrix<Read> {
  readonly output: string;
  readonly read: Read;
  readonly result: ImatrixResult;
}

const PART_NAME = 'imatrix.gguf';

/** @throws Failure; EngineFailure when llama.cpp refuses or dies */
export async function collectImatrix<Read extends { readonly tensorCount: number }>(
  { engine, places, check, read, removePartial }: ImatrixPorts<Read>,
  { model, output, text, contextTokens, chunkLimit, device, force, partial }: ImatrixOrder,
  tell: (news: ImatrixNews) => void,
  signal: AbortSignal,
): Promise<CollectedImatrix<Read>> {
  const checked = await check(model, signal);
  const place = places.reserve({ output, files: [output], sources: [model], force });
  try {
    const { folder } = place;
    const result = await engine.imatrix(
      {
        ...{ model: checked, text: text.content, textName: text.name, contextTokens, chunkLimit, device },
        ...{ output: { folder, fileName: PART_NAME }, partial },
      },
      tell,
      signal,
    );
    const made = await read(`${folder}/${PART_NAME}`, signal);
    if (made.tensorCount !== result.tensorCount)
      throw internal('The importance matrix is not what was computed, and was thrown away.');
    if (signal.aborted) throw cancelled();
    place.commit([[PART_NAME, output]]);
    if (partial !== null) removePartial(partial.path);
    return { output, read: made, result };
  } finally {
    place.discard();
  }
}

export interface MadeImatrix {
  readonly output: string;
  readonly imatrix: Imatrix;
  readonly result: ImatrixResult;
}

/** The same where waiting for a disk is allowed: in a terminal. @throws as collectImatrix does */
export async function makeImatrix(
  { files, engine, places, removePartial }: QuantizePorts & Pick<ImatrixPorts<never>, 'removePartial'>,
  order: ImatrixOrder,
  tell: (news: ImatrixNews) => void,
  signal: AbortSignal,
): Promise<MadeImatrix> {
  const ports = {
    ...{ engine, places, removePartial },
    async check(model: string): Promise<CheckedModel> {
      return files.withFolder(model, (folder, fileName) =>
        checkedModel(model, openModel(folder, fileName, NEVER_CANCELLED)),
      );
    },
    async read(path: string) {
      const imatrix = openImportance(files, path);
      return { imatrix, tensorCount: imatrix.entries.length };
    },
  };
  const { output, read, result } = await collectImatrix(ports, order, tell, signal);
  return { output, imatrix: read.imatrix, result };
}
